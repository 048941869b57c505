import type { EntityManager } from 'typeorm'
import type { Now } from '../clock.js'
import { isContinued, whole } from '../coverage/coverage.js'
import { before, intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { planReports, REPORT_DELAY } from '../coverage/reports.js'
import { DAY, reach } from '../coverage/rules.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { coveredScopes, readCoverage } from '../coverage/table.js'
import type { LeasedParts } from '../database/leased-transaction.js'
import type { ReportsApi, ReportTemplate } from '../webex/reports.js'
import { toldGaps } from './gaps.js'
import { readKnown } from './known.js'

export interface HistoryRequest {
  /** Calls that began from then on, in ms since 1970 UTC; by default those in gaps that cdr_feed cannot fill. */
  since: number | undefined
}

export interface PlanParts extends Pick<LeasedParts, 'dataSource' | 'log'> {
  reports: ReportsApi
  /** By the service's clock. */
  now: Now
  /** What this command does not ask for any more: it has, even if a report was blank, or there are no reports of it. */
  passed: Range[]
}

/** The reports that are to be asked for, the oldest first. */
export async function plannedReports(
  request: HistoryRequest,
  parts: PlanParts
): Promise<{ template: ReportTemplate; ranges: Range[] } | undefined> {
  const { lacking, end } = await wantedReports(request, parts)
  const wanted = subtract(lacking, parts.passed)
  // Else a day would become due while a report is waited for, and so on.
  parts.passed.push({ start: end, end: Number.POSITIVE_INFINITY })
  const [oldest] = wanted
  if (!oldest) return undefined
  const template = await parts.reports.template()
  const { first, last, maxDays } = template
  const bounds = {
    start: first === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${first}T00:00:00Z`),
    end: last === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${last}T00:00:00Z`) + DAY
  }
  parts.passed.push(before(bounds.start))
  if (oldest.start < bounds.start) {
    parts.log.warn(`Webex has reports from ${first} on only: calls that began before stay missing`)
  }
  return { template, ranges: planReports(wanted, { maxDays, bounds }) }
}

/** What reports are to bring, and up to when they can. */
export async function wantedReports(
  { since }: HistoryRequest,
  { dataSource: { manager }, now }: Pick<PlanParts, 'dataSource' | 'now'>
): Promise<{ lacking: Range[]; end: number }> {
  const present = now()
  const { coverage, lateness } = await readKnown(manager, ALL_LOCATIONS, present)
  const end = Math.floor((present - REPORT_DELAY - lateness) / DAY) * DAY
  if (since !== undefined) {
    return { lacking: subtract([{ start: since, end }], whole(coverage, lateness)), end }
  }
  // A report has the calls of all locations: whoever syncs only some of them does not want the others.
  if (await areLocationsChosen(manager)) return { lacking: [], end }
  const gaps = await Promise.all((await coveredScopes(manager)).map((scope) => toldGaps(manager, scope)))
  const kept = reach('cdr_feed', present).start
  return { lacking: intersect(union(gaps.flat()), [before(Math.min(end, kept))]), end }
}

/** Whether only some locations are synced. */
export async function areLocationsChosen(manager: EntityManager): Promise<boolean> {
  const scopes = await coveredScopes(manager)
  const coverages = await Promise.all(
    scopes.map(async (scope) => ({ scope, isContinued: isContinued(await readCoverage(manager, scope)) }))
  )
  const continued = coverages.filter((one) => one.isContinued)
  return continued.length > 0 && continued.every(({ scope }) => scope !== ALL_LOCATIONS)
}
