import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import type { PreparedPage } from '../record/page.js'
import { type CdrLoader, RowsRefused } from './loader.js'
import { rowsToStore } from './report-rows.js'
import { slices } from './slices.js'
import { type Refusal, refusedAmong } from './unroll.js'

/**
 * Writes a page; where the database refuses it for the sake of some rows, again without those.
 * @param write is told which ones to leave out
 */
export async function writeUnlessRefused<T>(
  page: PreparedPage,
  parts: LeasedParts,
  loader: CdrLoader,
  write: (refused: readonly Refusal[]) => Promise<T>
): Promise<T> {
  try {
    return await write([])
  } catch (error) {
    if (!(error instanceof RowsRefused)) throw error
    return write(await refusedAmong(page.kept, (rows) => refusalOf(page, rows, parts, loader)))
  }
}

/** Stores rows and undoes it; gives the reason when one of them is refused. */
async function refusalOf(
  page: PreparedPage,
  rows: readonly number[],
  parts: LeasedParts,
  loader: CdrLoader
): Promise<string | undefined> {
  const undo = new Error('undone')
  try {
    await leasedTransaction(parts, async (manager) => {
      for (const slice of slices(page, rows)) {
        await manager.withRepository(loader).store(await rowsToStore(manager, page, slice.rows))
      }
      throw undo
    })
  } catch (error) {
    if (error instanceof RowsRefused) return error.message
    if (error !== undo) throw error
  }
  return undefined
}
