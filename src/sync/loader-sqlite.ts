import type { Database, Statement } from 'better-sqlite3'
import { NOW } from '../entities/columns.js'
import { CdrLoader, type Stored, type StoredColumn } from './loader.js'
import type { CdrRow } from './record.js'

/** Two prepared statements, run once a row in the page's transaction; the second for known rows only. */
export class SqliteLoader extends CdrLoader {
  protected async write(rows: readonly CdrRow[]): Promise<Stored> {
    const { insert, update, properties } = this.statements()
    const stored: Stored = { inserted: 0, updated: 0 }
    for (const row of rows) {
      const values = properties.map((property) => bound(row[property]))
      if (insert.run(values).changes === 1) stored.inserted += 1
      else if (update.run([...values, row.reportId, row.rawJson, bound(row.reportTime)]).changes === 1)
        stored.updated += 1
    }
    return stored
  }

  private statements(): Statements {
    let statements = prepared.get(this.database)
    if (!statements) {
      statements = prepare(this.database, this.storedColumns)
      prepared.set(this.database, statements)
    }
    return statements
  }

  private get database(): Database {
    return (this.manager.dataSource.driver as unknown as { databaseConnection: Database }).databaseConnection
  }
}

interface Statements {
  /** Changes nothing where the key is there. */
  insert: Statement<unknown[]>
  /** Takes the values, then report_id, raw_json and report_time again. Leaves what is the same or newer. */
  update: Statement<unknown[]>
  properties: (keyof CdrRow)[]
}

const prepared = new WeakMap<Database, Statements>()

function prepare(database: Database, stored: StoredColumn[]): Statements {
  const columns = stored.map(({ metadata }) => metadata.databaseName)
  return {
    insert: database.prepare<unknown[]>(
      `INSERT INTO cdr_records (${columns.join(', ')})
       VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT (report_id) DO NOTHING`
    ),
    update: database.prepare<unknown[]>(
      `UPDATE cdr_records SET ${columns.map((column) => `${column} = ?`).join(', ')}, updated_timestamp = ${NOW}
       WHERE report_id = ? AND raw_json IS NOT ? AND (report_time IS NULL OR report_time <= ?)`
    ),
    properties: stored.map(({ property }) => property)
  }
}

function bound(value: CdrRow[keyof CdrRow]): string | number | null {
  if (value instanceof Date) return value.toISOString().slice(0, 23).replace('T', ' ')
  return typeof value === 'boolean' ? Number(value) : value
}
