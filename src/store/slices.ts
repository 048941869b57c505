import type { PreparedPage } from '../record/page.js'
import type { CdrRow } from '../record/record.js'

/** Rows that a loader takes at once. */
export interface Slice {
  /** Of their items in the page. */
  positions: number[]
  rows: CdrRow[]
}

/** Of JSON, in bytes: a statement for each slice costs the more, the fewer rows it takes. */
const MOST_BYTES = 2 ** 20

/**
 * Rows of a page: all of them, of a large page as many at a time as memory is to hold.
 * @param positions of their items
 */
export function* slices(page: PreparedPage, positions: readonly number[]): Generator<Slice> {
  let slice: Slice = { positions: [], rows: [] }
  let bytes = 0
  let index = 0
  for (const row of page.rows(positions)) {
    slice.positions.push(positions[index++]!)
    slice.rows.push(row)
    bytes += Math.max(row.rawJson?.length ?? 0, page.bytesOfItem)
    if (!page.isLarge || bytes < MOST_BYTES) continue
    yield slice
    slice = { positions: [], rows: [] }
    bytes = 0
  }
  if (slice.rows.length > 0) yield slice
}
