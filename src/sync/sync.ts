import { type Now, type Sleep, sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import type { CdrSyncLease } from '../entities/index.js'
import { messageOf } from '../errors.js'
import type { Log } from '../log.js'
import { AccessToken } from '../webex/access-token.js'
import { CdrFeed } from '../webex/cdr-feed.js'
import { Http } from '../webex/http.js'
import { Pacer } from '../webex/pacer.js'
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
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) return { status: 'busy', holder: lease }
    try {
      const http = new Http({ ...webex, log, now, sleep: waiting, signal: stop.signal })
      const feed = new CdrFeed({
        ...webex,
        http,
        token: new AccessToken(http, webex.apiUrl, secrets),
        initialPacer: new Pacer(webex.requestsPerMinute, now, waiting, log),
        pagePacer: new Pacer(webex.pagesPerMinute, now, waiting, log),
        log,
        signal: stop.signal
      })
      return await runSync(request, {
        dataSource,
        lease,
        feed,
        http,
        log,
        now,
        sleep: waiting,
        signal: stop.signal
      })
    } finally {
      // It runs out by itself: what became of the run is the news.
      await lease
        .release()
        .catch((error) => log.warn(`the lease could not be given back: ${messageOf(error)}`))
    }
  } catch (error) {
    throw databaseError(database, error)
  } finally {
    stop.abort()
    await dataSource.destroy()
  }
}
