import { type EntityManager, MoreThan } from 'typeorm'
import type { Now } from '../clock.js'
import { type RunTrack, trackOf } from '../coverage/scope.js'
import { planWindows, type Range, RULES, SLIDE } from '../coverage/windows.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import { CdrSyncState } from '../entities/index.js'
import { isRefusal, LeaseLostError, messageOf, StoppedError } from '../errors.js'
import { preparePage } from '../record/page.js'
import { difference, NOTHING, sum } from '../store/counters.js'
import { createLoader } from '../store/create-loader.js'
import type { CdrLoader } from '../store/loader.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { sayWrongClock } from '../webex/clock-skew.js'
import type { Http } from '../webex/http.js'
import { Account } from './account.js'
import { RunRow } from './checkpoint.js'
import { hasGap, recordFailure, recordRefusal, recoverRefusal } from './failures.js'
import { Findings } from './findings.js'
import { Newcomers } from './newcomers.js'
import { PageStore, type StoringRun } from './page-store.js'
import { type PlanRequest, planRun, type RunPlan } from './plan-run.js'
import { countRecovered } from './predecessor.js'
import { recoverRange } from './recover.js'
import { announce, type SyncResult, sayWindow } from './result.js'
import { type WindowPage, windowPages } from './window-pages.js'

export interface RunRequest extends PlanRequest {
  locations: readonly string[]
  /** Fetch and count only. */
  dryRun: boolean
  /** There is another source: that this one is refused is no failure of the sync. */
  optional?: boolean
}

/** `signal` ends requests and waits; a StoppedError as its reason ends the run after the page at hand. */
export interface RunParts extends LeasedParts {
  http: Http
  /** By the service's clock, where its answers tell it. */
  now: Now
}

/**
 * One run: plans its range, reads window after window, stores page after page.
 * @throws what ended it; by then it stands in the database, and so does every page before it
 */
export async function runSource(
  source: CdrSource,
  request: RunRequest,
  parts: RunParts
): Promise<SyncResult> {
  const { manager } = parts.dataSource
  const track = trackOf(source.name, request.locations)
  const plan = await planRun(manager, track, request, parts.now())
  const run = new Run(source, request, parts, track, plan, await createLoader(manager))
  return request.dryRun ? run.rehearse() : run.execute()
}

class Run implements StoringRun {
  private readonly began: number
  readonly findings: Findings
  readonly account: Account
  private readonly windows: Range[]
  /** Windows before this moment are stored. */
  private reached: number

  constructor(
    private readonly source: CdrSource,
    private readonly request: RunRequest,
    readonly parts: RunParts,
    readonly track: RunTrack,
    readonly plan: RunPlan,
    readonly loader: CdrLoader
  ) {
    this.began = parts.now()
    this.reached = plan.range.start
    this.windows = planWindows(plan.range, RULES[track.source])
    this.findings = new Findings(plan, parts.log, this.began)
    this.account = new Account(track, plan, parts.http, this.findings)
    announce(parts.log, track, plan, this.windows.length)
  }

  async execute(): Promise<SyncResult> {
    const { range } = this.plan
    const { manager } = this.parts.dataSource
    const isJudged = this.judges && !(await hasGap(manager, this.track, range.start))
    const newcomers = isJudged ? await Newcomers.from(manager, this.track, range.start) : undefined
    const row = await this.transaction((manager, attempt) =>
      RunRow.open(manager, this.track, range, this.account, attempt > 0)
    )
    if (row.killed) this.findings.remark(row.killed)
    const store = new PageStore(row, this)
    try {
      for (const window of this.windows) {
        await this.eachPage(window, (page) => store.store(window, page))
        this.reached = window.end
      }
      await this.doubt()
      if (newcomers) await this.judge(newcomers)
      await this.countRecovered()
      await this.transaction(async (manager) => {
        await recoverRefusal(manager, this.track)
        if (this.account.incomplete === 0) await recoverRange(manager, this.track, this.plan)
        await row.close(manager, 'succeeded', this.account.progress)
      })
    } catch (error) {
      const stopped = this.stopped
      // Whoever has the lease now has closed our row.
      if (stopped || !(error instanceof LeaseLostError)) {
        await this.lastWords(async (manager) => {
          // What it has stored, no later run finds new.
          if (newcomers) this.account.late = await newcomers.late(manager, this.plan.watermark ?? 0)
          if (stopped) await row.interrupt(manager, this.account.progress)
          else await this.fail(manager, row, error)
        })
      }
      throw stopped ?? error
    }
    return this.account.result('succeeded', this.windows.length)
  }

  /** Fetches and counts; writes nothing. */
  async rehearse(): Promise<SyncResult> {
    if (this.plan.gap) this.findings.gap(this.track, this.plan.gap)
    for (const window of this.windows) {
      await this.eachPage(window, async ({ items }) => {
        const page = preparePage(items)
        this.findings.add(page)
        const quarantined = page.unstorable.length
        this.account.counters = sum(this.account.counters, {
          ...NOTHING,
          fetched: items.length,
          quarantined,
          duplicate: page.repeats
        })
      })
    }
    await this.doubt()
    return this.account.result('dry run', this.windows.length)
  }

  /** What may be wrong with the settings of this machine or of the run. */
  private async doubt(): Promise<void> {
    const wrongClock = sayWrongClock(this.parts.http.clockSkew)
    if (wrongClock) this.findings.remark(wrongClock)
    if (this.request.locations.length === 0 || this.account.counters.fetched > 0) return
    const { scope } = this.track
    const { manager } = this.parts.dataSource
    if (await manager.existsBy(CdrSyncState, { scope, recordsFetched: MoreThan(0) })) return
    this.findings.remark('no record came for these locations: are the names as in Control Hub?')
  }

  /** Earlier runs have read the time of its calls, gaps apart: whatever is new there came late. */
  private get judges(): boolean {
    const { watermark, backfill } = this.plan
    return watermark !== undefined && !backfill && !this.request.since
  }

  /** What came late, and what the other source should have brought. */
  private async judge(newcomers: Newcomers): Promise<void> {
    const { manager } = this.parts.dataSource
    this.account.late = await newcomers.late(manager, this.plan.watermark ?? 0)
    this.findings.late(this.account.late.most)
    if (!this.request.verifies) return
    const missed = await newcomers.missed(manager, this.began, this.account.counters.fetched)
    if (missed > 0) this.findings.remark(`cdr_feed brought ${missed} records that cdr_stream had not`)
  }

  private async countRecovered(): Promise<void> {
    const { predecessor, range } = this.plan
    if (predecessor === undefined || this.account.counters.inserted === 0) return
    const recovered = await this.transaction((manager) => countRecovered(manager, range, predecessor))
    if (recovered > 0)
      this.findings.remark(`recovered ${recovered} records in all that the Python tool had lost`)
  }

  private async eachPage(window: Range, work: (page: WindowPage) => Promise<void>): Promise<void> {
    const before = this.account.counters
    let pages = 0
    for await (const page of windowPages(this.source, window, this.request.locations)) {
      if (page.doubt) {
        this.account.incomplete += 1
        this.findings.remark(page.doubt)
      }
      await work(page)
      if (this.stopped) throw this.stopped
      pages += 1
    }
    const done = difference(this.account.counters, before)
    this.parts.log.info(sayWindow(window, pages, done, this.request.dryRun))
  }

  /** Why somebody wants the run to end before its time. */
  private get stopped(): StoppedError | undefined {
    const { signal } = this.parts
    return signal.aborted && signal.reason instanceof StoppedError ? signal.reason : undefined
  }

  private async fail(manager: EntityManager, row: RunRow, error: unknown): Promise<void> {
    if (this.request.optional && isRefusal(error)) {
      await recordRefusal(manager, this.track, error, this.parts.now())
    } else await recordFailure(manager, { ...this.track, runId: row.id }, error, this.missing)
    await row.close(manager, 'failed', this.account.progress)
  }

  private async lastWords(write: (manager: EntityManager) => Promise<void>): Promise<void> {
    try {
      await this.transaction(write)
    } catch (error) {
      this.parts.log.error(`how the run ended could not be written to the database: ${messageOf(error)}`)
    }
  }

  /** What this run was to store for the first time and did not: a lookback repeats what is stored. */
  private get missing(): Range {
    const before = this.track.source === 'cdr_feed' ? this.plan.watermark : this.plan.completeUntil.scope
    const stored = this.request.since === undefined ? (before ?? 0) : 0
    // What a clock that was wrong asked for can lie ahead, or so far behind that no run could make it good.
    const now = this.parts.now()
    const isPast = this.plan.range.end < now - RULES.cdr_feed.kept - SLIDE
    const end = isPast ? now : Math.min(this.plan.range.end, now)
    const start = isPast ? now : Math.max(this.reached, stored)
    return { start: Math.min(start, end), end }
  }

  private transaction<T>(work: (manager: EntityManager, attempt: number) => Promise<T>): Promise<T> {
    return leasedTransaction(this.parts, work)
  }
}
