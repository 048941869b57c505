import { resolve } from 'node:path'
import { Between, IsNull, Not } from 'typeorm'
import type { Settings } from '../config/settings.js'
import { EnvironmentStore } from '../credentials/environment-store.js'
import { sqliteFileIsMissing } from '../database/data-source.js'
import { accessRefusal } from '../database/sqlite-access.js'
import { ConfigurationError } from '../errors.js'
import { DEMO_CREDENTIALS, startSimulator } from '../simulator/index.js'
import type { SyncResult } from '../sync/result.js'
import { sync } from '../sync/sync.js'
import type { SyncRequest } from '../sync/sync-sources.js'
import type { Context } from './context.js'
import { migrateDatabase } from './migrate-database.js'
import { readDatabase } from './read-database.js'
import { runReport } from './run-report.js'
import { summary } from './run-sync.js'
import { runTrace } from './run-trace.js'
import { printStats } from './stats.js'

const FILE = 'webex-cdr-demo.db'
const REPORT = 'webex-cdr-demo-report.html'
const HOUR = 3_600_000
const DEMO_SECRETS = {
  'client-secret': DEMO_CREDENTIALS.clientSecret,
  'refresh-token': DEMO_CREDENTIALS.refreshToken
}

/** The whole way once: the simulator, a SQLite file of its own, a first sync and an incremental one. */
export async function runDemo(context: Context): Promise<number> {
  const { print } = context
  requireFolder()
  let present = context.now()
  const secrets = new EnvironmentStore(DEMO_SECRETS, context.log)
  const simulator = await startSimulator({ recordsPerHour: 120, now: () => present })
  try {
    const demo: Context = {
      ...context,
      settings: demoSettings(context.settings, simulator.url),
      secrets: () => secrets,
      now: () => present
    }
    const first = sqliteFileIsMissing(demo.settings.database)
    print(`A stand-in for the Webex API listens on ${simulator.url}.`)
    await migrateDatabase(demo, {})
    if (first) {
      print('\nThe first sync, as it would have been an hour ago:')
      present -= HOUR
      await syncOnce(demo)
      present += HOUR
    }
    print('\nAn incremental sync, now:')
    await syncOnce(demo)
    print('')
    await printStats(demo, { json: false })
    await traceOne(demo)
    print('\nThe report of all calls, for a browser:')
    await runReport(demo, { output: REPORT, since: '2d', until: undefined, locations: [], open: false })
    print(`\nThe database is ${resolve(FILE)}; run the demo again and it goes on from here.`)
    print(`To trace another call: DATABASE_URL=sqlite:${FILE} npm run trace -- "Customer Care"`)
    return 0
  } finally {
    await simulator.close()
  }
}

/** Shows the newest call that several people were rung for, if there is one. */
async function traceOne(demo: Context): Promise<void> {
  const call = await readDatabase(demo, async ({ manager }) => {
    const { CdrCall } = await import('../entities/index.js')
    return manager.findOne(CdrCall, {
      where: { outcome: 'answered', services: Not(IsNull()), legs: Between(4, 8) },
      order: { startUtc: 'DESC' }
    })
  })
  if (!call) return
  demo.print('\nOne of its calls, leg by leg:')
  await runTrace(demo, call.journeyId, { since: undefined, until: undefined, html: undefined, json: false })
}

/** @throws ConfigurationError that speaks of the folder: nobody has set DATABASE_URL */
function requireFolder(): void {
  const refusal = accessRefusal({ type: 'sqlite', path: resolve(FILE) })
  if (!refusal) return
  throw new ConfigurationError(`the demo writes ${FILE} into the working directory: ${refusal.message}`)
}

async function syncOnce({ settings, secrets, log, now, print }: Context): Promise<void> {
  const ended = (result: SyncResult) => {
    for (const line of summary(result)) print(line)
  }
  const request: SyncRequest = { source: 'auto', locations: [], dryRun: false }
  const outcome = await sync(settings, request, { secrets: secrets(), log, now, ended })
  if ('holder' in outcome) print('Another demo is running.')
}

function demoSettings(settings: Settings, url: string): Settings {
  return {
    ...settings,
    database: { type: 'sqlite', path: resolve(FILE) },
    webex: {
      ...settings.webex,
      clientId: DEMO_CREDENTIALS.clientId,
      apiUrl: url,
      analyticsUrl: url,
      requestsPerMinute: 0,
      pagesPerMinute: 0,
      maxPerPage: 500
    }
  }
}
