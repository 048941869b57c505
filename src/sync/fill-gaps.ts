import { type EntityManager, IsNull, Not } from 'typeorm'
import { latenessOf } from '../coverage/lateness.js'
import { locationsOf, scopeOf } from '../coverage/scope.js'
import { historyOf, type Range, RULES } from '../coverage/windows.js'
import { CdrSyncError } from '../entities/index.js'
import { type CdrError, FatalError, TemporaryError } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { isoTime, type SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'

/**
 * Fetches from cdr_feed what gaps and failures lack, as far as the service still has it; each run is yielded when it
 * has ended. Without locations, of all scopes.
 * @throws what ended a run, once the others are done where it was the answer to this one
 */
export async function* fillGaps(
  feed: CdrSource,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts
): AsyncGenerator<SyncResult, void, undefined> {
  const isGiven = request.locations.length > 0
  const scopes = isGiven ? [scopeOf(request.locations)] : await openScopes(parts.dataSource.manager)
  const failures: CdrError[] = []
  for (const scope of scopes) {
    const locations = isGiven ? request.locations : locationsOf(scope)
    if (locations) yield* fillScope(feed, { ...request, locations }, parts, failures)
    else parts.log.warn(`the gaps of ${scope} are filled only with the --locations that it stands for`)
  }
  const [first, ...others] = failures
  for (const { message } of others) parts.log.error(message)
  if (first) throw first
}

async function* fillScope(
  feed: CdrSource,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts,
  failures: CdrError[]
): AsyncGenerator<SyncResult, void, undefined> {
  const { manager } = parts.dataSource
  const now = parts.now()
  const oldest = now - historyOf(RULES.cdr_feed)
  const newest = now - RULES.cdr_feed.settling
  const scope = scopeOf(request.locations)
  const lateness = await latenessOf(manager, scope, now)
  for (const gap of merged(await openRanges(manager, scope, lateness))) {
    const range = { start: Math.max(gap.start, oldest), end: Math.min(gap.end, newest) }
    if (gap.start < oldest) {
      parts.log.warn(
        `calls from ${isoTime(gap.start)} to ${isoTime(Math.min(gap.end, oldest))} are no longer at the service (30 days): Control Hub's reports may still have them`
      )
    }
    if (range.start >= range.end) continue
    try {
      yield await runSource(feed, { ...request, since: range.start, until: range.end }, parts)
    } catch (error) {
      // One that the service does not give is no reason to wait with the others.
      if (!(error instanceof FatalError || error instanceof TemporaryError)) throw error
      failures.push(error)
    }
  }
}

async function openScopes(manager: EntityManager): Promise<string[]> {
  const errors = await manager.find(CdrSyncError, {
    where: { scope: Not(IsNull()), recovered: false, recordKey: IsNull(), rangeStartUtc: Not(IsNull()) }
  })
  return [...new Set(errors.flatMap(({ scope }) => scope ?? []))].sort()
}

/** What is missing, by Start time, oldest first. */
async function openRanges(manager: EntityManager, scope: string, lateness: number): Promise<Range[]> {
  const errors = await manager.find(CdrSyncError, {
    where: {
      scope,
      recovered: false,
      recordKey: IsNull(),
      rangeStartUtc: Not(IsNull()),
      rangeEndUtc: Not(IsNull())
    },
    order: { rangeStartUtc: 'ASC' }
  })
  return errors.map(({ source, rangeStartUtc, rangeEndUtc }) => ({
    // What was stored at the service in that time may have begun long before.
    start: (rangeStartUtc?.getTime() ?? 0) - (source === 'cdr_stream' ? lateness : 0),
    end: rangeEndUtc?.getTime() ?? 0
  }))
}

/** In order, those that touch made one. */
function merged(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a.start - b.start)
  const result: Range[] = []
  for (const range of sorted) {
    const last = result.at(-1)
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end)
    else result.push({ ...range })
  }
  return result
}
