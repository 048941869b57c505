import type { Range } from '../coverage/intervals.js'
import type { Plan } from '../coverage/plan.js'
import { LATENESS } from '../coverage/rules.js'
import type { Log } from '../log.js'
import { FlawCount } from '../record/flaw-count.js'
import type { PreparedPage } from '../record/page.js'
import { isoTime, notesOf, sayGap } from './result.js'

/** What somebody should know of a run beyond its counters: now in the log, later in the run's notes. */
export class Findings {
  /** What no run has told of before. */
  gaps: readonly Range[] = []
  private readonly flaws = new FlawCount()
  private readonly remarks: string[] = []
  private otherLegs = 0

  constructor(
    private readonly plan: Pick<Plan, 'backfill' | 'clamped'>,
    private readonly log: Log,
    now: number,
    watermark: number | undefined
  ) {
    if (watermark !== undefined && watermark > now) {
      this.remark(
        `the watermark ${isoTime(watermark)} is in the future, because a clock is or was wrong: use --since to fetch what may be missing`
      )
    }
  }

  remark(text: string): void {
    this.log.warn(text)
    this.note(text)
  }

  /** For the notes alone: it is told of elsewhere. */
  note(text: string): void {
    this.remarks.push(text)
  }

  logGaps(): void {
    for (const gap of this.gaps) this.log.error(sayGap(gap))
  }

  /** @param most how far before the watermark the first of the late records began, in ms */
  late(most: number): void {
    if (2 * most <= LATENESS.least) return
    const came = `a record came ${hours(most)} behind the watermark`
    this.remark(
      2 * most <= LATENESS.most
        ? `${came}: the daily run looks back ${hours(2 * most)} for the next 14 days`
        : `${came}, and the daily run looks back ${hours(LATENESS.most)} at most: what is later yet is fetched by --since only`
    )
  }

  /** @param records those of a page whose Report IDs other legs have */
  others(records: number): void {
    if (this.otherLegs === 0) {
      this.log.warn('one Report ID came for two legs: the second is quarantined in cdr_sync_errors')
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
    const gaps = this.gaps.map(({ start, end }) => `gap from ${isoTime(start)} to ${isoTime(end)}`)
    const remarks = [...gaps, ...this.remarks, ...(otherLegs > 0 ? [told] : [])]
    return notesOf(this.plan, remarks, this.flaws, rateLimitWait)
  }
}

function hours(ms: number): string {
  return `${Math.ceil(ms / 3_600_000)} h`
}
