import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IsNull } from 'typeorm'
import type { Now } from '../clock.js'
import { asking } from '../coverage/coverage.js'
import { before, intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { lackingIn, planReports, REPORT_DELAY, reportReach } from '../coverage/reports.js'
import { DAY, reach } from '../coverage/rules.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { changeCoverage, coveredScopes } from '../coverage/table.js'
import { leasedTransaction } from '../database/leased-transaction.js'
import { CdrReport } from '../entities/index.js'
import { FileError, messageOf } from '../errors.js'
import { reportFiles } from '../history/report-files.js'
import { TimeZone } from '../history/time-zone.js'
import type { ReportsApi, ReportTemplate } from '../webex/reports.js'
import { toldGaps } from './gaps.js'
import { type ImportParts, type ImportResult, runImport } from './import-run.js'
import { readKnown } from './known.js'
import { isoTime } from './result.js'

export interface HistoryRequest {
  /** Calls that began from then on, in ms since 1970 UTC; by default those in gaps that cdr_feed cannot fill. */
  since: number | undefined
}

export interface HistoryParts extends ImportParts {
  reports: ReportsApi
  /** By the service's clock. */
  now: Now
  /** What this command has asked for already: a report that failed or was blank is not asked for again. */
  tried: Range[]
  /** Told of each report that is stored. */
  stored: (result: ImportResult) => void
}

/** What is to be done after a step: nothing, the next one, or the next one once Webex had time. */
export type HistoryStep = 'done' | 'next' | 'wait'

/**
 * One step on the way to calls that only reports have: asks for a report, or looks whether it is made and stores it. What
 * has been asked for stands in cdr_reports, so that whichever command comes next goes on.
 * @throws ForbiddenError where the Reports API is not served to us, FatalError, TemporaryError
 */
export async function historyStep(request: HistoryRequest, parts: HistoryParts): Promise<HistoryStep> {
  const [pending] = await parts.dataSource.manager.find(CdrReport, {
    where: { endedUtc: IsNull() },
    order: { requestedUtc: 'ASC' },
    take: 1
  })
  return pending ? finish(pending, parts) : begin(request, parts)
}

/** The reports that are to be asked for, the oldest first. */
export async function plannedReports(
  request: HistoryRequest,
  parts: Pick<HistoryParts, 'dataSource' | 'now' | 'tried' | 'log' | 'reports'>
): Promise<{ template: ReportTemplate; ranges: Range[] } | undefined> {
  const wanted = subtract(await lacking(request, parts), parts.tried)
  const [oldest] = wanted
  if (!oldest) return undefined
  const template = await parts.reports.template()
  const { first, last, maxDays } = template
  const bounds = {
    start: first === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${first}T00:00:00Z`),
    end: last === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${last}T00:00:00Z`) + DAY
  }
  if (oldest.start < bounds.start) {
    parts.log.warn(`Webex has reports from ${first} on only: calls that began before stay missing`)
  }
  return { template, ranges: planReports(wanted, { maxDays, bounds }) }
}

async function lacking(
  { since }: HistoryRequest,
  { dataSource: { manager }, now }: Pick<HistoryParts, 'dataSource' | 'now'>
): Promise<Range[]> {
  const present = now()
  const { coverage, lateness } = await readKnown(manager, ALL_LOCATIONS, present)
  const end = Math.floor(reportReach(lateness, present) / DAY) * DAY
  if (since !== undefined) return lackingIn({ start: since, end }, coverage, lateness)
  const gaps = await Promise.all((await coveredScopes(manager)).map((scope) => toldGaps(manager, scope)))
  return intersect(union(gaps.flat()), [before(Math.min(end, reach('cdr_feed', present).start))])
}

async function begin(request: HistoryRequest, parts: HistoryParts): Promise<HistoryStep> {
  const { log, now, reports } = parts
  const { template, ranges: [range, ...later] = [] } = (await plannedReports(request, parts)) ?? {}
  if (!template || !range) return 'done'
  const [first, last] = daysOf(range)
  const requested = now()
  const reportId = await reports.create(template, first, last)
  await leasedTransaction(parts, async (manager) => {
    // What lies between the newest report and the records of the other APIs, these bring.
    if (request.since !== undefined) {
      const asked = { start: Math.max(request.since, range.start), end: Number.POSITIVE_INFINITY }
      await changeCoverage(manager, ALL_LOCATIONS, (coverage) => asking(coverage, asked))
    }
    await manager.insert(CdrReport, {
      reportId,
      startUtc: new Date(range.start),
      endUtc: new Date(range.end),
      requestedUtc: new Date(requested),
      endedUtc: null
    })
  })
  const more = later.length > 0 ? `; ${later.length} more will follow` : ''
  log.info(`asked Webex for the report ${first} to ${last}, which takes it minutes to hours${more}`)
  return 'wait'
}

async function finish(pending: CdrReport, parts: HistoryParts): Promise<HistoryStep> {
  const { log, reports } = parts
  const { reportId } = pending
  const report = await reports.find(reportId)
  if (report?.status === 'pending') return 'wait'
  if (report?.status === 'ready') {
    try {
      const result = await store(pending, parts, (path) => reports.download(report, path))
      if (!result) return 'wait'
      parts.stored(result)
    } catch (error) {
      // Another one may be whole.
      if (error instanceof FileError) await end(pending, parts)
      throw error
    }
  } else {
    const [first, last] = daysOf(rangeOf(pending))
    log.error(`Webex could not make the report ${first} to ${last}: the next command asks for it again`)
  }
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
  parts.tried.push(rangeOf(pending))
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
  const folder = await mkdtemp(join(tmpdir(), 'webex-cdr-'))
  try {
    const path = join(folder, `${daysOf(range).join('..')}`)
    if (!(await download(path))) return undefined
    // Cisco does not document how the times of a report in UTC look.
    const zone = new TimeZone('UTC')
    const read = pending.requestedUtc.getTime() - REPORT_DELAY
    const files = await reportFiles(path)
    return await runImport({ files, zone, covers: { ...range, read }, dryRun: false }, parts)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function rangeOf({ startUtc, endUtc }: CdrReport): Range {
  return { start: startUtc.getTime(), end: endUtc.getTime() }
}

/** The first and the last day, as YYYY-MM-DD. */
export function daysOf({ start, end }: Range): [first: string, last: string] {
  return [isoTime(start).slice(0, 10), isoTime(end - DAY).slice(0, 10)]
}
