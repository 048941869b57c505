import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataSource } from 'typeorm'
import { afterEach } from 'vitest'
import { ReadableNamingStrategy } from '../../src/database/naming-strategy.js'
import { chooseDialect } from '../../src/entities/dialect.js'
import { migrations } from '../../src/migrations/sqlite/index.js'

chooseDialect('sqlite')
const entities = Object.values(await import('../../src/entities/index.js'))

export type Row = Record<string, unknown>

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** The path of a SQLite file that does not exist yet and is gone after the test. */
export function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'))
  cleanups.push(() => rmSync(folder, { recursive: true }))
  return join(folder, 'test.db')
}

/** Opens the file with the migrations up to, but not including, the one of this name. */
export async function open(file: string, before?: string): Promise<DataSource> {
  const end = before ? migrations.findIndex((migration) => migration.name.startsWith(before)) : undefined
  if (end === -1) throw new Error(`no migration is called ${before}`)
  const dataSource = new DataSource({
    type: 'better-sqlite3',
    database: file,
    entities,
    migrations: migrations.slice(0, end),
    migrationsTransactionMode: 'each',
    namingStrategy: new ReadableNamingStrategy()
  })
  cleanups.push(() => dataSource.isInitialized && dataSource.destroy())
  return dataSource.initialize()
}

/** Runs the migrations before the one of this name, or all; returns the names of those that were run. */
export async function migrate(file: string, before?: string): Promise<string[]> {
  const dataSource = await open(file, before)
  try {
    return (await dataSource.runMigrations()).map(({ name }) => name)
  } finally {
    await dataSource.destroy()
  }
}

/** Does something with the file's database and closes it. */
export async function using<T>(file: string, action: (dataSource: DataSource) => Promise<T>): Promise<T> {
  const dataSource = await open(file)
  try {
    return await action(dataSource)
  } finally {
    await dataSource.destroy()
  }
}

export function rowsOf(file: string, table = 'cdr_records'): Promise<Row[]> {
  return using(file, (dataSource) => dataSource.query<Row[]>(`SELECT * FROM "${table}" ORDER BY "id"`))
}

/** What TypeORM would change to make the file's schema equal the entities. */
export function schemaDiff(file: string): Promise<string[]> {
  return using(file, async (dataSource) => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log()
    return upQueries.map(({ query }) => query)
  })
}
