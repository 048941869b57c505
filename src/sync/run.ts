import type { DataSource, EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import type { Lease } from '../database/lease.js'
import { type Track, watermarkOf } from '../database/watermark.js'
import { LeaseLostError, messageOf } from '../errors.js'
import type { Log } from '../log.js'
import type { CdrFeed, Page } from '../webex/cdr-feed.js'
import type { Http } from '../webex/http.js'
import {
  difference,
  isDeepRunDue,
  NOTHING,
  oldestInterrupted,
  type Progress,
  RunRow,
  sum
} from './checkpoint.js'
import { oldestFailure, recordFailure, recordGap, recoverWindow } from './failures.js'
import { FlawCount } from './flaw-count.js'
import { type CdrLoader, createLoader } from './loader.js'
import { preparePage } from './page.js'
import { quarantine, recoverStored } from './quarantine.js'
import { readAhead } from './read-ahead.js'
import { announce, isoTime, notesOf, type SyncResult, sayWindow } from './result.js'
import { scopeOf } from './scope.js'
import { type Plan, planRange, planWindows, type Range } from './windows.js'

export interface SyncRequest {
  /** In ms since 1970 UTC. */
  since?: number | undefined
  until?: number | undefined
  /** In ms. */
  lookback?: number | undefined
  locations: readonly string[]
  /** Fetch and count only. */
  dryRun: boolean
}

export interface SyncParts {
  dataSource: DataSource
  lease: Lease
  feed: CdrFeed
  http: Http
  log: Log
  now: Now
}

const SOURCE = 'cdr_feed'

/**
 * One run: plans its range, reads window after window, stores page after page.
 * @throws what ended it; by then the failure stands in the database, and so does every page before it
 */
export async function runSync(request: SyncRequest, parts: SyncParts): Promise<SyncResult> {
  const { manager } = parts.dataSource
  const track: Track = { source: SOURCE, scope: scopeOf(request.locations) }
  const now = parts.now()
  const watermark = await watermarkOf(manager, track)
  const plan = planRange({
    ...request,
    now,
    watermark,
    deepDue: await isDeepRunDue(manager, track, now),
    missing: await oldestUnfetched(manager, track, watermark)
  })
  const run = new Run(request, parts, track, plan, watermark, await createLoader(manager))
  return request.dryRun ? run.rehearse() : run.execute()
}

/** A killed run that had a checkpoint is repeated from there; one that had none is known by its row only. */
async function oldestUnfetched(
  manager: EntityManager,
  track: Track,
  watermark: number | undefined
): Promise<number | undefined> {
  const failed = await oldestFailure(manager, track)
  const killed = watermark === undefined ? await oldestInterrupted(manager, track) : undefined
  return failed === undefined || killed === undefined ? (failed ?? killed) : Math.min(failed, killed)
}

class Run {
  private readonly started = performance.now()
  private readonly flaws = new FlawCount()
  private readonly remarks: string[] = []
  private counters = NOTHING
  /** Windows before this moment are stored. */
  private complete: number

  constructor(
    private readonly request: SyncRequest,
    private readonly parts: SyncParts,
    private readonly track: Track,
    private readonly plan: Plan,
    private watermark: number | undefined,
    private readonly loader: CdrLoader
  ) {
    this.complete = plan.range.start
    announce(parts.log, track, plan, this.windows.length)
    if (watermark !== undefined && watermark > parts.now()) {
      this.remark(
        `the watermark ${isoTime(watermark)} lies in the future, so a clock was wrong: fetch with --since what may be missing`
      )
    }
  }

  async execute(): Promise<SyncResult> {
    const { range, gap } = this.plan
    const row = await this.transaction(async (manager) => {
      const opened = await RunRow.open(manager, this.track, range, this.watermark)
      if (gap) await recordGap(manager, { ...this.track, runId: opened.id }, gap)
      return opened
    })
    try {
      for (const window of this.windows) {
        await this.eachPage(window, (page) => this.store(row, window, page))
        this.complete = window.end
      }
      this.doubtLocations()
      await this.transaction((manager) => row.close(manager, 'succeeded', this.progress))
    } catch (error) {
      await this.fail(row, error)
      throw error
    }
    return this.result('succeeded')
  }

  /** Fetches and counts; writes nothing. */
  async rehearse(): Promise<SyncResult> {
    for (const window of this.windows) {
      await this.eachPage(window, async ({ items }) => {
        const page = preparePage(items)
        this.flaws.add(page.flaws)
        const quarantined = page.unstorable.length
        this.counters = sum(this.counters, {
          ...NOTHING,
          fetched: items.length,
          quarantined,
          duplicate: page.repeats
        })
      })
    }
    this.doubtLocations()
    return this.result('dry run')
  }

  private doubtLocations(): void {
    if (this.request.locations.length > 0 && this.counters.fetched === 0) {
      this.remark('no record came for these locations: are the names as in Control Hub?')
    }
  }

  private get windows(): Range[] {
    return planWindows(this.plan.range)
  }

  private async eachPage(window: Range, work: (page: Page) => Promise<void>): Promise<void> {
    const before = this.counters
    let pages = 0
    let announced = 0
    const { locations } = this.request
    for await (const page of readAhead(this.parts.feed.pages({ ...window, locations }))) {
      await work(page)
      pages += 1
      announced = Math.max(announced, page.announced ?? 0)
      if (page.withoutItems) this.remark(`a page from ${isoTime(window.start)} on came without items`)
    }
    const done = difference(this.counters, before)
    if (done.fetched < announced) {
      this.remark(
        `from ${isoTime(window.start)} on ${announced} records were announced, ${done.fetched} came`
      )
    }
    this.parts.log.info(sayWindow(window, pages, done, this.request.dryRun))
  }

  /** One page, one transaction: its rows, its quarantine, the run's counters, and with the last page the checkpoint. */
  private async store(row: RunRow, window: Range, { items, last }: Page): Promise<void> {
    const page = preparePage(items)
    this.flaws.add(page.flaws)
    const watermark =
      last && !this.plan.backfill ? Math.max(this.watermark ?? window.end, window.end) : this.watermark
    const counters = await this.transaction(async (manager) => {
      const stored = await manager.withRepository(this.loader).store(page.rows)
      const refused = stored.refused.map(({ row, reason }) => ({
        key: row.reportId,
        payload: row.rawJson ?? '',
        reason: `The database refuses it: ${reason}`
      }))
      const run = { ...this.track, runId: row.id }
      const quarantined = await quarantine(manager, run, [...page.unstorable, ...refused])
      await recoverStored(manager)
      if (last)
        await recoverWindow(
          manager,
          this.track,
          window,
          this.plan.atEdge && window.start === this.plan.range.start
        )
      const counters = sum(this.counters, {
        fetched: items.length,
        inserted: stored.inserted,
        updated: stored.updated,
        duplicate: stored.duplicate + page.repeats,
        quarantined
      })
      await row.save(manager, { ...this.progress, counters, watermark })
      return counters
    })
    this.counters = counters
    this.watermark = watermark
  }

  private async fail(row: RunRow, error: unknown): Promise<void> {
    // Whoever has the lease now has closed our row.
    if (error instanceof LeaseLostError) return
    try {
      await this.transaction(async (manager) => {
        await recordFailure(manager, { ...this.track, runId: row.id }, error, this.missing)
        await row.close(manager, 'failed', this.progress)
      })
    } catch (second) {
      this.parts.log.error(`the failure could not be written to the database: ${messageOf(second)}`)
    }
  }

  /** What this run was to store for the first time and did not: a lookback repeats what is stored. */
  private get missing(): Range {
    const stored = this.request.since === undefined ? (this.watermark ?? 0) : 0
    return { start: Math.max(this.complete, stored), end: this.plan.range.end }
  }

  private transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.parts.dataSource.transaction(async (manager) => {
      await this.parts.lease.renew(manager)
      return work(manager)
    })
  }

  private get progress(): Progress {
    return {
      counters: this.counters,
      apiCalls: this.parts.http.requests,
      duration: performance.now() - this.started,
      notes: this.notes,
      watermark: this.watermark
    }
  }

  /** What somebody should know of, now in the log and later in the run's notes. */
  private remark(text: string): void {
    this.parts.log.warn(text)
    this.remarks.push(text)
  }

  private get notes(): string {
    return notesOf(this.plan, this.remarks, this.flaws, this.parts.http.rateLimitWait)
  }

  private result(status: SyncResult['status']): SyncResult {
    const { range } = this.plan
    return {
      status,
      ...this.track,
      range: { start: isoTime(range.start), end: isoTime(range.end) },
      windows: this.windows.length,
      ...this.counters,
      apiCalls: this.parts.http.requests,
      durationSeconds: Math.round(performance.now() - this.started) / 1_000,
      watermark: this.watermark === undefined ? null : isoTime(this.watermark),
      notes: this.notes
    }
  }
}
