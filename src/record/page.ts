import type { RawJson } from '../entities/index.js'
import { DriftCount } from './drift.js'
import { isAnotherLeg, keyBesideReportId } from './leg.js'
import { type CdrRow, type Flaw, toRecord, type Unstorable } from './record.js'

/** The items of a page, ready for the loader. */
export interface PreparedPage {
  /** How many items there were. */
  items: number
  /**
   * Every record once: of two versions the one with the newest Report time, then the last. A Report ID is there twice
   * only where it is that of two legs.
   */
  rows: CdrRow[]
  unstorable: Unstorable[]
  flaws: Flaw[]
  /** What of it this program does not know. */
  drift: DriftCount
  /** Items that stood in the page again, or in a version that is not the newest. */
  repeats: number
}

/** @param keeping what of the items raw_json has */
export function preparePage(items: readonly unknown[], keeping: RawJson = 'all'): PreparedPage {
  const rows = new Map<string, CdrRow>()
  const drift = new DriftCount()
  const page: PreparedPage = { items: items.length, rows: [], unstorable: [], flaws: [], drift, repeats: 0 }
  for (const item of items) {
    const mapped = toRecord(item, keeping, drift)
    if ('unstorable' in mapped) {
      page.unstorable.push(mapped.unstorable)
      continue
    }
    page.flaws.push(...mapped.flaws)
    const { row } = mapped
    const first = rows.get(row.reportId)
    const key = first && isAnotherLeg(row, first) ? keyBesideReportId(row) : row.reportId
    const other = rows.get(key)
    if (other) page.repeats += 1
    if (!other || reportTime(row) >= reportTime(other)) rows.set(key, row)
  }
  page.rows = [...rows.values()]
  return page
}

function reportTime({ reportTime }: CdrRow): number {
  return reportTime?.getTime() ?? Number.NEGATIVE_INFINITY
}
