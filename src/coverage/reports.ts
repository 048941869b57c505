import { intersect, type Range, union } from './intervals.js'
import { DAY } from './rules.js'

/** How long after a day's end its report may lack calls, in ms (Cisco: about a day). */
export const REPORT_DELAY = DAY

/** What reports may be made of. */
export interface ReportLimits {
  maxDays: number
  /** Start times that they may have. */
  bounds: Range
}

/** Reports of whole days, the oldest first, that have these Start times as far as they may. */
export function planReports(wanted: readonly Range[], { maxDays, bounds }: ReportLimits): Range[] {
  const days = union(
    wanted.map(({ start, end }) => ({
      start: Math.floor(start / DAY) * DAY,
      end: Math.ceil(end / DAY) * DAY
    }))
  )
  const step = maxDays * DAY
  return intersect(days, [bounds]).flatMap(({ start, end }) =>
    Array.from({ length: Math.ceil((end - start) / step) }, (_, index) => ({
      start: start + index * step,
      end: Math.min(start + (index + 1) * step, end)
    }))
  )
}
