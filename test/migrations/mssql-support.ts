import { onTestFinished } from 'vitest'
import type { MssqlSettings } from '../../src/config/database-url.js'
import { listMigrations } from '../../src/database/migration-list.js'
import { createTestDatabase, openPool, type TestDatabase } from '../support/mssql.js'
import { type Item, predecessorRow } from './predecessor.js'

/** In ms. A stand-in that has one lock on migrations for all databases lets other files' tests hold it for minutes. */
export const PATIENCE = 300_000

/** An empty database that is gone after the test. */
export async function newDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  return database
}

/** A database as the Python tool left it: its tables, its rows, no history. */
export async function newPredecessor(...items: Item[]): Promise<TestDatabase> {
  const database = await newDatabase()
  const [{ statements } = { statements: [] }] = await listMigrations('mssql')
  // Without its indexes: a stand-in that gives indexes other names would not find them again.
  for (const statement of statements.filter((text) => text.includes('CREATE TABLE'))) {
    await database.query(statement)
  }
  for (const item of items) {
    const row = predecessorRow(item)
    const columns = Object.keys(row).filter((column) => row[column] !== undefined)
    await database.query(
      `INSERT INTO dbo.cdr_records (ingestion_timestamp, ${columns.join(', ')})
       VALUES ('2026-01-15T08:00:00', ${columns.map((_, index) => `@p${index}`).join(', ')})`,
      ...columns.map((column) => row[column])
    )
  }
  return database
}

export interface ScriptRun {
  /** What PRINT and RAISERROR said, and errors. */
  said: string[]
  errors: string[]
}

/**
 * A stand-in whose COL_LENGTH spoils the rest of a batch gets the same from sys.columns. Where a migration runs each
 * statement as a batch of its own, that does no harm.
 */
function withoutColLength(script: string): string {
  return script.replace(
    /COL_LENGTH\(N''(.*?)'', N''(.*?)''\)/g,
    "(SELECT max_length FROM sys.columns WHERE object_id = OBJECT_ID(N''$1'') AND name = N''$2'')"
  )
}

/** As sqlcmd without -b runs a script: batch by batch over one connection, on and on whatever fails. */
export async function runScript(settings: MssqlSettings, script: string): Promise<ScriptRun> {
  const pool = await openPool(settings, { pool: { min: 1, max: 1 } })
  const run: ScriptRun = { said: [], errors: [] }
  try {
    for (const batch of withoutColLength(script).split(/^GO$/m)) {
      const request = pool.request()
      request.on('info', ({ message }: { message: string }) => run.said.push(message.trim()))
      await request.batch(batch).catch((error: Error) => run.errors.push(error.message))
    }
    return run
  } finally {
    await pool.close()
  }
}

/** What the catalog says of all tables and views. A stand-in that numbers the names of defaults is excused the numbers. */
export async function catalogOf({ query }: TestDatabase) {
  const columns = await query<{ default_name: string | null }>(`
    SELECT t.name AS table_name, c.column_id, c.name, y.name AS type, c.max_length, c.precision, c.scale,
           c.is_nullable, c.is_identity, c.collation_name, d.name AS default_name, d.definition
    FROM sys.tables AS t
    JOIN sys.columns AS c ON c.object_id = t.object_id
    JOIN sys.types AS y ON y.user_type_id = c.user_type_id
    LEFT JOIN sys.default_constraints AS d
      ON d.parent_object_id = c.object_id AND d.parent_column_id = c.column_id
    WHERE t.name LIKE 'cdr%'
    ORDER BY t.name, c.column_id
  `)
  const indexes = await query(`
    SELECT t.name AS table_name, i.name, i.is_unique, i.is_primary_key, i.is_unique_constraint, i.type_desc,
           x.key_ordinal, x.is_included_column, c.name AS column_name
    FROM sys.tables AS t
    JOIN sys.indexes AS i ON i.object_id = t.object_id
    JOIN sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
    JOIN sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
    WHERE t.name LIKE 'cdr%'
    ORDER BY t.name, i.name, x.key_ordinal, c.name
  `)
  const constraints = await query(`
    SELECT t.name AS table_name, k.name, k.type
    FROM sys.key_constraints AS k JOIN sys.tables AS t ON t.object_id = k.parent_object_id
    WHERE t.name LIKE 'cdr%'
    ORDER BY t.name, k.name
  `)
  const views = await query(`
    SELECT v.name, OBJECT_DEFINITION(v.object_id) AS definition FROM sys.views AS v WHERE v.name LIKE 'cdr%' ORDER BY v.name
  `)
  for (const column of columns) column.default_name = column.default_name?.replace(/_\d+$/, '_#') ?? null
  return { columns, indexes, constraints, views }
}

export async function appliedNames({ query }: TestDatabase): Promise<string[]> {
  const rows = await query<{ name: string }>('SELECT name FROM dbo.cdr_migrations ORDER BY id')
  return rows.map(({ name }) => name)
}
