import type { EntityManager, FindOptionsSelect } from 'typeorm'
import type { CdrRecord, RawJson } from '../entities/index.js'
import { complemented } from '../record/complement.js'
import { isAnotherLeg, LEG } from '../record/leg.js'
import type { PreparedPage } from '../record/page.js'
import { type CdrRow, toRecord } from '../record/record.js'
import { findRecords } from './find-records.js'

/**
 * Rows of a page as they are to be stored: of a report, those that are new, and those that are there with what the report
 * adds to them. Part of a transaction.
 */
export async function rowsToStore(
  manager: EntityManager,
  { isOfReport, keeping }: Pick<PreparedPage, 'isOfReport' | 'keeping'>,
  rows: readonly CdrRow[]
): Promise<readonly CdrRow[]> {
  if (!isOfReport) return rows
  const heads = await stored(manager, rows, HEAD)
  // Most often a report is imported again, or goes on where it was ended.
  const changing = rows.filter((row) => {
    const head = heads.get(row.reportId)
    return head && !head.maskedUtc && !isAnotherLeg(row, head) && !isSame(row, head)
  })
  const wholes = await stored(manager, changing)
  return rows.flatMap((row) => {
    const [head, whole] = [heads.get(row.reportId), wholes.get(row.reportId)]
    if (whole) return completed(whole, row, keeping)
    // That of another leg is left to the loader.
    return !head || isAnotherLeg(row, head) ? row : []
  })
}

/** What tells whether a row has to be looked at. */
const HEAD = Object.fromEntries(
  ['reportId', 'contentHash', 'maskedUtc', ...LEG].map((column) => [column, true])
)

function isSame({ contentHash }: CdrRow, head: Pick<CdrRecord, 'contentHash'>): boolean {
  return contentHash !== null && head.contentHash?.equals(contentHash) === true
}

function completed(known: CdrRecord, row: CdrRow, keeping: RawJson): CdrRow[] {
  const item = complemented(known, row)
  const mapped = item && toRecord(item, keeping)
  if (!mapped || 'unstorable' in mapped) return []
  // The key may be derived from what is complemented.
  mapped.row.reportId = row.reportId
  return [mapped.row]
}

/** Stored rows with the Report IDs of these, by them. */
async function stored(
  manager: EntityManager,
  rows: readonly CdrRow[],
  select?: FindOptionsSelect<CdrRecord>
): Promise<Map<string, CdrRecord>> {
  const ids = rows.map(({ reportId }) => reportId)
  const found = await findRecords(manager, 'reportId', ids, select)
  // SQL Server gives UUIDs back in capitals.
  return new Map(found.map((row) => [row.reportId.toLowerCase(), row]))
}
