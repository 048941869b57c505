import type { Range } from '../coverage/intervals.js'
import type { RunTrack } from '../coverage/scope.js'
import { NOTHING } from '../store/counters.js'
import type { Http } from '../webex/http.js'
import type { Findings } from './findings.js'
import type { Lateness } from './newcomers.js'
import { isoTime, type SyncResult } from './result.js'
import type { Progress } from './run-row.js'

/** Those of syncs that have had a run. */
const counted = new WeakSet<Http>()

/** What a run has done so far, for its row and for whoever asked for it. */
export class Account {
  counters = NOTHING
  /** Records that went to quarantine for the first time. */
  quarantined = 0
  /** The track's, in ms since 1970 UTC. */
  watermark: number | undefined
  /** The scope's, once the run has ended; in ms since 1970 UTC. */
  completeUntil: number | undefined
  late: Lateness | undefined
  private readonly started = performance.now()
  private readonly before: { requests: number; rateLimitWait: number }

  constructor(
    private readonly track: RunTrack,
    private readonly range: Range,
    watermark: number | undefined,
    private readonly http: Http,
    private readonly findings: Findings
  ) {
    this.watermark = watermark
    // What a sync has asked before its first run, for a token, is that run's; a later run has its own.
    const { requests, rateLimitWait } = http
    this.before = counted.has(http) ? { requests, rateLimitWait } : { requests: 0, rateLimitWait: 0 }
    counted.add(http)
  }

  get progress(): Progress {
    const { counters, watermark, completeUntil, late } = this
    return {
      counters,
      watermark,
      completeUntil,
      late,
      apiCalls: this.http.requests - this.before.requests,
      duration: performance.now() - this.started,
      notes: this.findings.notes(this.http.rateLimitWait - this.before.rateLimitWait)
    }
  }

  /** @param incomplete how many of the windows lack something */
  result(status: SyncResult['status'], windows: number, incomplete: number): SyncResult {
    const { apiCalls, duration, notes } = this.progress
    const { start, end } = this.range
    return {
      status,
      ...this.track,
      range: { start: isoTime(start), end: isoTime(end) },
      windows,
      incomplete,
      ...this.counters,
      apiCalls,
      durationSeconds: Math.round(duration) / 1_000,
      watermark: this.watermark === undefined ? null : isoTime(this.watermark),
      notes
    }
  }
}
