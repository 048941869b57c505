import type { Database, Statement } from 'better-sqlite3'
import { NOW } from '../entities/columns.js'
import type { CdrRow } from '../record/record.js'
import {
  CdrLoader,
  type ChangedRow,
  differInLeg,
  kept,
  type Stored,
  type StoredColumn,
  type Unhashed
} from './loader.js'
import { type Bound, binder, timeText } from './row-binding.js'

/** Prepared statements, run once a row in the page's transaction; all but the first for known rows only. */
export class SqliteLoader extends CdrLoader {
  protected async write(rows: readonly CdrRow[]): Promise<Stored & { unhashed: Unhashed[] }> {
    const { insert, compare, update, bound } = this.statements()
    const stored: Stored & { unhashed: Unhashed[] } = {
      inserted: [],
      updated: [],
      others: [],
      unhashed: []
    }
    for (const row of rows) {
      const values = bound(row)
      if (insert.run(values).changes === 1) {
        stored.inserted.push(row)
        continue
      }
      const found = compare.get({
        direction: row.direction,
        correlation_id: row.correlationId,
        user_id: row.userId,
        local_call_id: row.localCallId,
        content_hash: row.contentHash,
        report_time: row.reportTime && timeText(row.reportTime),
        report_id: row.reportId
      })
      if (found?.isOther) stored.others.push(row)
      else if (found?.unhashed != null) stored.unhashed.push({ row, rawJson: found.unhashed })
      else if (found?.isNewer && update.run(values, row.reportId).changes === 1) {
        stored.updated.push(row)
      }
    }
    return stored
  }

  async change<Column extends keyof ChangedRow>(
    columns: readonly Column[],
    rows: readonly Pick<ChangedRow, Column | 'reportId'>[]
  ): Promise<void> {
    const changed = this.columnsOf(columns)
    const statement = this.database.prepare<unknown[]>(
      `UPDATE cdr_records SET ${changed.map(({ metadata }) => `${metadata.databaseName} = ?`).join(', ')}
       WHERE report_id = ?`
    )
    const bound = binder(changed)
    for (const row of rows) statement.run([...bound(row), row.reportId.toLowerCase()])
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
  /** What is there under a row's key: that of another leg, or an older version of it. */
  compare: Statement<[Record<string, Bound>], Found>
  /** Takes the same values, and the key. */
  update: Statement<unknown[]>
  /** What the two take. */
  bound: (row: CdrRow) => readonly Bound[]
}

interface Found {
  isOther: number | null
  isNewer: number | null
  /** raw_json where there is no content hash. */
  unhashed: string | null
}

const prepared = new WeakMap<Database, Statements>()

function prepare(database: Database, stored: readonly StoredColumn[]): Statements {
  const columns = stored.map(({ metadata }) => metadata.databaseName)
  return {
    insert: database.prepare<unknown[]>(
      `INSERT INTO cdr_records (${columns.join(', ')})
       VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT (report_id) DO NOTHING`
    ),
    compare: database.prepare(
      `SELECT ${differInLeg(stored, '', ':')} AS isOther,
         CASE WHEN content_hash IS NULL THEN raw_json END AS unhashed,
         masked_utc IS NULL AND content_hash IS NOT :content_hash AND (report_time IS NULL OR report_time <= :report_time) AS isNewer
       FROM cdr_records WHERE report_id = :report_id`
    ),
    update: database.prepare<unknown[]>(
      `UPDATE cdr_records SET ${columns.map((column) => `${column} = ${kept(column, '', '?')}`).join(', ')}, updated_timestamp = ${NOW}
       WHERE report_id = ?`
    ),
    bound: binder(stored)
  }
}
