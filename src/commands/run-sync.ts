import { readCredentials } from '../credentials/credentials.js'
import { sayHolder } from '../database/lease-holder.js'
import type { CdrSyncLease } from '../entities/index.js'
import { StoppedError } from '../errors.js'
import type { SyncResult } from '../sync/result.js'
import { sync, syncQuarantined } from '../sync/sync.js'
import type { SyncRequest } from '../sync/sync-sources.js'
import type { Context } from './context.js'
import { stopSignal } from './stop-signal.js'
import type { SyncOptions } from './sync-request.js'

export async function runSync(context: Context, request: SyncRequest, options: SyncOptions): Promise<number> {
  const { settings, log, print, now } = context
  const signal = stopSignal(log)
  if (options.retryQuarantined) return retryQuarantined(context, options, signal)
  const secrets = context.secrets()
  // What is missing is told at once; what is there is read again under the lease.
  await readCredentials(settings.webex.clientId, secrets)
  const runs: SyncResult[] = []
  const ended = (result: SyncResult) => {
    runs.push(result)
    if (!options.json) for (const line of summary(result)) print(line)
  }
  try {
    const outcome = await sync(settings, request, { secrets, log, now, signal, ended })
    if ('holder' in outcome) return busy(context, options, outcome.holder)
  } catch (error) {
    const status = error instanceof StoppedError ? 'interrupted' : 'failed'
    if (options.json) print(JSON.stringify({ status, runs }))
    throw error
  }
  const status = request.dryRun ? 'dry run' : 'succeeded'
  if (options.json) print(JSON.stringify({ status, runs }))
  else if (runs.length === 0) print('No gaps to fill.')
  return 0
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

function busy({ print }: Context, { json }: SyncOptions, holder: CdrSyncLease): number {
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

function count(n: number): string {
  return n.toLocaleString('en-US')
}
