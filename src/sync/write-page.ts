import type { EntityManager } from 'typeorm'
import type { Track } from '../database/watermark.js'
import type { Counters } from './checkpoint.js'
import { recoverWindow } from './failures.js'
import type { CdrLoader } from './loader.js'
import type { PreparedPage } from './page.js'
import { quarantine, recoverStored } from './quarantine.js'
import { type Refusal, without } from './unroll.js'
import type { Range } from './windows.js'

export interface PageToWrite extends PreparedPage {
  refused: readonly Refusal[]
  /** With the last page of a window: what it makes good. */
  completes?: { window: Range; atEdge: boolean }
}

/**
 * Writes a page and its quarantine. Part of the page's transaction.
 * @returns what became of its items
 * @throws RowsRefused when the database does not take one of the rows
 */
export async function writePage(
  manager: EntityManager,
  loader: CdrLoader,
  run: Track & { runId: number },
  page: PageToWrite
): Promise<Counters> {
  const rows = without(page.rows, page.refused)
  const { inserted, updated } = await manager.withRepository(loader).store(rows)
  const quarantined = await quarantine(manager, run, [
    ...page.unstorable,
    ...page.refused.map(({ row, reason }) => ({
      key: row.reportId,
      payload: row.rawJson ?? '',
      reason: `The database refuses it: ${reason}`
    }))
  ])
  await recoverStored(manager)
  const { completes } = page
  if (completes) await recoverWindow(manager, run, completes.window, completes.atEdge)
  return {
    fetched: page.items,
    inserted,
    updated,
    duplicate: rows.length - inserted - updated + page.repeats,
    quarantined
  }
}
