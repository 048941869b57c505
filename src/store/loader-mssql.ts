import type { DataSource } from 'typeorm'
import { bulkIntoTemporaryTable, lastRows } from '../database/mssql-bulk.js'
import { LEG } from '../record/leg.js'
import type { CdrRow } from '../record/record.js'
import { bulkColumn, POSITION } from './bulk-columns.js'
import {
  CdrLoader,
  type ChangedRow,
  differInLeg,
  kept,
  type Stored,
  type StoredColumn,
  type Unhashed
} from './loader.js'

/** A statement that takes more than 5,000 locks may lock the whole table; a row takes two, and its indexes. */
export const ROWS_A_STATEMENT = 2_000

/** Each set of columns is a statement, and a plan, of its own: small pages would fill ever other ones. */
const LARGE_PAGE = 500

/** What large pages have filled since the start, so that from one to the next the columns hardly change. */
const everFilled = new WeakMap<DataSource, Set<keyof CdrRow>>()

/** What the statement compares. */
const ALWAYS_SENT: readonly (keyof CdrRow)[] = ['reportId', 'reportTime', 'contentHash', ...LEG]

/**
 * A page goes over by TDS bulk load into a temporary table; two set-based statements take it from there. No MERGE
 * and no IGNORE_DUP_KEY: a clash with another writer is an error (2627), and the transaction is tried again.
 */
export class MssqlLoader extends CdrLoader {
  protected override parts(rows: readonly CdrRow[]): Iterable<readonly CdrRow[]> {
    return withEachReportIdOnce(rows)
  }

  protected async write(rows: readonly CdrRow[]): Promise<Stored & { unhashed: Unhashed[] }> {
    const stored = this.storedColumns
    const sent = this.columnsToSend(stored, rows)
    await this.bulk('#cdr_page', sent, rows)
    const values = stored.map((column): ColumnValue => {
      const { databaseName: name } = column.metadata
      return [name, sent.includes(column) ? `p.${name}` : 'NULL']
    })
    const differ = differInLeg(sent, 'r.', 'p.', 'COLLATE Latin1_General_100_BIN2')
    const known = await lastRows<Known>(this.manager, statementFor(values, differ), {
      rows: rows.length,
      step: ROWS_A_STATEMENT
    })
    const found = new Map(known.map(({ position, ...row }) => [position, row]))
    const written: Stored & { unhashed: Unhashed[] } = {
      inserted: [],
      updated: [],
      others: [],
      unhashed: []
    }
    for (const [position, row] of rows.entries()) {
      const { what, raw_json: rawJson } = found.get(position) ?? { what: 'new' }
      if (what === 'new') written.inserted.push(row)
      if (what === 'updated') written.updated.push(row)
      if (what === 'other') written.others.push(row)
      if (what === 'unhashed' && rawJson) written.unhashed.push({ row, rawJson })
    }
    return written
  }

  /** Of a large page without those that no row fills: what is sent and copied for nothing is a good part of the time. */
  private columnsToSend(stored: StoredColumn[], rows: readonly CdrRow[]): StoredColumn[] {
    if (rows.length < LARGE_PAGE) return stored
    const { dataSource } = this.manager
    const filled = everFilled.get(dataSource) ?? new Set(ALWAYS_SENT)
    everFilled.set(dataSource, filled)
    for (const { property } of stored) {
      if (!filled.has(property) && rows.some((row) => row[property] !== null)) filled.add(property)
    }
    // Columns that are not text are few and narrow, and not every server takes a bare NULL for each of their types.
    return stored.filter(({ property, metadata }) => metadata.type !== 'nvarchar' || filled.has(property))
  }

  async change<Column extends keyof ChangedRow>(
    columns: readonly Column[],
    rows: readonly Pick<ChangedRow, Column | 'reportId'>[]
  ): Promise<void> {
    if (rows.length === 0) return
    const changed = this.columnsOf(columns)
    await this.bulk('#cdr_change', this.columnsOf(['reportId', ...columns]), rows)
    await this.manager.query(`
      UPDATE r SET
        ${changed.map(({ metadata: { databaseName: name } }) => `${name} = c.${name}`).join(',\n        ')}
      FROM dbo.cdr_records AS r
      JOIN #cdr_change AS c ON c.report_id = r.report_id;
      DROP TABLE #cdr_change;
    `)
  }

  private async bulk<Property extends keyof ChangedRow>(
    table: string,
    columns: readonly StoredColumn<Property>[],
    rows: readonly Pick<ChangedRow, Property>[]
  ): Promise<void> {
    await bulkIntoTemporaryTable(
      this.manager,
      table,
      [POSITION, ...columns.map(({ metadata }) => bulkColumn(metadata))],
      rows.map((row, index) => [index, ...columns.map(({ property }) => row[property])])
    )
  }
}

/** One part, as a rule: a statement is to find a Report ID once in its page. */
function* withEachReportIdOnce(rows: readonly CdrRow[]): Generator<readonly CdrRow[]> {
  for (let left = rows; left.length > 0; ) {
    const part = new Map<string, CdrRow>()
    const later: CdrRow[] = []
    for (const row of left) {
      if (part.has(row.reportId)) later.push(row)
      else part.set(row.reportId, row)
    }
    yield later.length === 0 ? left : [...part.values()]
    left = later
  }
}

/** A row of the page whose Report ID was there. */
interface Known {
  position: number
  /** `newer` is one that another writer has changed meanwhile. */
  what: 'other' | 'unhashed' | 'newer' | 'updated' | 'same'
  /** Of the stored row where that has no content hash, else NULL. */
  raw_json: string | null
}

/** A column's name and what of the page p, as SQL, it takes. */
type ColumnValue = [name: string, value: string]

/**
 * Takes the number of rows and how many of them a statement may take; gives `Known`. What it updated is read back,
 * whatever a trigger on the table does.
 * @param differ whether a stored row r and one of the page p are of different legs
 */
function statementFor(values: readonly ColumnValue[], differ: string): string {
  const newer = `r.masked_utc IS NULL
        AND (r.content_hash IS NULL OR r.content_hash <> p.content_hash)
        AND (r.report_time IS NULL OR r.report_time <= p.report_time)`
  return `
    DECLARE @after int = -1, @upto int, @newer int;
    DECLARE @known TABLE (position int NOT NULL PRIMARY KEY, what varchar(8) NOT NULL, raw_json nvarchar(max) NULL);

    INSERT INTO @known
    SELECT p.position,
      CASE
        WHEN ${differ} THEN 'other'
        WHEN r.content_hash IS NULL AND r.raw_json IS NOT NULL THEN 'unhashed'
        WHEN ${newer} THEN 'newer'
        ELSE 'same'
      END,
      CASE WHEN r.content_hash IS NULL THEN r.raw_json END
    FROM #cdr_page AS p
    JOIN dbo.cdr_records AS r ON r.report_id = p.report_id;
    SET @newer = (SELECT COUNT(*) FROM @known WHERE what = 'newer');

    WHILE @after < @rows - 1
    BEGIN
      SET @upto = @after + @step;

      IF @newer > 0
        UPDATE r SET
          ${values.map(([column, value]) => `${column} = ${kept(column, 'r.', value)}`).join(',\n          ')},
          updated_timestamp = sysutcdatetime()
        FROM dbo.cdr_records AS r
        JOIN #cdr_page AS p ON p.report_id = r.report_id
        JOIN @known AS k ON k.position = p.position
        WHERE k.position > @after AND k.position <= @upto AND k.what = 'newer' AND ${newer};

      INSERT INTO dbo.cdr_records (
        ${values.map(([column]) => column).join(',\n        ')},
        ingestion_timestamp
      )
      SELECT
        ${values.map(([, value]) => value).join(',\n        ')},
        sysutcdatetime()
      FROM #cdr_page AS p
      WHERE p.position > @after AND p.position <= @upto
        AND NOT EXISTS (SELECT 1 FROM @known AS k WHERE k.position = p.position);

      SET @after = @upto;
    END;
    IF @newer > 0
      UPDATE k SET what = 'updated'
      FROM @known AS k
      JOIN #cdr_page AS p ON p.position = k.position
      JOIN dbo.cdr_records AS r ON r.report_id = p.report_id
      WHERE k.what = 'newer' AND r.content_hash = p.content_hash;
    DROP TABLE #cdr_page;
    SELECT position, what, raw_json FROM @known;
  `
}
