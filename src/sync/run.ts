import type { DataSource, EntityManager } from 'typeorm'
import type { Now, Sleep } from '../clock.js'
import type { Lease } from '../database/lease.js'
import { repeatableTransaction } from '../database/transaction.js'
import type { Track } from '../database/watermark.js'
import { LeaseLostError, messageOf } from '../errors.js'
import type { Log } from '../log.js'
import type { CdrFeed, Page } from '../webex/cdr-feed.js'
import type { Http } from '../webex/http.js'
import { difference, NOTHING, type Progress, RunRow, sum } from './checkpoint.js'
import { recordFailure, recordGap } from './failures.js'
import { FlawCount } from './flaw-count.js'
import { type CdrLoader, createLoader, RowsRefused } from './loader.js'
import { preparePage } from './page.js'
import { planRun, type RunPlan } from './plan-run.js'
import { countRecovered } from './predecessor.js'
import { readAhead } from './read-ahead.js'
import type { CdrRow } from './record.js'
import { announce, isoTime, notesOf, type SyncResult, sayWindow } from './result.js'
import { scopeOf } from './scope.js'
import { refusedAmong } from './unroll.js'
import { planWindows, type Range } from './windows.js'
import { type PageToWrite, writePage } from './write-page.js'

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
  sleep: Sleep
  /** Ends waiting. */
  signal: AbortSignal
}

const SOURCE = 'cdr_feed'

/**
 * One run: plans its range, reads window after window, stores page after page.
 * @throws what ended it; by then the failure stands in the database, and so does every page before it
 */
export async function runSync(request: SyncRequest, parts: SyncParts): Promise<SyncResult> {
  const { manager } = parts.dataSource
  const track: Track = { source: SOURCE, scope: scopeOf(request.locations) }
  const plan = await planRun(manager, track, request, parts.now())
  const run = new Run(request, parts, track, plan, await createLoader(manager))
  return request.dryRun ? run.rehearse() : run.execute()
}

class Run {
  private readonly started = performance.now()
  private readonly flaws = new FlawCount()
  private readonly remarks: string[] = []
  private counters = NOTHING
  /** Windows before this moment are stored. */
  private complete: number
  private watermark: number | undefined

  constructor(
    private readonly request: SyncRequest,
    private readonly parts: SyncParts,
    private readonly track: Track,
    private readonly plan: RunPlan,
    private readonly loader: CdrLoader
  ) {
    const { watermark } = plan
    this.complete = plan.range.start
    this.watermark = watermark
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
    if (row.killed) this.remark(row.killed)
    try {
      for (const window of this.windows) {
        await this.eachPage(window, (page) => this.store(row, window, page))
        this.complete = window.end
      }
      this.doubtLocations()
      await this.countRecovered()
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

  private async countRecovered(): Promise<void> {
    const { predecessor, range } = this.plan
    if (predecessor === undefined || this.counters.inserted === 0) return
    const recovered = await this.transaction((manager) => countRecovered(manager, range, predecessor))
    if (recovered > 0) this.remark(`recovered ${recovered} records in all that the Python tool had lost`)
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

  /** Stores a page; where the database refuses it for a row's sake, without those rows, which go to quarantine. */
  private async store(row: RunRow, window: Range, { items, last }: Page): Promise<void> {
    const page = preparePage(items)
    this.flaws.add(page.flaws)
    const atEdge = this.plan.atEdge && window.start === this.plan.range.start
    const completes = last ? { completes: { window, atEdge } } : {}
    try {
      await this.commit(row, { ...page, ...completes, refused: [] })
    } catch (error) {
      if (!(error instanceof RowsRefused)) throw error
      const refused = await refusedAmong(page.rows, (rows) => this.refusalOf(rows))
      await this.commit(row, { ...page, ...completes, refused })
    }
  }

  /** One page, one transaction: its rows, its quarantine, the run's counters, and with the last page the checkpoint. */
  private async commit(row: RunRow, page: PageToWrite): Promise<void> {
    const reached = this.plan.backfill ? undefined : page.completes?.window.end
    const watermark = reached === undefined ? this.watermark : Math.max(this.watermark ?? reached, reached)
    this.counters = await this.transaction(async (manager, attempt) => {
      if (attempt > 0 && page.items > 0) {
        const saved = await row.counters(manager)
        // The connection broke while it was being committed, and it was.
        if (saved.fetched === this.counters.fetched + page.items) return saved
      }
      const written = await writePage(manager, this.loader, { ...this.track, runId: row.id }, page)
      const counters = sum(this.counters, written)
      await row.save(manager, { ...this.progress, counters, watermark })
      return counters
    })
    this.watermark = watermark
  }

  /** Stores rows and undoes it; gives the reason when one of them is refused. */
  private async refusalOf(rows: readonly CdrRow[]): Promise<string | undefined> {
    const undo = new Error('undone')
    try {
      await this.transaction(async (manager) => {
        await manager.withRepository(this.loader).store(rows)
        throw undo
      })
    } catch (error) {
      if (error instanceof RowsRefused) return error.message
      if (error !== undo) throw error
    }
    return undefined
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

  private transaction<T>(work: (manager: EntityManager, attempt: number) => Promise<T>): Promise<T> {
    return repeatableTransaction(
      this.parts.dataSource,
      async (manager, attempt) => {
        await this.parts.lease.renew(manager)
        return work(manager, attempt)
      },
      this.parts
    )
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
