import type { EntityManager } from 'typeorm'
import type { Track } from '../coverage/watermark.js'
import { keyBesideReportId } from '../record/leg.js'
import type { PreparedPage } from '../record/page.js'
import { rawJsonFor } from '../record/raw-json.js'
import type { Unstorable } from '../record/record.js'
import { type Counters, NOTHING } from './counters.js'
import { saveDrift } from './drift.js'
import { storeRows } from './keep-calls.js'
import type { CdrLoader } from './loader.js'
import { quarantine, recoverStored } from './quarantine.js'
import { rowsToStore } from './report-rows.js'
import { slices } from './slices.js'
import { type Refusal, without } from './unroll.js'

export interface PageToWrite {
  page: PreparedPage
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
  { page, refused }: PageToWrite
): Promise<{ counters: Counters; quarantined: number; others: number }> {
  const counters = { ...NOTHING, fetched: page.length, duplicate: page.repeats }
  const others: number[] = []
  for (const { positions, rows } of slices(page, without(page.kept, refused))) {
    const stored = await storeRows(manager, loader, await rowsToStore(manager, page, rows))
    others.push(...stored.others.map((row) => positions[rows.indexOf(row)]!))
    counters.inserted += stored.inserted.length
    counters.updated += stored.updated.length
    counters.duplicate += rows.length - stored.inserted.length - stored.updated.length - stored.others.length
  }
  counters.quarantined = page.unstorable.length + refused.length + others.length
  const quarantined = await quarantine(manager, run, unstored(page, refused, others))
  await recoverStored(manager)
  await saveDrift(manager, page.drift)
  return { counters, quarantined, others: others.length }
}

function* unstored(
  page: PreparedPage,
  refused: readonly Refusal[],
  others: readonly number[]
): Generator<Unstorable> {
  yield* page.payloads()
  for (const { row: position, reason } of refused) {
    for (const row of page.rows([position])) {
      yield {
        key: row.reportId,
        payload: rawJsonFor(row, 'all') ?? '',
        reason: `The database refuses it: ${reason}`
      }
    }
  }
  for (const row of page.rows(others)) {
    yield {
      key: keyBesideReportId(row),
      payload: rawJsonFor(row, 'all') ?? '',
      reason: `Another leg has its Report ID, ${row.reportId}: cdr_records holds one of the two.`
    }
  }
}
