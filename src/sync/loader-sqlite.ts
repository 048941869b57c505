import type { Database, Statement } from 'better-sqlite3'
import { NOW } from '../entities/columns.js'
import { CdrLoader, type Stored } from './loader.js'
import type { CdrRow } from './record.js'

/** One prepared statement, run once a row in the page's transaction. */
export class SqliteLoader extends CdrLoader {
  async store(rows: readonly CdrRow[]): Promise<Stored> {
    const columns = this.storedColumns
    const database = (this.manager.dataSource.driver as unknown as { databaseConnection: Database })
      .databaseConnection
    const upsert = statementOf(
      database,
      columns.map(({ column }) => column)
    )
    const stored: Stored = { inserted: 0, updated: 0, duplicate: 0, refused: [] }
    for (const row of rows) {
      try {
        const inserted = upsert.get(columns.map(({ property }) => bound(row[property])))
        if (inserted === undefined) stored.duplicate += 1
        else if (inserted === 1) stored.inserted += 1
        else stored.updated += 1
      } catch (error) {
        // A refused statement undoes itself only; any other failure may have ended the transaction.
        if (!isRefusal(error) || !database.inTransaction) throw error
        stored.refused.push({ row, reason: `${error.code}: ${error.message}` })
      }
    }
    return stored
  }
}

const statements = new WeakMap<Database, Statement<unknown[], number>>()

/** Returns 1 for a new row, 0 for one that a redelivery changed, nothing for one that stays as it is. */
function statementOf(database: Database, columns: string[]): Statement<unknown[], number> {
  let statement = statements.get(database)
  if (!statement) {
    const changed = columns
      .filter((column) => column !== 'report_id')
      .map((column) => `${column} = excluded.${column}`)
    statement = database
      .prepare<unknown[], number>(
        `INSERT INTO cdr_records (${columns.join(', ')})
         VALUES (${columns.map(() => '?').join(', ')})
         ON CONFLICT (report_id) DO UPDATE SET ${changed.join(', ')}, updated_timestamp = ${NOW}
         WHERE excluded.raw_json IS NOT cdr_records.raw_json
           AND (cdr_records.report_time IS NULL OR excluded.report_time >= cdr_records.report_time)
         RETURNING updated_timestamp IS NULL`
      )
      .pluck()
    statements.set(database, statement)
  }
  return statement
}

function bound(value: CdrRow[keyof CdrRow]): string | number | null {
  if (value instanceof Date) return value.toISOString().slice(0, 23).replace('T', ' ')
  return typeof value === 'boolean' ? Number(value) : value
}

function isRefusal(error: unknown): error is Error & { code: string } {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' && /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/.test(code)
}
