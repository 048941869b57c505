import type { Delivery } from './records/delivery.js'
import type { FilterBy } from './records/source.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** In what cdr_feed and cdr_stream differ. Durations are milliseconds. */
export interface Rules {
  longestWindow: number
  /** How far the end of a window must lie in the past. */
  newest: number
  /** How far back records can be asked for. */
  oldest: number
  filterBy: FilterBy
  /** Whether a delivery within the window is shown at `now` (milliseconds since 1970). */
  shows(delivery: Delivery, now: number): boolean
}

export const FEED_RULES: Omit<Rules, 'filterBy'> = {
  longestWindow: 12 * HOUR,
  newest: 5 * MINUTE,
  oldest: 30 * DAY,
  shows: ({ visibleAt, hiddenFrom }, now) => visibleAt <= now && now < hiddenFrom
}

export const STREAM_RULES: Rules = {
  longestWindow: 2 * HOUR,
  newest: MINUTE,
  oldest: 12 * HOUR,
  filterBy: 'stored',
  // Whether a version that was replaced stays is not documented. Here it does: a client that has come later
  // than the newer one gets both.
  shows: ({ visibleAt }, now) => visibleAt <= now
}
