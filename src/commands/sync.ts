import { parseDuration, parseMoment } from '../config/moments.js'
import { readCredentials } from '../credentials/credentials.js'
import { sayHolder } from '../database/lease-holder.js'
import { UsageError } from '../errors.js'
import type { SyncResult } from '../sync/result.js'
import type { SyncRequest } from '../sync/run.js'
import { sync } from '../sync/sync.js'
import type { Context } from './context.js'

/** The flags as they were typed. */
export interface SyncFlags {
  since?: string | undefined
  until?: string | undefined
  lookback?: string | undefined
  locations: string[]
  dryRun: boolean
  json: boolean
}

/** The most that the service takes in one request. */
const MOST_LOCATIONS = 10

export async function syncCommand(context: Context, flags: SyncFlags): Promise<number> {
  const { settings, log, print, now } = context
  const request = requestOf(flags, now())
  const secrets = context.secrets()
  // What is missing is told at once; what is there is read again under the lease.
  await readCredentials(settings.webex.clientId, secrets)
  const outcome = await sync(settings, request, { secrets, log, now })
  if (flags.json) print(JSON.stringify(outcome))
  else if (outcome.status === 'busy')
    print(`Another sync is running: ${sayHolder(outcome.holder)}. Nothing was done.`)
  else for (const line of summary(outcome)) print(line)
  return 0
}

/** @throws UsageError */
function requestOf(flags: SyncFlags, now: number): SyncRequest {
  const { since, until, lookback, locations, dryRun } = flags
  if (until !== undefined && since === undefined) {
    throw new UsageError('--until needs --since: together they name the range of a backfill')
  }
  if (until !== undefined && lookback !== undefined) {
    throw new UsageError('--lookback does not go with --until: a backfill fetches just its range')
  }
  const names = [...new Set(locations)]
  if (names.length > MOST_LOCATIONS) {
    throw new UsageError(
      `--locations takes 1 to ${MOST_LOCATIONS} names, not ${names.length}: the service filters by no more`
    )
  }
  if (names.some((name) => name.trim() === '')) throw new UsageError('--locations has an empty name')
  const start = since === undefined ? undefined : parseMoment(since, '--since', now)
  if (start !== undefined && start > now) throw new UsageError(`--since ${since} lies in the future`)
  return {
    since: start,
    until: until === undefined ? undefined : parseMoment(until, '--until', now),
    lookback: lookback === undefined ? undefined : parseDuration(lookback, '--lookback'),
    locations: names,
    dryRun
  }
}

export function summary(result: SyncResult): string[] {
  const { range, fetched, inserted, updated, duplicate, quarantined, watermark, notes } = result
  const dry = result.status === 'dry run'
  return [
    `${dry ? 'Dry run, nothing stored' : 'Synced'}: ${result.source}, ${result.scope}, ${range.start} to ${range.end}`,
    dry
      ? `  ${count(fetched)} records fetched, ${count(quarantined)} of them not storable`
      : `  ${count(fetched)} records: ${count(inserted)} new, ${count(updated)} updated, ${count(duplicate)} known, ${count(quarantined)} quarantined`,
    `  windows: ${result.windows}, API calls: ${count(result.apiCalls)}, ${result.durationSeconds.toFixed(1)} s`,
    `  watermark ${watermark ?? 'none yet'}`,
    ...(notes ? [`  note: ${notes}`] : [])
  ]
}

function count(n: number): string {
  return n.toLocaleString('en-US')
}
