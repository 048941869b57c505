import { type Range, subtract, union } from '../coverage/intervals.js'
import { DAY } from '../coverage/rules.js'
import { UsageError } from '../errors.js'
import type { ReportPage } from '../history/report-pages.js'
import { fieldValue } from '../record/values.js'
import type { Findings } from './findings.js'
import { isoTime } from './result.js'

const MOST_NAMED = 5
/** In ms: a long holiday. */
const MOST_QUIET = 7 * DAY

/** When the calls of reports began. */
export class CallsOfReport {
  /** From the first to the last; undefined where there is none. In ms since 1970 UTC. */
  starts: Range | undefined
  /** On which days since 1970 UTC. */
  private readonly days = new Set<number>()

  add(items: ReportPage['items']): void {
    for (const item of items) {
      const { value } = 'Start time' in item ? fieldValue(item['Start time'], 'time', 0) : { value: null }
      if (!(value instanceof Date)) continue
      const start = value.getTime()
      const { starts } = this
      if (!starts) this.starts = { start, end: start }
      else if (start < starts.start) starts.start = start
      else if (start > starts.end) starts.end = start
      this.days.add(Math.floor(start / DAY))
    }
  }

  /**
   * What of `covers` counts as covered, and tells of days without a call.
   * @param covers the days of which the reports are said to have all calls
   * @param isClaimed by somebody: of a report that is forgotten there are no calls for many days
   * @throws UsageError where they have none of these days
   */
  daysOf(covers: Range, isClaimed: boolean, findings: Pick<Findings, 'remark'>): Range[] {
    const first = Math.floor(covers.start / DAY)
    const count = Math.ceil(covers.end / DAY) - first
    const days = Array.from({ length: count }, (_, index) => first + index)
    const without = union(days.filter((day) => !this.days.has(day)).map(rangeOf))
    const covered = subtract([covers], without)
    if (covered.length === 0) {
      const { start = 0, end = 0 } = this.starts ?? {}
      throw new UsageError(
        `no call began from ${isoTime(covers.start)} to ${isoTime(covers.end)}, the days that count as complete, but from ${isoTime(start)} to ${isoTime(end)}: is it another report? No day counts as complete`
      )
    }
    const left = isClaimed ? without.filter(({ start, end }) => end - start > MOST_QUIET) : []
    if (left.length > 0) findings.remark(`no call began ${said(left)}: these days do not count as complete`)
    const quiet = subtract(without, left)
    if (quiet.length > 0) findings.remark(`no call began ${said(quiet)}`)
    return subtract([covers], left)
  }
}

function rangeOf(day: number): Range {
  return { start: day * DAY, end: (day + 1) * DAY }
}

function said(ranges: readonly Range[]): string {
  const named = ranges.slice(0, MOST_NAMED).map(({ start, end }) => {
    const [first, last] = [isoTime(start).slice(0, 10), isoTime(end - DAY).slice(0, 10)]
    return first === last ? `on ${first}` : `from ${first} to ${last}`
  })
  return `${named.join(', ')}${ranges.length > MOST_NAMED ? ' …' : ''}`
}
