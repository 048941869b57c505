import { type EntityManager, In } from 'typeorm'
import { CdrRecord, type RawJson } from '../entities/index.js'
import { complemented } from '../record/complement.js'
import { isAnotherLeg, LEG } from '../record/leg.js'
import type { PreparedPage } from '../record/page.js'
import { type CdrRow, toRecord } from '../record/record.js'

/** A list of parameters that SQL Server takes has fewer than 2,100. */
const PARAMETERS = 1_000

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
const HEAD = ['reportId', 'contentHash', 'maskedUtc', ...LEG] as const

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

/** Stored rows with the Report IDs of these, by them. @param columns by default all */
async function stored(
  manager: EntityManager,
  rows: readonly CdrRow[],
  columns?: readonly (keyof CdrRecord)[]
): Promise<Map<string, CdrRecord>> {
  const found = new Map<string, CdrRecord>()
  for (let at = 0; at < rows.length; at += PARAMETERS) {
    const ids = rows.slice(at, at + PARAMETERS).map(({ reportId }) => reportId)
    const where = { reportId: In(ids) }
    const select = columns && Object.fromEntries(columns.map((column) => [column, true]))
    for (const row of await manager.find(CdrRecord, { where, ...(select ? { select } : {}) })) {
      // SQL Server gives UUIDs back in capitals.
      found.set(row.reportId.toLowerCase(), row)
    }
  }
  return found
}
