import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { iso, type Leg } from './leg.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Nothing appears or changes later than this after the Start time (milliseconds). */
export const LATEST = 40 * HOUR

const NO_ANSWER = ['NoAnswer', 'SIP487']

/** A record as cdr_feed and cdr_stream hand it out. All times are milliseconds since 1970. */
export interface Delivery {
  item: Record<string, unknown>
  /** Start time; NaN where the item has none. */
  start: number
  /** Report time; NaN where the item has none. */
  report: number
  /** When it was stored, which no field of the item tells; NaN where that is not known. */
  stored: number
  /** From when it is shown. */
  visibleAt: number
  /** From when cdr_feed no longer shows it, because a newer version took its place; else Infinity. */
  hiddenFrom: number
  /** What a second version knows better. */
  correction?: Partial<Item>
}

/**
 * The deliveries of one record: one as a rule; two identical in 0.5 % of cases; in 1 % a second version with
 * the same Report ID and a newer Report time, beside the first or instead of it.
 */
export function deliveriesOf(draw: Draw, leg: Leg): Delivery[] {
  const { item, start, release } = leg
  const stored = release + lateness(draw, release - start)
  const first: Delivery = {
    item,
    start,
    report: release,
    stored,
    visibleAt: stored,
    hiddenFrom: Number.POSITIVE_INFINITY
  }
  const fate = draw.fraction()
  if (fate < 0.005) return [first, first]
  if (fate > 0.015) return [first]
  const second = redelivery(draw, first, item)
  if (draw.chance(0.5)) return [{ ...first, hiddenFrom: second.visibleAt }, second]
  // The order of the two within a page is as undocumented as any other.
  return draw.chance(0.5) ? [first, second] : [second, first]
}

/** How long after its release a record appears. Calls of hours are never late as well, see LATEST. */
function lateness(draw: Draw, length: number): number {
  const kind = draw.fraction()
  if (length < HOUR && kind < 0.001) return draw.whole(5 * HOUR, 30 * HOUR)
  if (length < HOUR && kind < 0.021) return draw.whole(10 * MINUTE, 5 * HOUR)
  return draw.whole(60 * SECOND, 280 * SECOND)
}

function redelivery(draw: Draw, first: Delivery, known: Item): Delivery {
  const later = draw.whole(5 * MINUTE, 5 * HOUR)
  const report = first.report + later
  const correction = correct(draw, known)
  const item = { ...known, 'Report time': iso(report), ...correction }
  const stored = first.stored + later
  return { ...first, item, report, stored, visibleAt: stored, correction }
}

/** What the second version knows better; always differs from the first. */
function correct(draw: Draw, item: Item): Partial<Item> {
  if (item.Answered === 'false') {
    // Another word for the same. What else the reason may be has a meaning that stays.
    const isNoAnswer = NO_ANSWER.includes(item['Call outcome reason'])
    return isNoAnswer
      ? { 'Call outcome reason': draw.pick(['SIP480', 'NoUserResponse']) }
      : { 'Final remote SessionID': draw.hex(32) }
  }
  if (item['Call Recording Result'] === '' && draw.chance(0.5)) {
    return {
      'Call Recording Platform Name': 'Webex',
      'Call Recording Result': 'successful',
      'Call Recording Trigger': 'always'
    }
  }
  return { 'Hold duration': item['Hold duration'] + draw.whole(1, 90) }
}
