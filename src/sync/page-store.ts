import type { EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import type { RunTrack } from '../coverage/scope.js'
import { type Range, RULES } from '../coverage/windows.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import { preparePage } from '../record/page.js'
import { sum } from '../store/counters.js'
import type { CdrLoader } from '../store/loader.js'
import { refuseNewFormat } from '../store/quarantine.js'
import { writeUnlessRefused } from '../store/refused-rows.js'
import { type PageToWrite, writePage } from '../store/write-page.js'
import type { Account } from './account.js'
import type { Progress, RunRow } from './checkpoint.js'
import { recordGap } from './failures.js'
import type { Findings } from './findings.js'
import { latest, type RunPlan } from './plan-run.js'
import type { WindowPage } from './window-pages.js'

/** What a page is stored with. */
export interface StoringRun {
  /** `now` by the service's clock, where its answers tell it. */
  parts: LeasedParts & { now: Now }
  track: RunTrack
  plan: RunPlan
  loader: CdrLoader
  account: Account
  findings: Findings
}

/** Stores the pages of a run, each in one transaction. */
export class PageStore {
  /** Not told yet: a clock that is wrong sees gaps where none are, and has no answer to any request. */
  private gap: Range | undefined

  constructor(
    private readonly row: RunRow,
    private readonly run: StoringRun
  ) {
    this.gap = run.plan.gap
  }

  /** Stores a page; where the database refuses it for a row's sake, without those rows, which go to quarantine. */
  async store(window: Range, { items, last, doubt }: WindowPage): Promise<void> {
    const { account, findings, loader, parts, plan } = this.run
    const page = preparePage(items)
    findings.add(page)
    const lapsedFrom = window.start === plan.range.start ? plan.lapsedFrom : window.start
    const completes = last ? { completes: { window, lapsedFrom, doubt } } : {}
    await writeUnlessRefused(page.rows, parts, loader, (refused) =>
      this.commit({ ...page, ...completes, refused })
    )
    refuseNewFormat(account.quarantined, account.counters.fetched)
  }

  /** The page's rows, its quarantine, the run's counters, and with the last page of a window the checkpoint. */
  private async commit(page: PageToWrite): Promise<void> {
    const { account, findings, parts, plan, track } = this.run
    const end = page.completes?.window.end
    const watermark = plan.backfill ? account.watermark : latest(account.watermark, end)
    const completeUntil = plan.completes
      ? latest(account.completeUntil, end && Math.min(end, this.newest))
      : account.completeUntil
    const { counters, quarantined, others } = await leasedTransaction(parts, async (manager, attempt) => {
      const saved = attempt > 0 ? await this.countersIfCommitted(manager, page.items) : undefined
      return saved
        ? { counters: saved, quarantined: 0, others: 0 }
        : this.write(manager, page, { watermark, completeUntil })
    })
    if (this.gap) findings.gap(track, this.gap)
    this.gap = undefined
    if (others > 0) findings.others(others)
    account.counters = counters
    account.quarantined += quarantined
    account.watermark = watermark
    account.completeUntil = completeUntil
  }

  /** What lies behind is yet to come, though a clock that was wrong may have asked for it. */
  private get newest(): number {
    const { parts, track } = this.run
    return parts.now() - RULES[track.source].settling
  }

  private async write(
    manager: EntityManager,
    page: PageToWrite,
    reached: Pick<Progress, 'watermark' | 'completeUntil'>
  ) {
    const { account, loader, track } = this.run
    const run = { ...track, runId: this.row.id }
    if (this.gap) await recordGap(manager, run, this.gap)
    const written = await writePage(manager, loader, run, page)
    const counters = sum(account.counters, written.counters)
    await this.row.save(manager, { ...account.progress, counters, ...reached })
    return { ...written, counters }
  }

  /** The connection can break while a page is being committed, and it was. */
  private async countersIfCommitted(manager: EntityManager, items: number) {
    if (items === 0) return undefined
    const saved = await this.row.counters(manager)
    return saved.fetched === this.run.account.counters.fetched + items ? saved : undefined
  }
}
