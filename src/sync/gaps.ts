import type { EntityManager } from 'typeorm'
import { asking, type FeedRead, without, withReport } from '../coverage/coverage.js'
import { intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { changeCoverage, coveredScopes } from '../coverage/table.js'
import { CdrSyncError, GAP } from '../entities/index.js'
import { insertError, type RunOfTrack, rangeColumns, recoverError } from './failures.js'

const MESSAGE =
  'Calls that began in this range are missing. `npm run sync -- --fill-gaps` fetches what Webex still has; `npm run import` takes the rest from Control Hub reports.'

/** The gaps of a scope that cdr_sync_errors tells of, as ranges of Start times. */
export async function toldGaps(manager: EntityManager, scope: string): Promise<Range[]> {
  return (await openRows(manager, scope)).map(({ range }) => range)
}

/**
 * Makes the rows of a scope's gaps say what its gaps are.
 * @returns what no row has told of before
 */
export async function tellGaps(
  manager: EntityManager,
  run: Partial<RunOfTrack> & { scope: string },
  gaps: readonly Range[]
): Promise<Range[]> {
  const rows = await openRows(manager, run.scope)
  const fresh = subtract(
    gaps,
    rows.map(({ range }) => range)
  )
  for (const gap of gaps) {
    const index = rows.findIndex(({ range }) => range.start <= gap.end && range.end >= gap.start)
    const [known] = index < 0 ? [] : rows.splice(index, 1)
    if (!known)
      await insertError(manager, { ...run, ...rangeColumns(gap), errorType: GAP, errorMessage: MESSAGE })
    else if (known.range.start !== gap.start || known.range.end !== gap.end) {
      await manager.update(CdrSyncError, { id: known.id }, rangeColumns(gap))
    }
  }
  for (const { id } of rows) await recoverError(manager, id)
  return fresh
}

/**
 * A report of all locations has brought calls: what it has whole is a gap no more, in no scope.
 * @returns the gaps that were closed by it, of all scopes
 */
export async function coverByReport(manager: EntityManager, report: FeedRead): Promise<Range[]> {
  const closed: Range[] = []
  for (const scope of new Set([ALL_LOCATIONS, ...(await coveredScopes(manager))])) {
    await changeCoverage(manager, scope, (coverage) =>
      withReport(scope === ALL_LOCATIONS ? asking(coverage, report) : coverage, report)
    )
    const brought = [{ start: report.start, end: Math.min(report.end, report.read) }]
    const gaps = await toldGaps(manager, scope)
    await tellGaps(manager, { scope }, subtract(gaps, brought))
    closed.push(...intersect(gaps, brought))
  }
  return union(closed)
}

/**
 * Accepts that calls are missing: what lies in the range is no gap any more.
 * @returns what of the range is accepted now
 */
export async function acceptGaps(manager: EntityManager, scope: string, range: Range): Promise<Range[]> {
  const gaps = await toldGaps(manager, scope)
  const { accepted } = await changeCoverage(manager, scope, (coverage) =>
    without(coverage, intersect(gaps, [range]))
  )
  await tellGaps(manager, { scope }, subtract(gaps, accepted))
  return intersect(accepted, [range])
}

async function openRows(manager: EntityManager, scope: string): Promise<{ id: number; range: Range }[]> {
  const rows = await manager.find(CdrSyncError, {
    where: { scope, errorType: GAP, recovered: false },
    order: { rangeStartUtc: 'ASC' }
  })
  return rows.flatMap(({ id, rangeStartUtc: start, rangeEndUtc: end }) =>
    start && end ? [{ id, range: { start: start.getTime(), end: end.getTime() } }] : []
  )
}
