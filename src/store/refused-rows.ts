import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import type { CdrRow } from '../record/record.js'
import { type CdrLoader, RowsRefused } from './loader.js'
import { type Refusal, refusedAmong } from './unroll.js'

/**
 * Writes rows; where the database refuses them for the sake of some, again without those.
 * @param write is told which ones to leave out
 */
export async function writeUnlessRefused<T>(
  rows: readonly CdrRow[],
  parts: LeasedParts,
  loader: CdrLoader,
  write: (refused: readonly Refusal[]) => Promise<T>
): Promise<T> {
  try {
    return await write([])
  } catch (error) {
    if (!(error instanceof RowsRefused)) throw error
    return write(await refusedAmong(rows, (some) => refusalOf(some, parts, loader)))
  }
}

/** Stores rows and undoes it; gives the reason when one of them is refused. */
async function refusalOf(
  rows: readonly CdrRow[],
  parts: LeasedParts,
  loader: CdrLoader
): Promise<string | undefined> {
  const undo = new Error('undone')
  try {
    await leasedTransaction(parts, async (manager) => {
      await manager.withRepository(loader).store(rows)
      throw undo
    })
  } catch (error) {
    if (error instanceof RowsRefused) return error.message
    if (error !== undo) throw error
  }
  return undefined
}
