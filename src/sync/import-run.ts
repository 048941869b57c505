import { setImmediate } from 'node:timers/promises'
import type { EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import type { FeedRead } from '../coverage/coverage.js'
import { intersect, type Range } from '../coverage/intervals.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { type LeasedParts, leasedTransaction } from '../database/leased-transaction.js'
import { type RawJson, REPORT, type RunStatus } from '../entities/index.js'
import { LeaseLostError, messageOf } from '../errors.js'
import type { ReportFile } from '../history/report-files.js'
import { checkBeginning, type ReportPage, reportPages } from '../history/report-pages.js'
import type { TimeZone } from '../history/time-zone.js'
import { preparePage } from '../record/page.js'
import { allowed } from '../store/barred.js'
import { type Counters, NOTHING, sum } from '../store/counters.js'
import { createLoader } from '../store/create-loader.js'
import type { CdrLoader } from '../store/loader.js'
import { rowsToStore } from '../store/report-rows.js'
import { noteRest, progressOf, requirePossibleDeletion } from '../store/retention-progress.js'
import { CallsOfReport, type Covers } from './calls-of-report.js'
import { Findings } from './findings.js'
import { coverByReport, toldGaps } from './gaps.js'
import { PageStore, type StoringRun } from './page-store.js'
import { readAhead } from './read-ahead.js'
import { isoTime } from './result.js'
import { type Progress, RunRow } from './run-row.js'
import { stoppedBy } from './window-reader.js'

export interface ImportRequest {
  files: readonly ReportFile[]
  /** Of times that have no offset. */
  zone: TimeZone | undefined
  covers: Covers | undefined
  /** Reads and compares only. */
  dryRun: boolean
}

/** What an import did. Times are ISO 8601 in UTC. */
export interface ImportResult extends Counters {
  status: 'succeeded' | 'dry run'
  files: number
  /** When the first and the last of the calls began; null where there are none. */
  range: { start: string; end: string } | null
  /** Gaps that are none any more. */
  closed: { start: string; end: string }[]
  durationSeconds: number
  notes: string
}

export interface ImportParts extends LeasedParts {
  rawJson: RawJson
  now: Now
  /** Told how far it is. @param bytes uncompressed, of the file */
  looked: (file: ReportFile, bytes: number, rows: number) => void
}

/** Rows that are stored at once. */
const PAGE = 2_500

/**
 * Stores the rows of reports as a run of its own, page by page. One that was ended begins anew: what it has stored is
 * known then.
 * @throws what ended it; by then it stands in the database
 */
export async function runImport(request: ImportRequest, parts: ImportParts): Promise<ImportResult> {
  // Nothing is stored where one of them is something else.
  for (const file of request.files) await checkBeginning(file, request.zone)
  const run = new ImportRun(request, parts, await createLoader(parts.dataSource.manager))
  return request.dryRun ? run.rehearse() : run.execute()
}

class ImportRun implements StoringRun {
  readonly track = { source: REPORT, scope: ALL_LOCATIONS }
  readonly findings: Findings
  readonly account = new ImportAccount(() => this.findings.notes(0))
  private readonly calls: CallsOfReport
  private closed: Range[] = []

  constructor(
    private readonly request: ImportRequest,
    readonly parts: ImportParts,
    readonly loader: CdrLoader
  ) {
    this.calls = new CallsOfReport(request.covers)
    this.findings = new Findings({ backfill: false, clamped: false }, parts.log, parts.now(), undefined)
  }

  async execute(): Promise<ImportResult> {
    const row = await this.open()
    const store = new PageStore(row, this, true)
    try {
      await this.read((items) => store.store(items))
      const covered = await this.doubt()
      this.closed = await this.transaction(async (manager) => {
        const closed: Range[] = []
        for (const report of covered) closed.push(...(await coverByReport(manager, report)))
        await row.close(manager, 'succeeded', this.account.progress, this.calls.starts)
        return closed
      })
    } catch (error) {
      const stopped = stoppedBy(this.parts.signal)
      if (stopped || !(error instanceof LeaseLostError)) {
        this.findings.note(messageOf(stopped ?? error))
        await this.close(row, stopped ? 'interrupted' : 'failed')
      }
      throw stopped ?? error
    }
    return this.result('succeeded')
  }

  /** Reads and compares; writes nothing. */
  async rehearse(): Promise<ImportResult> {
    const { dataSource, rawJson } = this.parts
    await this.read(async (items) => {
      const page = preparePage(items, rawJson, true)
      this.findings.add(page)
      const rows = [...page.rows()]
      const came = new Set(rows)
      const { rows: toStore, cameAs } = await allowed(
        dataSource.manager,
        await rowsToStore(dataSource.manager, page, rows)
      )
      const inserted = toStore.filter((row) => came.has(cameAs(row))).length
      this.account.counters = sum(this.account.counters, {
        fetched: items.length,
        inserted,
        updated: toStore.length - inserted,
        duplicate: rows.length - toStore.length + page.repeats,
        quarantined: page.unstorable.length
      })
    })
    await this.doubt()
    return this.result('dry run')
  }

  private async read(work: (items: ReportPage['items']) => Promise<void>): Promise<void> {
    const { files, zone } = this.request
    for (const file of files) {
      let rows = 0
      const pages = reportPages(file, zone, PAGE)
      try {
        for await (const { items, bytes } of readAhead(pages)) {
          await work(items)
          this.calls.add(items)
          rows += items.length
          this.parts.looked(file, bytes, rows)
          // SQLite answers at once: a signal has its turn now.
          await setImmediate()
          const stopped = stoppedBy(this.parts.signal)
          if (stopped) throw stopped
        }
      } finally {
        // Closes the file.
        await pages.return()
      }
      if (rows === 0) this.findings.remark(`${file.name} has a header and no calls`)
    }
  }

  /**
   * What somebody should know, and what is covered.
   * @throws UsageError where the files cannot be those of the range
   */
  private async doubt(): Promise<FeedRead[]> {
    const { findings } = this
    const { covers } = this.request
    const { starts } = this.calls
    const { manager } = this.parts.dataSource
    if (!starts) {
      // The service leaves some reports blank.
      if (covers) findings.remark('no call was read, so no day counts as complete')
      return []
    }
    const deleted = await progressOf(manager, 'delete')
    if (deleted && starts.start < deleted.before) {
      findings.remark(
        `calls that began before ${isoTime(deleted.before)} are left out: \`retain\` deletes them`
      )
    }
    if (covers) return this.calls.covered(covers, this.parts.now(), findings)
    if (intersect(await toldGaps(manager, ALL_LOCATIONS), [{ ...starts, end: starts.end + 1 }]).length > 0) {
      findings.remark(
        'there are gaps in this time, which stay open: --covers tells of which days the files have all calls'
      )
    }
    return []
  }

  private open(): Promise<RunRow> {
    const { now, rawJson } = this.parts
    return this.transaction(async (manager, attempt) => {
      await requirePossibleDeletion(manager, now())
      if (rawJson === 'rest') await noteRest(manager, now())
      return RunRow.open(manager, this.track, undefined, undefined, attempt > 0)
    })
  }

  private async close(row: RunRow, status: Exclude<RunStatus, 'running'>): Promise<void> {
    try {
      await this.transaction((manager) =>
        row.close(manager, status, this.account.progress, this.calls.starts)
      )
    } catch (error) {
      this.parts.log.error(`the result of the import could not be saved: ${messageOf(error)}`)
    }
  }

  private result(status: ImportResult['status']): ImportResult {
    const { duration, notes } = this.account.progress
    return {
      status,
      files: this.request.files.length,
      range: this.calls.starts ? said(this.calls.starts) : null,
      ...this.account.counters,
      closed: this.closed.map(said),
      durationSeconds: Math.round(duration) / 1_000,
      notes
    }
  }

  private transaction<T>(work: (manager: EntityManager, attempt: number) => Promise<T>): Promise<T> {
    return leasedTransaction(this.parts, work)
  }
}

class ImportAccount {
  counters = NOTHING
  quarantined = 0
  /** A report moves none. */
  watermark: number | undefined
  private readonly started = performance.now()

  constructor(private readonly notes: () => string) {}

  get progress(): Progress {
    const duration = performance.now() - this.started
    return { counters: this.counters, apiCalls: 0, duration, notes: this.notes(), watermark: undefined }
  }
}

function said({ start, end }: Range): { start: string; end: string } {
  return { start: isoTime(start), end: isoTime(end) }
}
