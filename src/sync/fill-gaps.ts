import { type EntityManager, IsNull, Not } from 'typeorm'
import { CdrSyncError } from '../entities/index.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { recoverWindow } from './failures.js'
import { leasedTransaction } from './leased-transaction.js'
import { isoTime, type SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'
import { locationsOf, scopeOf, trackOf } from './scope.js'
import { historyOf, type Range, RULES } from './windows.js'

/**
 * Fetches from cdr_feed what gaps and failures lack, as far as the service still has it; each run is yielded when it
 * has ended. Without locations, of all scopes.
 */
export async function* fillGaps(
  feed: CdrSource,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts
): AsyncGenerator<SyncResult, void, undefined> {
  const isGiven = request.locations.length > 0
  const scopes = isGiven ? [scopeOf(request.locations)] : await openScopes(parts.dataSource.manager)
  for (const scope of scopes) {
    const locations = isGiven ? request.locations : locationsOf(scope)
    if (locations) yield* fillScope(feed, { ...request, locations }, parts)
    else parts.log.warn(`the gaps of ${scope} are filled only with the --locations that it stands for`)
  }
}

async function* fillScope(
  feed: CdrSource,
  request: Pick<RunRequest, 'locations' | 'dryRun'>,
  parts: RunParts
): AsyncGenerator<SyncResult, void, undefined> {
  const now = parts.now()
  const oldest = now - historyOf(RULES.cdr_feed)
  const newest = now - RULES.cdr_feed.settling
  const scope = scopeOf(request.locations)
  for (const gap of merged(await openRanges(parts.dataSource.manager, scope))) {
    const range = { start: Math.max(gap.start, oldest), end: Math.min(gap.end, newest) }
    if (gap.start < oldest) {
      parts.log.warn(
        `calls from ${isoTime(gap.start)} to ${isoTime(Math.min(gap.end, oldest))} are no longer at the service (30 days): Control Hub's reports may still have them`
      )
    }
    if (range.start >= range.end) continue
    yield await runSource(feed, { ...request, since: range.start, until: range.end }, parts)
    if (!request.dryRun) await recover(request, parts, range)
  }
}

async function openScopes(manager: EntityManager): Promise<string[]> {
  const errors = await manager.find(CdrSyncError, {
    where: { scope: Not(IsNull()), recovered: false, recordKey: IsNull(), rangeStartUtc: Not(IsNull()) }
  })
  return [...new Set(errors.flatMap(({ scope }) => scope ?? []))].sort()
}

/** What is missing, by Start time, oldest first. */
async function openRanges(manager: EntityManager, scope: string): Promise<Range[]> {
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
    start: (rangeStartUtc?.getTime() ?? 0) - (source === 'cdr_stream' ? RULES.cdr_feed.deepLookback : 0),
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

async function recover(
  { locations }: Pick<RunRequest, 'locations'>,
  parts: RunParts,
  range: Range
): Promise<void> {
  await leasedTransaction(parts, async (manager) => {
    await recoverWindow(manager, trackOf('cdr_feed', locations), range, false)
    // What was stored at the service in that time may have begun long before.
    const stored = { start: range.start + RULES.cdr_feed.deepLookback, end: range.end }
    if (stored.start < stored.end)
      await recoverWindow(manager, trackOf('cdr_stream', locations), stored, false)
  })
}
