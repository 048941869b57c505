import type { RunTrack } from '../coverage/scope.js'
import { type Range, RULES } from '../coverage/windows.js'
import type { Log } from '../log.js'
import { FlawCount } from '../record/flaw-count.js'
import type { PreparedPage } from '../record/page.js'
import type { RunPlan } from './plan-run.js'
import { isoTime, notesOf, sayGap } from './result.js'

/** What somebody should know of a run beyond its counters: now in the log, later in the run's notes. */
export class Findings {
  private readonly flaws = new FlawCount()
  private readonly remarks: string[] = []
  private otherLegs = 0

  constructor(
    private readonly plan: RunPlan,
    private readonly log: Log,
    now: number
  ) {
    const { watermark } = plan
    if (watermark !== undefined && watermark > now) {
      this.remark(
        `the watermark ${isoTime(watermark)} lies in the future, so a clock is or was wrong: fetch with --since what may be missing`
      )
    }
  }

  remark(text: string): void {
    this.log.warn(text)
    this.remarks.push(text)
  }

  /** What the source no longer has. */
  gap(track: RunTrack, gap: Range): void {
    this.log.error(sayGap(track, gap))
    this.remarks.unshift(`gap from ${isoTime(gap.start)} to ${isoTime(gap.end)}`)
  }

  /** @param most how far before the watermark the first of the late records began, in ms */
  late(most: number): void {
    const { deepLookback, deepestLookback } = RULES.cdr_feed
    if (2 * most <= deepLookback) return
    const came = `a record came ${hours(most)} behind the watermark`
    this.remark(
      2 * most <= deepestLookback
        ? `${came}: the daily run looks back ${hours(2 * most)} for the next 14 days`
        : `${came}, and the daily run looks back ${hours(deepestLookback)} at most: what is later yet is fetched by --since only`
    )
  }

  /** @param records those of a page whose Report IDs other legs have */
  others(records: number): void {
    if (this.otherLegs === 0) {
      this.log.warn(
        'a Report ID came for two legs, though it names one: the second is kept in cdr_sync_errors'
      )
    }
    this.otherLegs += records
  }

  add({ flaws }: PreparedPage): void {
    this.flaws.add(flaws)
  }

  /** @param rateLimitWait in ms */
  notes(rateLimitWait: number): string {
    const { otherLegs } = this
    const told = `${otherLegs} ${otherLegs === 1 ? 'record has' : 'records have'} the Report ID of another leg: kept in cdr_sync_errors`
    const remarks = otherLegs > 0 ? [...this.remarks, told] : this.remarks
    return notesOf(this.plan, remarks, this.flaws, rateLimitWait)
  }
}

function hours(ms: number): string {
  return `${Math.ceil(ms / 3_600_000)} h`
}
