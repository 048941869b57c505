import type { Now, Sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import type { Range } from '../coverage/intervals.js'
import { scopeOf } from '../coverage/scope.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { leasedTransaction } from '../database/leased-transaction.js'
import type { CdrSyncLease } from '../entities/index.js'
import type { Log } from '../log.js'
import type { RetryResult } from '../store/retry-quarantined.js'
import { createClient } from '../webex/client.js'
import { requirePossible, serviceTime } from '../webex/clock-skew.js'
import { holdingLease } from './holding-lease.js'
import type { ImportParts, ImportRequest, ImportResult } from './import-run.js'
import type { SyncResult } from './result.js'
import type { SyncRequest } from './sync-sources.js'

export interface SyncTools {
  secrets: SecretStore
  log: Log
  now: Now
  sleep?: Sleep
  /** Ends the sync after the page at hand; a StoppedError is its reason. */
  signal?: AbortSignal
  /** Told of each run when it has ended. */
  ended?: (result: SyncResult) => void
}

export type SyncOutcome = { runs: SyncResult[] } | { holder: CdrSyncLease }

/**
 * One `sync`: takes the lease, and only then asks for a token and runs.
 * @returns what its runs did, or who has the lease
 * @throws ConfigurationError when the database is not ready; else what ended the run
 */
export async function sync(settings: Settings, request: SyncRequest, tools: SyncTools): Promise<SyncOutcome> {
  const held = await holdingLease(settings, tools, async (leased) => {
    const { syncSources } = await import('./sync-sources.js')
    const { now, secrets } = tools
    const client = createClient(settings.webex, { ...leased, now, secrets })
    await client.token.getAhead()
    const present = serviceTime(client.http, now)
    requirePossible(present())
    const runs: SyncResult[] = []
    for await (const result of syncSources(request, {
      ...client,
      ...leased,
      now: present,
      rawJson: settings.rawJson
    })) {
      runs.push(result)
      tools.ended?.(result)
    }
    return runs
  })
  return 'holder' in held ? held : { runs: held.result }
}

/**
 * Tries again to store what is in quarantine; asks the service nothing.
 * @throws ConfigurationError when the database is not ready
 */
export function syncQuarantined(
  settings: Settings,
  tools: Pick<SyncTools, 'log' | 'signal' | 'sleep'>
): Promise<{ result: RetryResult } | { holder: CdrSyncLease }> {
  return holdingLease(settings, tools, async (leased) => {
    const { retryQuarantined } = await import('../store/retry-quarantined.js')
    return retryQuarantined({ ...leased, rawJson: settings.rawJson })
  })
}

/**
 * Accepts that calls of a range stay missing: what of it is a gap is none any more. Asks the service nothing.
 * @returns the gaps that were accepted, or who has the lease
 * @throws ConfigurationError when the database is not ready
 */
export function syncAccepted(
  settings: Settings,
  locations: readonly string[],
  range: Range,
  tools: Pick<SyncTools, 'log'>
): Promise<{ result: Range[] } | { holder: CdrSyncLease }> {
  return holdingLease(settings, tools, async (leased) => {
    const { acceptGaps } = await import('./gaps.js')
    return leasedTransaction(leased, (manager) => acceptGaps(manager, scopeOf(locations), range))
  })
}

/**
 * Stores the rows of reports; asks the service nothing.
 * @throws ConfigurationError when the database is not ready; else what ended the import
 */
export function importReports(
  settings: Settings,
  request: ImportRequest,
  { now, looked, ...tools }: Pick<SyncTools, 'log' | 'now' | 'signal' | 'sleep'> & Pick<ImportParts, 'looked'>
): Promise<{ result: ImportResult } | { holder: CdrSyncLease }> {
  return holdingLease(settings, tools, async (leased) => {
    const { runImport } = await import('./import-run.js')
    return runImport(request, { ...leased, rawJson: settings.rawJson, now, looked })
  })
}
