import { parseDuration, parseMoment, parseRange } from '../config/moments.js'
import type { Range } from '../coverage/intervals.js'
import { UsageError } from '../errors.js'
import type { SyncRequest } from '../sync/sync-sources.js'
import { refuseWith, requireFor } from './option-rules.js'

/** As they were typed. A type, so that it has the index signature of all options. */
export type SyncOptions = {
  source: SyncRequest['source'] | undefined
  since: string | undefined
  until: string | undefined
  lookback: string | undefined
  locations: string[]
  history: string | undefined
  fillGaps: boolean
  acceptGap: [string, string] | undefined
  retryQuarantined: boolean
  dryRun: boolean
  json: boolean
}

/** The most that the service takes in one request. */
const MOST_LOCATIONS = 10

/** @throws UsageError */
export function syncRequest(options: SyncOptions, now: number): SyncRequest {
  refuseOddPairs(options)
  const { source = 'auto', lookback, fillGaps, dryRun } = options
  return {
    source,
    ...parseRange(options, now),
    lookback: lookback === undefined ? undefined : parseDuration(lookback, '--lookback'),
    locations: locationsOf(options.locations),
    fillGaps,
    dryRun
  }
}

/**
 * The range of `--accept-gap`.
 * @throws UsageError
 */
export function acceptedRange([from, to]: [string, string], now: number): Range {
  const start = parseMoment(from, '--accept-gap', now)
  const end = parseMoment(to, '--accept-gap', now)
  if (start >= end) throw new UsageError(`--accept-gap ${from} ${to}: the end must be later than the start`)
  return { start, end }
}

function refuseOddPairs(options: SyncOptions): void {
  requireFor(options, 'since', ['until'])
  refuseWith(options, 'until', ['lookback'], 'a backfill fetches only its range')
  refuseWith(
    options,
    'retryQuarantined',
    ['acceptGap', 'fillGaps', 'dryRun', 'locations', 'source', 'since', 'lookback'],
    'it fetches nothing from Webex'
  )
  refuseWith(
    options,
    'acceptGap',
    ['fillGaps', 'dryRun', 'source', 'since', 'lookback'],
    'it fetches nothing from Webex'
  )
  refuseWith(
    options,
    'history',
    ['acceptGap', 'fillGaps', 'retryQuarantined', 'locations', 'source', 'since', 'lookback'],
    'reports have the calls of all locations from that time on'
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
