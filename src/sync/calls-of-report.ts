import type { Range } from '../coverage/intervals.js'
import { DAY } from '../coverage/rules.js'
import { UsageError } from '../errors.js'
import type { ReportPage } from '../history/report-pages.js'
import { fieldValue } from '../record/values.js'
import type { Findings } from './findings.js'
import { isoTime } from './result.js'

const MOST_NAMED = 5

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
   * Tells of days without a call.
   * @param covers the days of which the reports are said to have all calls
   * @throws UsageError where they have none of these days
   */
  fit(covers: Range, findings: Pick<Findings, 'remark'>): void {
    const first = Math.floor(covers.start / DAY)
    const days = Array.from({ length: Math.ceil(covers.end / DAY) - first }, (_, index) => first + index)
    const without = days.filter((day) => !this.days.has(day))
    if (without.length === days.length) {
      const { start = 0, end = 0 } = this.starts ?? {}
      throw new UsageError(
        `no call began from ${isoTime(covers.start)} to ${isoTime(covers.end)}, the days that count as complete, but from ${isoTime(start)} to ${isoTime(end)}: is it another report? No day counts as complete`
      )
    }
    if (without.length === 0) return
    const named = without.slice(0, MOST_NAMED).map((day) => isoTime(day * DAY).slice(0, 10))
    const more = without.length > MOST_NAMED ? ' …' : ''
    findings.remark(
      `no call began on ${without.length} of the ${days.length} days: ${named.join(', ')}${more}`
    )
  }
}
