import type { PreparedPage } from '../record/page.js'
import type { CdrRow } from '../record/record.js'

/** Rows that a loader takes at once. */
export interface Slice {
  /** Of their items in the page. */
  positions: number[]
  rows: CdrRow[]
}

/** Of JSON, in UTF-16 units: a statement for each slice costs the more, the fewer rows it takes. */
const MOST_TEXT = 2 ** 20

/**
 * Rows of a page: all of them, of a large page as many at a time as memory is to hold.
 * @param positions of their items
 */
export function* slices(page: PreparedPage, positions: readonly number[]): Generator<Slice> {
  let slice: Slice = { positions: [], rows: [] }
  let text = 0
  let index = 0
  for (const row of page.rows(positions)) {
    slice.positions.push(positions[index++]!)
    slice.rows.push(row)
    text += row.rawJson?.length ?? 0
    if (!page.isLarge || text < MOST_TEXT) continue
    yield slice
    slice = { positions: [], rows: [] }
    text = 0
  }
  if (slice.rows.length > 0) yield slice
}
