import { type EntityManager, MoreThan } from 'typeorm'
import type { Now } from '../clock.js'
import { asking } from '../coverage/coverage.js'
import type { Range } from '../coverage/intervals.js'
import type { Known, Plan } from '../coverage/plan.js'
import { reach } from '../coverage/rules.js'
import { type RunTrack, trackOf } from '../coverage/scope.js'
import { changeCoverage } from '../coverage/table.js'
import { watermarkOf } from '../coverage/watermark.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import { CdrSyncState, type RawJson } from '../entities/index.js'
import { LeaseLostError, messageOf } from '../errors.js'
import { preparePage } from '../record/page.js'
import { NOTHING, sum } from '../store/counters.js'
import { createLoader } from '../store/create-loader.js'
import type { CdrLoader } from '../store/loader.js'
import { noteRest, requirePossibleDeletion } from '../store/retention-progress.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { sayWrongClock } from '../webex/clock-skew.js'
import type { Http } from '../webex/http.js'
import { Account } from './account.js'
import { checkpointOf } from './checkpoint.js'
import { closeRun, type EndedRun, type Ending } from './close-run.js'
import { Findings } from './findings.js'
import { Newcomers } from './newcomers.js'
import { PageStore, type StoringRun } from './page-store.js'
import { countRecovered } from './predecessor.js'
import { announce, rangeOf, type SyncResult } from './result.js'
import { RunRow } from './run-row.js'
import { stoppedBy, WindowReader } from './window-reader.js'

export interface RunRequest {
  locations: readonly string[]
  plan: Plan
  /** What it was planned from. */
  known: Known
  /** Fetches and counts only. */
  dryRun: boolean
  /** The run was told to read this again, in ms since 1970 UTC. */
  since?: number | undefined
  /** There is another source: that this one is refused is no failure of the sync. */
  optional?: boolean
  /** What cdr_stream has no longer is not fetched from cdr_feed. */
  streamOnly?: boolean
  /** cdr_stream has just brought what is new: whatever comes is what that left out. */
  verifies?: boolean
}

/** `signal` ends requests and waits; a StoppedError as its reason ends the run after the page at hand. */
export interface RunParts extends LeasedParts {
  http: Http
  rawJson: RawJson
  /** By the service's clock, where its answers tell it. */
  now: Now
}

/**
 * One run: reads window after window, stores page after page.
 * @throws what ended it, or a RefusedWindowsError at its end; by then it stands in the database
 */
export async function runSource(
  source: CdrSource,
  request: RunRequest,
  parts: RunParts
): Promise<SyncResult> {
  const { manager } = parts.dataSource
  const track = trackOf(source.name, request.locations)
  const watermark = await watermarkOf(manager, track)
  const run = new Run(source, request, parts, track, watermark, await createLoader(manager))
  return request.dryRun ? run.rehearse() : run.execute()
}

class Run implements StoringRun, EndedRun {
  readonly plan: Plan
  readonly range: Range
  readonly findings: Findings
  readonly account: Account
  readonly reader: WindowReader
  private readonly began: number

  constructor(
    source: CdrSource,
    readonly request: RunRequest,
    readonly parts: RunParts,
    readonly track: RunTrack,
    private readonly watermark: number | undefined,
    readonly loader: CdrLoader
  ) {
    this.plan = request.plan
    this.range = rangeOf(this.plan.windows)
    this.began = parts.now()
    this.findings = new Findings(this.plan, parts.log, this.began, watermark)
    this.account = new Account(track, this.range, watermark, parts.http, this.findings)
    this.reader = new WindowReader(source, request.locations, this)
    announce(parts.log, track, this.plan)
  }

  async execute(): Promise<SyncResult> {
    const { manager } = this.parts.dataSource
    const newcomers = this.judges ? await Newcomers.from(manager, this.request.known.coverage) : undefined
    const row = await this.open()
    const store = new PageStore(row, this)
    try {
      await this.reader.read((window, page) => store.store(page.items, checkpointOf(this, window, page)))
      await this.doubt()
      if (newcomers) await this.judge(newcomers)
      await this.countRecovered()
    } catch (error) {
      const stopped = stoppedBy(this.parts.signal)
      // Whoever has the lease now has closed our row.
      if (stopped || !(error instanceof LeaseLostError)) {
        await this.lastWords(async () => {
          // What it has stored, no later run finds new.
          if (newcomers) this.account.late = await newcomers.late(manager, this.watermark ?? 0)
          await this.close(row, stopped ? { status: 'interrupted' } : { status: 'failed', error })
        })
      }
      throw stopped ?? error
    }
    await this.close(row, { status: this.reader.failed.length > 0 ? 'failed' : 'succeeded' })
    this.reader.requireAll()
    return this.result('succeeded')
  }

  /** Fetches and counts; writes nothing. */
  async rehearse(): Promise<SyncResult> {
    await this.reader.read(async (_, { items }) => {
      const page = preparePage(items)
      this.findings.add(page)
      const quarantined = page.unstorable.length
      const counted = { ...NOTHING, fetched: items.length, quarantined, duplicate: page.repeats }
      this.account.counters = sum(this.account.counters, counted)
    })
    await this.doubt()
    this.reader.requireAll()
    return this.result('dry run')
  }

  private async open(): Promise<RunRow> {
    const { asks } = this.plan
    // A clock that may be wrong promises nothing yet, nor is what slides out of the 30 days meanwhile promised: the first
    // window that is stored does.
    const isSure =
      this.parts.http.clockSkew !== undefined && asks && asks.start > reach('cdr_feed', this.began).start
    await requirePossibleDeletion(this.parts.dataSource.manager, this.parts.now())
    return this.transaction(async (manager, attempt) => {
      if (isSure) await changeCoverage(manager, this.track.scope, (coverage) => asking(coverage, asks))
      if (this.parts.rawJson === 'rest') await noteRest(manager, this.parts.now())
      return RunRow.open(manager, this.track, this.range, this.watermark, attempt > 0)
    })
  }

  private async close(row: RunRow, ending: Ending): Promise<void> {
    await this.transaction((manager, attempt) =>
      closeRun(manager, row, this, ending, this.parts.now(), attempt > 0)
    )
    this.findings.logGaps()
  }

  private result(status: SyncResult['status']): SyncResult {
    return this.account.result(status, this.plan.windows.length, this.reader.incomplete)
  }

  /** What may be wrong with the settings of this machine or of the run. */
  private async doubt(): Promise<void> {
    const wrongClock = sayWrongClock(this.parts.http.clockSkew)
    if (wrongClock) this.findings.remark(wrongClock)
    if (this.request.locations.length === 0 || this.account.counters.fetched > 0) return
    const { scope } = this.track
    const { manager } = this.parts.dataSource
    if (await manager.existsBy(CdrSyncState, { scope, recordsFetched: MoreThan(0) })) return
    this.findings.remark('no records for these locations: are the names spelled as in Control Hub?')
  }

  /** Earlier runs have read the time of its calls: whatever is new there came late. */
  private get judges(): boolean {
    return this.watermark !== undefined && !this.plan.backfill && this.request.since === undefined
  }

  /** What came late, and what the other source should have brought. */
  private async judge(newcomers: Newcomers): Promise<void> {
    const { manager } = this.parts.dataSource
    this.account.late = await newcomers.late(manager, this.watermark ?? 0)
    this.findings.late(this.account.late.most)
    if (!this.request.verifies) return
    const missed = await newcomers.missed(manager, this.began, this.account.counters.fetched)
    if (missed > 0) this.findings.remark(`cdr_feed brought ${missed} records that cdr_stream did not have`)
  }

  private async countRecovered(): Promise<void> {
    if (this.track.source !== 'cdr_feed' || this.account.counters.inserted === 0) return
    const recovered = await this.transaction((manager) => countRecovered(manager, this.range))
    if (recovered > 0)
      this.findings.remark(`recovered ${recovered} records in total that the Python tool had lost`)
  }

  private async lastWords(write: () => Promise<void>): Promise<void> {
    try {
      await write()
    } catch (error) {
      this.parts.log.error(`the result of the run could not be saved to the database: ${messageOf(error)}`)
    }
  }

  private transaction<T>(work: (manager: EntityManager, attempt: number) => Promise<T>): Promise<T> {
    return leasedTransaction(this.parts, work)
  }
}
