import { intersect } from '../coverage/intervals.js'
import { planFill } from '../coverage/plan.js'
import { reach } from '../coverage/rules.js'
import { locationsOf, scopeOf } from '../coverage/scope.js'
import { coveredScopes } from '../coverage/table.js'
import { type CdrError, FatalError, TemporaryError } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { toldGaps } from './gaps.js'
import { readKnown } from './known.js'
import { isoTime, type SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'

/**
 * Fetches from cdr_feed what is missing, as far as the service still has it; each run is yielded when it has ended.
 * Without locations, of all scopes.
 * @throws what ended a run, once the others are done where it was the answer to this one
 */
export async function* fillGaps(
  feed: CdrSource,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts
): AsyncGenerator<SyncResult, void, undefined> {
  const isGiven = request.locations.length > 0
  const scopes = isGiven ? [scopeOf(request.locations)] : await coveredScopes(parts.dataSource.manager)
  const failures: CdrError[] = []
  for (const scope of scopes) {
    const locations = isGiven ? request.locations : locationsOf(scope)
    try {
      if (locations) yield* fillScope(feed, scope, { ...request, locations }, parts)
      else parts.log.warn(`the gaps of ${scope} can only be filled with its --locations`)
    } catch (error) {
      // What the service does not give of one is no reason to wait with the others.
      if (!(error instanceof FatalError || error instanceof TemporaryError)) throw error
      failures.push(error)
    }
  }
  const [first, ...others] = failures
  for (const { message } of others) parts.log.error(message)
  if (first) throw first
}

async function* fillScope(
  feed: CdrSource,
  scope: string,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts
): AsyncGenerator<SyncResult, void, undefined> {
  const { manager } = parts.dataSource
  const known = await readKnown(manager, scope, parts.now())
  const gaps = await toldGaps(manager, scope)
  const lost = { start: Number.NEGATIVE_INFINITY, end: reach('cdr_feed', known.now).start }
  for (const { start, end } of intersect(gaps, [lost])) {
    parts.log.warn(
      `cdr_feed no longer has the calls from ${isoTime(start)} to ${isoTime(end)} (30 days), but reports may`
    )
  }
  const plan = planFill(known, gaps)
  if (plan) yield await runSource(feed, { ...request, plan, known }, parts)
}
