import type { EntityManager } from 'typeorm'
import type { Track } from '../coverage/watermark.js'
import { keyBesideReportId } from '../record/leg.js'
import type { PreparedPage } from '../record/page.js'
import { rawJsonFor } from '../record/raw-json.js'
import type { Counters } from './counters.js'
import { saveDrift } from './drift.js'
import type { CdrLoader } from './loader.js'
import { quarantine, recoverStored } from './quarantine.js'
import { type Refusal, without } from './unroll.js'

export interface PageToWrite extends PreparedPage {
  refused: readonly Refusal[]
}

/**
 * Writes a page, its quarantine and its drift. Part of the page's transaction.
 * @returns what became of its items, how many went to quarantine for the first time, and how many bear the Report ID of
 * another leg
 * @throws RowsRefused when the database does not take one of the rows
 */
export async function writePage(
  manager: EntityManager,
  loader: CdrLoader,
  run: Track & { runId: number },
  page: PageToWrite
): Promise<{ counters: Counters; quarantined: number; others: number }> {
  const rows = without(page.rows, page.refused)
  const { inserted, updated, others } = await manager.withRepository(loader).store(rows)
  const unstorable = [
    ...page.unstorable,
    ...page.refused.map(({ row, reason }) => ({
      key: row.reportId,
      payload: rawJsonFor(row, 'all') ?? '',
      reason: `The database refuses it: ${reason}`
    })),
    ...others.map((row) => ({
      key: keyBesideReportId(row),
      payload: rawJsonFor(row, 'all') ?? '',
      reason: `Another leg has its Report ID, ${row.reportId}: cdr_records holds one of the two.`
    }))
  ]
  const quarantined = await quarantine(manager, run, unstorable)
  await recoverStored(manager)
  await saveDrift(manager, page.drift)
  const duplicate = rows.length - inserted - updated - others.length + page.repeats
  return {
    counters: { fetched: page.items, inserted, updated, duplicate, quarantined: unstorable.length },
    quarantined,
    others: others.length
  }
}
