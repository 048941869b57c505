import { parseDuration, parseMoment } from '../config/moments.js'
import { UsageError } from '../errors.js'
import type { SyncRequest } from '../sync/sync-sources.js'
import type { OptionsOf } from './command.js'
import { refuseWith, requireFor } from './option-rules.js'
import type { sync } from './sync.js'

export type SyncOptions = OptionsOf<typeof sync>

/** The most that the service takes in one request. */
const MOST_LOCATIONS = 10

/** @throws UsageError */
export function syncRequest(options: SyncOptions, now: number): SyncRequest {
  refuseOddPairs(options)
  const { source = 'auto', since, until, lookback, fillGaps, dryRun } = options
  const start = since === undefined ? undefined : parseMoment(since, '--since', now)
  if (start !== undefined && start > now) throw new UsageError(`--since ${since} is in the future`)
  return {
    source,
    since: start,
    until: until === undefined ? undefined : parseMoment(until, '--until', now),
    lookback: lookback === undefined ? undefined : parseDuration(lookback, '--lookback'),
    locations: locationsOf(options.locations),
    fillGaps,
    dryRun
  }
}

function refuseOddPairs(options: SyncOptions): void {
  requireFor(options, 'since', ['until'])
  refuseWith(options, 'until', ['lookback'], 'a backfill fetches only its range')
  refuseWith(
    options,
    'retryQuarantined',
    ['fillGaps', 'dryRun', 'locations', 'source', 'since', 'lookback'],
    'it fetches nothing from Webex'
  )
  refuseWith(
    options,
    'fillGaps',
    ['source', 'since', 'lookback'],
    'it fetches what is missing, from cdr_feed'
  )
}

function locationsOf(typed: readonly string[]): string[] {
  const names = [...new Set(typed)]
  if (names.length > MOST_LOCATIONS) {
    throw new UsageError(
      `--locations takes 1 to ${MOST_LOCATIONS} names, not ${names.length}: Webex filters by no more`
    )
  }
  if (names.some((name) => name.trim() === '')) throw new UsageError('--locations has an empty name')
  return names
}
