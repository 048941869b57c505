import type { EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import { asking, withRead } from '../coverage/coverage.js'
import type { Plan } from '../coverage/plan.js'
import { RULES } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import { changeCoverage } from '../coverage/table.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import type { RawJson } from '../entities/index.js'
import { preparePage } from '../record/page.js'
import { sum } from '../store/counters.js'
import type { CdrLoader } from '../store/loader.js'
import { refuseNewFormat } from '../store/quarantine.js'
import { writeUnlessRefused } from '../store/refused-rows.js'
import { type PageToWrite, writePage } from '../store/write-page.js'
import type { Account } from './account.js'
import type { Findings } from './findings.js'
import type { RunRow } from './run-row.js'
import type { WindowPage } from './window-pages.js'
import type { AskedWindow } from './window-reader.js'

/** What a page is stored with. */
export interface StoringRun {
  /** `now` by the service's clock, where its answers tell it. */
  parts: LeasedParts & { now: Now; rawJson: RawJson }
  track: RunTrack
  plan: Plan
  loader: CdrLoader
  account: Account
  findings: Findings
}

/** Stores the pages of a run, each in one transaction. */
export class PageStore {
  constructor(
    private readonly row: RunRow,
    private readonly run: StoringRun
  ) {}

  /** Stores a page; where the database refuses it for a row's sake, without those rows, which go to quarantine. */
  async store(window: AskedWindow, { items, last, doubt }: WindowPage): Promise<void> {
    const { account, findings, loader, parts } = this.run
    const page = preparePage(items, parts.rawJson)
    findings.add(page)
    await writeUnlessRefused(page, parts, loader, (refused) =>
      this.commit({ page, refused }, last ? { window, isWhole: doubt === undefined } : undefined)
    )
    refuseNewFormat(account.quarantined, account.counters.fetched)
  }

  /** The page's rows, its quarantine, the run's counters, and with the last page of a window the checkpoint. */
  private async commit(
    toWrite: PageToWrite,
    read?: { window: AskedWindow; isWhole: boolean }
  ): Promise<void> {
    const { account, findings, parts, plan } = this.run
    const moves = read && !plan.backfill
    const watermark = moves
      ? Math.max(account.watermark ?? read.window.end, read.window.end)
      : account.watermark
    const { counters, quarantined, others } = await leasedTransaction(parts, async (manager, attempt) => {
      const saved = attempt > 0 ? await this.countersIfCommitted(manager, toWrite.page.length) : undefined
      if (saved) return { counters: saved, quarantined: 0, others: 0 }
      const written = await this.write(manager, toWrite, watermark)
      if (read?.isWhole) await this.cover(manager, read.window)
      return written
    })
    if (others > 0) findings.others(others)
    account.counters = counters
    account.quarantined += quarantined
    account.watermark = watermark
  }

  private async write(manager: EntityManager, toWrite: PageToWrite, watermark: number | undefined) {
    const { account, loader, track } = this.run
    const written = await writePage(manager, loader, { ...track, runId: this.row.id }, toWrite)
    const counters = sum(account.counters, written.counters)
    await this.row.save(manager, { ...account.progress, counters, watermark })
    return { ...written, counters }
  }

  private async cover(manager: EntityManager, { start, end, asked }: AskedWindow): Promise<void> {
    const { parts, track, plan } = this.run
    const { asks } = plan
    const { settling } = RULES[track.source]
    // What lies behind is yet to come, though a clock that was wrong may have asked for it.
    const read = Math.min(asked, parts.now()) - settling
    await changeCoverage(manager, track.scope, (coverage) =>
      withRead(asks ? asking(coverage, asks) : coverage, track.source, {
        start,
        end: Math.min(end, read),
        read
      })
    )
  }

  /** The connection can break while a page is being committed, and it was. */
  private async countersIfCommitted(manager: EntityManager, items: number) {
    if (items === 0) return undefined
    const saved = await this.row.counters(manager)
    return saved.fetched === this.run.account.counters.fetched + items ? saved : undefined
  }
}
