import type { EntityManager } from 'typeorm'
import { unread } from '../coverage/coverage.js'
import { intersect, type Range, subtract, union } from '../coverage/intervals.js'
import { ALL_LOCATIONS, locationsOf } from '../coverage/scope.js'
import { coveredScopes, readCoverage } from '../coverage/table.js'
import { type GapStats, openGaps } from '../report/gaps.js'
import type { Period } from './period.js'

/**
 * Start times in the period of which calls lack, or may: before what was first asked for, not read yet, and gaps, those
 * that were accepted too. A sync of all locations speaks for the others.
 */
export async function missingIn(manager: EntityManager, period: Period, now: number): Promise<Range[]> {
  const gaps = await openGaps(manager, now)
  const scopes = await coveredScopes(manager)
  const missing = new Map<string, Range[]>()
  for (const scope of scopes) missing.set(scope, await missingOf(manager, scope, gaps, period))
  const ofAll = missing.get(ALL_LOCATIONS)
  if (ofAll && period.locations.length === 0) return ofAll
  const wanted = period.locations.length > 0 ? period.locations : scopes.flatMap((s) => locationsOf(s) ?? [])
  if (wanted.length === 0) return [rangeOf(period)]
  return union(
    wanted.flatMap((location) => {
      const having = [...missing].filter(([scope]) => reads(scope, location))
      return having.reduce((left, [, ranges]) => intersect(left, ranges), [rangeOf(period)])
    })
  )
}

function reads(scope: string, location: string): boolean {
  return scope === ALL_LOCATIONS || (locationsOf(scope) ?? []).includes(location)
}

async function missingOf(
  manager: EntityManager,
  scope: string,
  gaps: readonly GapStats[],
  period: Period
): Promise<Range[]> {
  const coverage = await readCoverage(manager, scope)
  const ofScope = gaps
    .filter((gap) => gap.scope === scope)
    .map(({ start, end }) => ({ start: Date.parse(start), end: Date.parse(end) }))
  const here = [rangeOf(period)]
  const notAsked = subtract(here, coverage.asked)
  return union([
    ...notAsked,
    ...intersect([...unread(coverage, period.until), ...ofScope, ...coverage.accepted], here)
  ])
}

function rangeOf({ since, until }: Period): Range {
  return { start: since, end: until }
}
