import { join } from 'node:path'
import { type EntityManager, IsNull } from 'typeorm'
import { asking } from '../coverage/coverage.js'
import { intersect, type Range } from '../coverage/intervals.js'
import { REPORT_DELAY } from '../coverage/reports.js'
import { DAY } from '../coverage/rules.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { changeCoverage } from '../coverage/table.js'
import { leasedTransaction } from '../database/leased-transaction.js'
import { CdrReport } from '../entities/index.js'
import { FileError, messageOf, NotServedError, TemporaryError, UsageError } from '../errors.js'
import { inTemporaryFolder, reportFiles } from '../history/report-files.js'
import { TimeZone } from '../history/time-zone.js'
import { type ImportParts, type ImportResult, runImport } from './import-run.js'
import {
  areLocationsChosen,
  type HistoryRequest,
  type PlanParts,
  plannedReports,
  wantedReports
} from './planned-reports.js'
import { isoTime } from './result.js'

/** How long a report is waited for in all, in ms: one that is made then is asked for once more. */
const GIVEN_UP = 3 * DAY

export interface HistoryParts extends ImportParts, PlanParts {
  /** Of which days this command met no report that it had asked for. */
  failed: Range[]
  /** Told of each report that is stored. */
  stored: (result: ImportResult) => void
}

/** What is to be done after a step: nothing, the next one, or the next one once Webex has made the report, or its file. */
export type HistoryStep = 'done' | 'next' | 'report awaited' | 'file awaited'

/**
 * One step on the way to calls that only reports have: asks for a report, or looks whether it is made and stores it. What
 * has been asked for stands in cdr_reports, so that whichever command comes next goes on.
 * @throws ForbiddenError, NotServedError where the Reports API is not served to us, FileError where a report is damaged or
 * of other days, FatalError, TemporaryError
 */
export async function historyStep(request: HistoryRequest, parts: HistoryParts): Promise<HistoryStep> {
  const [pending] = await parts.dataSource.manager.find(CdrReport, {
    where: { endedUtc: IsNull() },
    order: { requestedUtc: 'ASC' },
    take: 1
  })
  return pending ? finish(pending, parts) : begin(request, parts)
}

async function begin(request: HistoryRequest, parts: HistoryParts): Promise<HistoryStep> {
  const { log, now, reports } = parts
  const { template, ranges: [range, ...later] = [] } = (await plannedReports(request, parts)) ?? {}
  if (!template || !range) {
    await conclude(request, parts)
    return 'done'
  }
  const [first, last] = daysOf(range)
  const requested = now()
  const reportId = await reports.create(template, first, last)
  try {
    await leasedTransaction(parts, async (manager) => {
      if (request.since !== undefined) await askFrom(manager, Math.max(request.since, range.start))
      await manager.insert(CdrReport, {
        reportId,
        startUtc: new Date(range.start),
        endUtc: new Date(range.end),
        requestedUtc: new Date(requested),
        endedUtc: null
      })
    })
  } catch (error) {
    // One that nobody knows of would stay at Webex.
    await reports.delete(reportId).catch(() => undefined)
    throw error
  }
  const more = later.length > 0 ? `; ${later.length} more will follow` : ''
  log.info(`asked Webex for the report ${first} to ${last}, which takes it minutes to hours${more}`)
  return 'report awaited'
}

/** @throws TemporaryError where reports have failed */
async function conclude(request: HistoryRequest, parts: HistoryParts): Promise<void> {
  const { since } = request
  const { lacking } = await wantedReports(request, parts)
  if (since !== undefined && lacking.length === 0) {
    await leasedTransaction(parts, (manager) => askFrom(manager, since))
  }
  const failed = parts.failed.find((range) => intersect([range], lacking).length > 0)
  if (failed) {
    const [first, last] = daysOf(failed)
    throw new TemporaryError(
      `Webex has made no report of ${first} to ${last}: run the command again, and it asks once more`
    )
  }
}

/** What lies between the newest report and the records of the other APIs, these bring then. */
async function askFrom(manager: EntityManager, start: number): Promise<void> {
  if (await areLocationsChosen(manager)) return
  const asked = { start, end: Number.POSITIVE_INFINITY }
  await changeCoverage(manager, ALL_LOCATIONS, (coverage) => asking(coverage, asked))
}

async function finish(pending: CdrReport, parts: HistoryParts): Promise<HistoryStep> {
  const { log, reports } = parts
  const said = `the report ${daysOf(rangeOf(pending)).join(' to ')}`
  const isAwaited = parts.now() - pending.requestedUtc.getTime() < GIVEN_UP
  const report = await reports.find(pending.reportId)
  if (report?.status === 'pending' && isAwaited) return 'report awaited'
  if (report?.status === 'ready') {
    try {
      const result = await store(pending, parts, (path) => reports.download(report, path))
      if (!result && isAwaited) return 'file awaited'
      if (result) {
        parts.stored(result)
        await end(pending, parts)
        return 'next'
      }
    } catch (error) {
      if (error instanceof NotServedError) await end(pending, parts)
      if (!(error instanceof FileError || error instanceof UsageError)) throw error
      // Another one may be whole.
      await end(pending, parts)
      throw new FileError(`${error.message}; run the command again, and it asks Webex for another one`)
    }
  }
  parts.failed.push(rangeOf(pending))
  log.warn(`${said} ${report ? 'could not be made' : 'is no longer at Webex'}`)
  await end(pending, parts)
  return 'next'
}

async function end(pending: CdrReport, parts: HistoryParts): Promise<void> {
  const { reportId } = pending
  try {
    await parts.reports.delete(reportId)
  } catch (error) {
    // It is in the way only when there are fifty.
    parts.log.warn(`the report stays at Webex: ${messageOf(error)}`)
  }
  parts.passed.push(rangeOf(pending))
  await leasedTransaction(parts, (manager) =>
    manager.update(CdrReport, { reportId }, { endedUtc: new Date(parts.now()) })
  )
}

/** @returns undefined where the file cannot be had yet */
async function store(
  pending: CdrReport,
  parts: HistoryParts,
  download: (path: string) => Promise<boolean>
): Promise<ImportResult | undefined> {
  const range = rangeOf(pending)
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, daysOf(range).join('..'))
    if (!(await download(path))) return undefined
    // Cisco does not document how the times of a report in UTC look.
    const zone = new TimeZone('UTC')
    const read = pending.requestedUtc.getTime() - REPORT_DELAY
    const files = await reportFiles(path)
    return runImport({ files, zone, covers: { ...range, read, isClaimed: false }, dryRun: false }, parts)
  })
}

function rangeOf({ startUtc, endUtc }: CdrReport): Range {
  return { start: startUtc.getTime(), end: endUtc.getTime() }
}

/** The first and the last day, as YYYY-MM-DD. */
export function daysOf({ start, end }: Range): [first: string, last: string] {
  return [isoTime(start).slice(0, 10), isoTime(end - DAY).slice(0, 10)]
}
