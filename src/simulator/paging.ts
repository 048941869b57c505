import type { CdrQuery } from './cdr-query.js'
import type { Delivery } from './records/delivery.js'
import { iso } from './records/leg.js'
import { ORG_UUID } from './records/organisation.js'
import type { FilterBy } from './records/source.js'

/** The rows of one page, and the time at which the next page begins if there is one. */
export interface Page {
  page: Delivery[]
  cursor?: number
}

/**
 * Cuts one page out of a window's rows, which are sorted by their filter time.
 *
 * The cursor is a time, so the next page begins AT the millisecond of this page's last row and repeats the
 * rows of that millisecond; it skips none. Where a whole page fits into its first millisecond, the page is
 * extended to that millisecond's last row: otherwise the next page would be the same one again.
 */
export function cutPage(
  rows: readonly Delivery[],
  { start, cursor, max }: CdrQuery,
  filterBy: FilterBy
): Page {
  const time = (index: number) => timeInWindow(rows[index] as Delivery, start, filterBy)
  const begin = cursor ?? start
  let first = 0
  // Rows without a time stand at the head of the window, so every page but the first leaves them behind.
  while (first < rows.length && time(first) < begin) first++
  let end = Math.min(first + max, rows.length)
  if (end === rows.length) return { page: rows.slice(first) }
  if (time(end - 1) > time(first)) return { page: rows.slice(first, end), cursor: time(end - 1) }
  while (end < rows.length && time(end) === time(first)) end++
  return { page: rows.slice(first, end), cursor: end < rows.length ? time(end) : undefined }
}

function timeInWindow(row: Delivery, start: number, filterBy: FilterBy): number {
  const time = row[filterBy]
  return Number.isNaN(time) ? start : time
}

/** The Link header: what was asked, the cursor and the count, as in the reference's example. */
export function nextLink(
  self: string,
  query: URLSearchParams,
  next: { cursor: number; totalCount: string; max: number },
  form: 'reference' | 'rfc8288'
): string {
  const locations = query.get('locations')
  const parameters = [
    `endTime=${query.get('endTime')}`,
    `startTime=${query.get('startTime')}`,
    `startTimeForNextFetch=${iso(next.cursor)}`,
    `totalCount=${next.totalCount}`,
    `max=${next.max}`,
    `orgId=${ORG_UUID}`
  ]
  if (locations !== null) parameters.push(`locations=${encodeURIComponent(locations)}`)
  const url = `${self}?${parameters.join('&')}`
  return form === 'rfc8288' ? `<${url}>; rel="next"` : `<<${url}>;rel="next">`
}
