import { parseMoment } from '../config/moments.js'
import { readCredentials } from '../credentials/credentials.js'
import { StoppedError, UsageError } from '../errors.js'
import type { ImportResult } from '../sync/import-run.js'
import { rehearseHistory, syncHistory } from '../sync/sync-history.js'
import { tightenHeap } from '../tight-heap.js'
import type { Context } from './context.js'
import { sayImported, tellerTo } from './run-import.js'
import { stopSignal } from './stop-signal.js'
import type { SyncOptions } from './sync-request.js'

export async function runHistory(context: Context, options: SyncOptions): Promise<number> {
  const { settings, log, print, now } = context
  const { history = '', json, dryRun } = options
  const since = parseMoment(history, '--history', now())
  if (since > now()) throw new UsageError(`--history ${history} is in the future`)
  const secrets = context.secrets()
  await readCredentials(settings.webex.clientId, secrets)
  tightenHeap()
  const signal = stopSignal(log)
  if (dryRun) return rehearse(context, since, signal, json)
  const reports: ImportResult[] = []
  try {
    await storeReports(context, since, signal, reports, json)
  } catch (error) {
    const status = error instanceof StoppedError ? 'interrupted' : 'failed'
    if (json) print(JSON.stringify({ status, reports }))
    throw error
  }
  if (json) print(JSON.stringify({ status: 'succeeded', reports }))
  else if (reports.length === 0)
    print(
      `No report to ask for: what reports have since ${history} is here, and \`npm run sync\` fetches what is newer.`
    )
  return 0
}

/**
 * @param since undefined for the gaps that cdr_feed cannot fill
 * @param reports those that were stored are added
 */
export function storeReports(
  context: Context,
  since: number | undefined,
  signal: AbortSignal,
  reports: ImportResult[],
  json: boolean
): Promise<void> {
  const { settings, log, now, print } = context
  const stored = (report: ImportResult) => {
    reports.push(report)
    if (!json) for (const line of sayImported(report)) print(line)
  }
  const tools = { secrets: context.secrets(), log, now, signal, looked: tellerTo(context), stored }
  return syncHistory(settings, { since }, tools)
}

async function rehearse(
  context: Context,
  since: number,
  signal: AbortSignal,
  json: boolean
): Promise<number> {
  const { settings, log, now, print } = context
  const tools = { secrets: context.secrets(), log, now, signal }
  const days = await rehearseHistory(settings, { since }, tools)
  if (json) print(JSON.stringify({ status: 'dry run', reports: days }))
  else if (days.length === 0) print('No report would be asked for.')
  else for (const [first, last] of days) print(`Would ask for the report ${first} to ${last}`)
  return 0
}
