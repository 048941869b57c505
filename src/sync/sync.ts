import { type Now, type Sleep, sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import type { CdrSyncLease } from '../entities/index.js'
import type { Log } from '../log.js'
import { createClient } from '../webex/client.js'
import type { SyncResult } from './result.js'
import type { SyncRequest } from './run.js'

export interface SyncTools {
  secrets: SecretStore
  log: Log
  now: Now
  sleep?: Sleep
}

export type SyncOutcome = SyncResult | { status: 'busy'; holder: CdrSyncLease }

/**
 * One `sync`: takes the lease, and only then asks for a token and runs.
 * @returns what it did, or who has the lease
 * @throws ConfigurationError when the database is not ready; else what ended the run
 */
export async function sync(settings: Settings, request: SyncRequest, tools: SyncTools): Promise<SyncOutcome> {
  const { database, webex } = settings
  const { log, now, secrets } = tools
  await requireMigrated(database, log)
  const dataSource = await connect(database, { log })
  // These need the dialect, which is known once the data source exists.
  const { Lease } = await import('../database/lease.js')
  const { runSync } = await import('./run.js')
  const stop = new AbortController()
  const waiting = tools.sleep ?? sleep
  try {
    const held = await Lease.hold(dataSource, log, (lease) => {
      const client = createClient(webex, { secrets, log, now, sleep: waiting, signal: stop.signal })
      return runSync(request, {
        dataSource,
        lease,
        feed: client.feed,
        http: client.http,
        log,
        now,
        sleep: waiting,
        signal: stop.signal
      })
    })
    return 'holder' in held ? { status: 'busy', holder: held.holder } : held.result
  } catch (error) {
    throw databaseError(database, error)
  } finally {
    stop.abort()
    await dataSource.destroy()
  }
}
