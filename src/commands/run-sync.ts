import { count } from '../count.js'
import type { Range } from '../coverage/intervals.js'
import { readCredentials } from '../credentials/credentials.js'
import { sayHolder } from '../database/lease-holder.js'
import type { CdrSyncLease } from '../entities/index.js'
import { isRefusal, StoppedError, UsageError } from '../errors.js'
import type { ImportResult } from '../sync/import-run.js'
import { isoTime, type SyncResult } from '../sync/result.js'
import { sync, syncAccepted, syncQuarantined } from '../sync/sync.js'
import type { SyncRequest } from '../sync/sync-sources.js'
import { tightenHeap } from '../tight-heap.js'
import type { Context } from './context.js'
import { stopSignal } from './stop-signal.js'
import { acceptedRange, type SyncOptions } from './sync-request.js'

export async function runSync(context: Context, request: SyncRequest, options: SyncOptions): Promise<number> {
  const { settings, log, print, now } = context
  const signal = stopSignal(log)
  if (options.retryQuarantined) return retryQuarantined(context, options, signal)
  if (options.acceptGap) return acceptGap(context, acceptedRange(options.acceptGap, now()), request, options)
  const secrets = context.secrets()
  // What is missing is told at once; what is there is read again under the lease.
  await readCredentials(settings.webex.clientId, secrets)
  const runs: SyncResult[] = []
  const ended = (result: SyncResult) => {
    runs.push(result)
    if (!options.json) for (const line of summary(result)) print(line)
  }
  // Not before: loading the program takes a twentieth longer with it.
  tightenHeap()
  const reports: ImportResult[] = []
  const said = (status: string) =>
    JSON.stringify({ status, runs, ...(reports.length > 0 ? { reports } : {}) })
  try {
    const outcome = await sync(settings, request, { secrets, log, now, signal, ended })
    if ('holder' in outcome) return busy(context, options, outcome.holder)
    const isOfAll = request.locations.length === 0
    if (request.fillGaps && isOfAll && !request.dryRun) await fillByReports(context, reports, signal, options)
  } catch (error) {
    const status = error instanceof StoppedError ? 'interrupted' : 'failed'
    if (options.json) print(said(status))
    throw error
  }
  const status = request.dryRun ? 'dry run' : 'succeeded'
  if (options.json) print(said(status))
  else if (runs.length + reports.length === 0) print('No gaps to fill.')
  return 0
}

/** What cdr_feed has no more, reports may have, where they are allowed. @param reports those that were stored are added */
async function fillByReports(
  context: Context,
  reports: ImportResult[],
  signal: AbortSignal,
  { json }: SyncOptions
): Promise<void> {
  const { storeReports } = await import('./run-history.js')
  try {
    await storeReports(context, undefined, signal, reports, json)
  } catch (error) {
    if (!isRefusal(error)) throw error
    context.log.warn(error.message)
  }
}

async function retryQuarantined(
  context: Context,
  options: SyncOptions,
  signal: AbortSignal
): Promise<number> {
  const { settings, log, print } = context
  const outcome = await syncQuarantined(settings, { log, signal })
  if ('holder' in outcome) return busy(context, options, outcome.holder)
  const { tried, stored } = outcome.result
  print(
    options.json
      ? JSON.stringify({ status: 'succeeded', tried, stored })
      : `${count(stored)} of ${count(tried)} quarantined records stored`
  )
  return 0
}

async function acceptGap(
  { settings, log, print }: Context,
  range: Range,
  { locations }: SyncRequest,
  options: SyncOptions
): Promise<number> {
  const outcome = await syncAccepted(settings, locations, range, { log })
  if ('holder' in outcome) return busy({ print }, options, outcome.holder)
  const gaps = outcome.result.map(({ start, end }) => ({ start: isoTime(start), end: isoTime(end) }))
  if (gaps.length === 0) {
    throw new UsageError(
      `no gap between ${isoTime(range.start)} and ${isoTime(range.end)}: \`npm run stats\` lists the gaps`
    )
  }
  if (options.json) print(JSON.stringify({ status: 'succeeded', accepted: gaps }))
  else for (const { start, end } of gaps) print(`Accepted: calls from ${start} to ${end} stay missing`)
  return 0
}

function busy({ print }: Pick<Context, 'print'>, { json }: SyncOptions, holder: CdrSyncLease): number {
  if (json) print(JSON.stringify({ status: 'busy', holder }))
  else print(`Another sync is running: ${sayHolder(holder)}. Nothing was done.`)
  return 0
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
