import { parseDuration, parseMoment } from '../config/moments.js'
import { UsageError } from '../errors.js'
import type { SyncRequest } from '../sync/sync-sources.js'

/** The flags of `sync` as they were typed. */
export interface SyncFlags {
  source?: string | undefined
  since?: string | undefined
  until?: string | undefined
  lookback?: string | undefined
  locations: string[]
  fillGaps: boolean
  retryQuarantined: boolean
  dryRun: boolean
  json: boolean
}

/** The most that the service takes in one request. */
const MOST_LOCATIONS = 10

/** @throws UsageError */
export function syncRequest(flags: SyncFlags, now: number): SyncRequest {
  refuseOddPairs(flags)
  const { since, until, lookback, fillGaps, dryRun } = flags
  const start = since === undefined ? undefined : parseMoment(since, '--since', now)
  if (start !== undefined && start > now) throw new UsageError(`--since ${since} lies in the future`)
  return {
    source: sourceOf(flags.source),
    since: start,
    until: until === undefined ? undefined : parseMoment(until, '--until', now),
    lookback: lookback === undefined ? undefined : parseDuration(lookback, '--lookback'),
    locations: locationsOf(flags.locations),
    fillGaps,
    dryRun
  }
}

function refuseOddPairs({
  source,
  since,
  until,
  lookback,
  locations,
  fillGaps,
  retryQuarantined,
  dryRun
}: SyncFlags): void {
  if (until !== undefined && since === undefined) {
    throw new UsageError('--until needs --since: together they name the range of a backfill')
  }
  if (until !== undefined && lookback !== undefined) {
    throw new UsageError('--lookback does not go with --until: a backfill fetches just its range')
  }
  const ranges = { '--source': source, '--since': since, '--lookback': lookback }
  const [range] = Object.entries(ranges).find(([, value]) => value !== undefined) ?? []
  if (fillGaps && range) {
    throw new UsageError(`--fill-gaps does not go with ${range}: it fetches what is missing, from cdr_feed`)
  }
  const other = fillGaps ? '--fill-gaps' : dryRun ? '--dry-run' : locations.length > 0 ? '--locations' : range
  if (retryQuarantined && other) {
    throw new UsageError(`--retry-quarantined does not go with ${other}: it asks the service nothing`)
  }
}

function sourceOf(text = 'auto'): SyncRequest['source'] {
  if (text === 'auto' || text === 'feed' || text === 'stream') return text
  throw new UsageError(`--source “${text}” is unknown: write auto, feed or stream`)
}

function locationsOf(typed: readonly string[]): string[] {
  const names = [...new Set(typed)]
  if (names.length > MOST_LOCATIONS) {
    throw new UsageError(
      `--locations takes 1 to ${MOST_LOCATIONS} names, not ${names.length}: the service filters by no more`
    )
  }
  if (names.some((name) => name.trim() === '')) throw new UsageError('--locations has an empty name')
  return names
}
