import { intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { DAY, HOUR } from '../coverage/rules.js'
import type { Period } from './period.js'

/** The time of a location, while calls were made in it. */
export interface Offset {
  minutes: number
  /** The first and the last call, in ms since 1970 UTC. */
  first: number
  last: number
}

/** What every chart is drawn in. Local times are in ms as if they were UTC. */
export interface Frame {
  period: Period
  /** Start times of which calls lack, UTC. */
  missing: readonly Range[]
  /** The same in the time of any of the locations, and what of the first and the last day is not in the period. */
  missingLocal: readonly Range[]
  /** Whole days: the beginning of the first to the end of the last. */
  extent: Range
  /** The beginning of each day. */
  days: readonly number[]
}

export function frameOf(period: Period, missing: readonly Range[], offsets: readonly Offset[]): Frame {
  const { since, until } = period
  const used = offsets.length > 0 ? offsets : [{ minutes: 0, first: since, last: until }]
  const shifts = used.map(({ minutes }) => minutes * 60_000)
  const extent = {
    start: Math.floor((since + Math.min(...shifts)) / DAY) * DAY,
    end: Math.ceil((until + Math.max(...shifts)) / DAY) * DAY
  }
  const outside = subtract([{ start: since - 3 * DAY, end: until + 3 * DAY }], [{ start: since, end: until }])
  const shifted = [...outside, ...missing].flatMap(({ start, end }) =>
    inForce(used, start, end).map(({ minutes }) => ({
      start: start + minutes * 60_000,
      end: end + minutes * 60_000
    }))
  )
  const days: number[] = []
  for (let day = extent.start; day < extent.end; day += DAY) days.push(day)
  return { period, missing, missingLocal: intersect(union(shifted), [extent]), extent, days }
}

/** The offsets of that time; where no call tells, all: one hour shaded too much misleads nobody. */
function inForce(offsets: readonly Offset[], start: number, end: number): readonly Offset[] {
  const then = offsets.filter(({ first, last }) => first < end && last >= start)
  return then.length > 0 ? then : offsets
}

/** The beginnings of the local hours that have all their data. */
export function completeHours({ extent, missingLocal }: Frame): number[] {
  return subtract([extent], missingLocal).flatMap(({ start, end }) => {
    const hours: number[] = []
    for (let hour = Math.ceil(start / HOUR) * HOUR; hour + HOUR <= end; hour += HOUR) hours.push(hour)
    return hours
  })
}

/** In ms: a sync comes by that often, at least. */
const SOON = 2 * HOUR

/** Without holes: at most its end lacks, which the next run reads as a matter of course. */
export function isWhole({ missing, period: { until } }: Frame): boolean {
  return missing.every(({ start, end }) => end === until && end - start < SOON)
}

/** In hours. */
export function lengthOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + (end - start), 0) / HOUR
}
