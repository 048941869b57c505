import type { EntityManager } from 'typeorm'
import type { Track } from '../coverage/watermark.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import type { RawJson } from '../entities/index.js'
import { type Items, type PreparedPage, preparePage } from '../record/page.js'
import { type Counters, sum } from '../store/counters.js'
import type { CdrLoader } from '../store/loader.js'
import { refuseNewFormat } from '../store/quarantine.js'
import { writeUnlessRefused } from '../store/refused-rows.js'
import { type PageToWrite, writePage } from '../store/write-page.js'
import type { Progress, RunRow } from './run-row.js'

/** What a page is stored with. */
export interface StoringRun {
  parts: LeasedParts & { rawJson: RawJson }
  track: Track
  loader: CdrLoader
  account: {
    counters: Counters
    /** Records that went to quarantine for the first time. */
    quarantined: number
    watermark: number | undefined
    readonly progress: Progress
  }
  findings: { add(page: PreparedPage): void; others(records: number): void }
}

/** What a page's transaction does beyond storing it. */
export interface Checkpoint {
  watermark?: number | undefined
  cover?: (manager: EntityManager) => Promise<void>
}

/** Stores the pages of a run, each in one transaction. */
export class PageStore {
  /** @param isOfReport see preparePage */
  constructor(
    private readonly row: RunRow,
    private readonly run: StoringRun,
    private readonly isOfReport = false
  ) {}

  /** Stores a page; where the database refuses it for a row's sake, without those rows, which go to quarantine. */
  async store(items: Items, checkpoint: Checkpoint = {}): Promise<void> {
    const { account, findings, loader, parts } = this.run
    const page = preparePage(items, parts.rawJson, this.isOfReport)
    findings.add(page)
    await writeUnlessRefused(page, parts, loader, (refused) => this.commit({ page, refused }, checkpoint))
    refuseNewFormat(account.quarantined, account.counters.fetched)
  }

  /** The page's rows, its quarantine, the run's counters, and the checkpoint. */
  private async commit(toWrite: PageToWrite, { watermark, cover }: Checkpoint): Promise<void> {
    const { account, findings, parts } = this.run
    const mark = watermark ?? account.watermark
    const { counters, quarantined, others } = await leasedTransaction(parts, async (manager, attempt) => {
      const saved = attempt > 0 ? await this.countersIfCommitted(manager, toWrite.page.length) : undefined
      if (saved) return { counters: saved, quarantined: 0, others: 0 }
      const written = await this.write(manager, toWrite, mark)
      await cover?.(manager)
      return written
    })
    if (others > 0) findings.others(others)
    account.counters = counters
    account.quarantined += quarantined
    account.watermark = mark
  }

  private async write(manager: EntityManager, toWrite: PageToWrite, watermark: number | undefined) {
    const { account, loader, track } = this.run
    const written = await writePage(manager, loader, { ...track, runId: this.row.id }, toWrite)
    const counters = sum(account.counters, written.counters)
    await this.row.save(manager, { ...account.progress, counters, watermark })
    return { ...written, counters }
  }

  /** The connection can break while a page is being committed, and it was. */
  private async countersIfCommitted(manager: EntityManager, items: number) {
    if (items === 0) return undefined
    const saved = await this.row.counters(manager)
    return saved.fetched === this.run.account.counters.fetched + items ? saved : undefined
  }
}
