import { type EntityManager, In } from 'typeorm'
import { CdrRecord, type RawJson } from '../entities/index.js'
import { complemented } from '../record/complement.js'
import { isAnotherLeg } from '../record/leg.js'
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
  const stored = await storedRows(manager, rows)
  return rows.flatMap((row) => {
    const known = stored.get(row.reportId)
    if (known?.maskedUtc) return []
    // That of another leg is left to the loader.
    return !known || isAnotherLeg(row, known) ? row : completed(known, row, keeping)
  })
}

function completed(known: CdrRecord, row: CdrRow, keeping: RawJson): CdrRow[] {
  if (row.contentHash && known.contentHash?.equals(row.contentHash)) return []
  const item = complemented(known, row)
  const mapped = item && toRecord(item, keeping)
  if (!mapped || 'unstorable' in mapped) return []
  // The key may be derived from what is complemented.
  mapped.row.reportId = row.reportId
  return [mapped.row]
}

async function storedRows(manager: EntityManager, rows: readonly CdrRow[]): Promise<Map<string, CdrRecord>> {
  const stored = new Map<string, CdrRecord>()
  for (let at = 0; at < rows.length; at += PARAMETERS) {
    const ids = rows.slice(at, at + PARAMETERS).map(({ reportId }) => reportId)
    // SQL Server gives UUIDs back in capitals.
    for (const row of await manager.findBy(CdrRecord, { reportId: In(ids) })) {
      stored.set(row.reportId.toLowerCase(), row)
    }
  }
  return stored
}
