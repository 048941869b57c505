import type { FeedRead } from '../coverage/coverage.js'
import { before, intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { DAY, reach } from '../coverage/rules.js'
import { UsageError } from '../errors.js'
import type { ReportPage } from '../history/report-pages.js'
import { fieldValue } from '../record/values.js'
import type { Findings } from './findings.js'
import { isoTime } from './result.js'

const MOST_NAMED = 5
/** In ms: a long holiday. */
const MOST_QUIET = 7 * DAY

/** Of which days reports have all calls. */
export interface Covers extends FeedRead {
  /** Somebody says so: a long time without calls is not believed, and what cdr_feed still has is left to it. */
  isClaimed: boolean
}

/** When the calls of reports began, and what is covered by that. */
export class CallsOfReport {
  /** From the first to the last; undefined where there is none. In ms since 1970 UTC. */
  starts: Range | undefined
  /** On which days of `covers`, from its beginning on. */
  private readonly days = new Set<number>()

  constructor(private readonly covers: Covers | undefined) {}

  add(items: ReportPage['items']): void {
    for (const item of items) {
      const { value } = 'Start time' in item ? fieldValue(item['Start time'], 'time', 0) : { value: null }
      if (!(value instanceof Date)) continue
      const start = value.getTime()
      const { starts, covers } = this
      if (!starts) this.starts = { start, end: start }
      else if (start < starts.start) starts.start = start
      else if (start > starts.end) starts.end = start
      if (covers && start >= covers.start && start < covers.end) this.days.add(dayIn(covers, start))
    }
  }

  /**
   * What is covered; tells of days without a call.
   * @param now in ms since 1970 UTC
   * @throws UsageError where no call began then
   */
  covered(covers: Covers, now: number, findings: Pick<Findings, 'remark'>): FeedRead[] {
    const { read, isClaimed } = covers
    if (this.days.size === 0) {
      const { start = 0, end = 0 } = this.starts ?? {}
      throw new UsageError(
        `no call began from ${isoTime(covers.start)} to ${isoTime(covers.end)}, the days that count as complete, but from ${isoTime(start)} to ${isoTime(end)}: is it another report? No day counts as complete`
      )
    }
    const all = Array.from({ length: daysIn(covers) }, (_, day) => day)
    const without = union(all.filter((day) => !this.days.has(day)).map((day) => rangeOf(covers, day)))
    const left = isClaimed ? without.filter(({ start, end }) => end - start > MOST_QUIET) : []
    if (left.length > 0) findings.remark(`no call began ${said(left)}: these days do not count as complete`)
    const quiet = subtract(without, left)
    if (quiet.length > 0) findings.remark(`no call began ${said(quiet)}`)
    const ranges = subtract([covers], left)
    const kept = reach('cdr_feed', now).start
    if (isClaimed && covers.end > kept) {
      findings.remark(`calls since ${isoTime(kept)} are left to cdr_feed, which still has them`)
    }
    return (isClaimed ? intersect(ranges, [before(kept)]) : ranges).map((range) => ({ ...range, read }))
  }
}

/** Where clocks change, a day has an hour more or less: the last one of the range takes it. */
function daysIn({ start, end }: Range): number {
  return Math.max(1, Math.round((end - start) / DAY))
}

function dayIn(range: Range, moment: number): number {
  return Math.min(Math.floor((moment - range.start) / DAY), daysIn(range) - 1)
}

function rangeOf(range: Range, day: number): Range {
  const start = range.start + day * DAY
  return { start, end: day === daysIn(range) - 1 ? range.end : start + DAY }
}

function said(ranges: readonly Range[]): string {
  // At noon it is the same day in UTC, wherever the days are of.
  const dayAt = (moment: number) => isoTime(moment).slice(0, 10)
  const named = ranges.slice(0, MOST_NAMED).map(({ start, end }) => {
    const [first, last] = [dayAt(start + DAY / 2), dayAt(end - DAY / 2)]
    return first === last ? `on ${first}` : `from ${first} to ${last}`
  })
  return `${named.join(', ')}${ranges.length > MOST_NAMED ? ' …' : ''}`
}
