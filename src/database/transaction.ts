import type { DataSource, EntityManager } from 'typeorm'
import type { Sleep } from '../clock.js'
import { messageOf } from '../errors.js'
import type { Log } from '../log.js'
import { hasCode, isDuplicateKey, isTransient } from './error-kinds.js'
import { identityClash } from './identity-clash.js'

/** In ms: a server that restarts or fails over is back within two minutes, mostly. */
const BACKOFF = [200, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 30_000]
/** In ms since the first failure: an attempt that reaches a time limit takes long by itself. */
const PATIENCE = 120_000
/** In ms. The other writer's row is there at the second look; a constraint of the DBA's refuses every time. */
const CLASH_BACKOFF = [50, 50, 50]

export interface RetryTools {
  log: Log
  sleep: Sleep
  signal?: AbortSignal
}

/**
 * A transaction, begun again when it was a deadlock's victim, clashed with another writer or lost its connection.
 * @param work is told which attempt it is, from 0 on; what an earlier one did may have been committed if its
 * connection broke while it was being committed
 * @throws ConfigurationError where the ids that the server gives new rows are taken; else what `work` throws
 */
export async function repeatableTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager, attempt: number) => Promise<T>,
  { log, sleep, signal }: RetryTools
): Promise<T> {
  let failedAt: number | undefined
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await dataSource.transaction((manager) => work(manager, attempt))
    } catch (error) {
      const clash = await identityClash(dataSource, error)
      if (clash) throw clash
      failedAt ??= performance.now()
      // This process has logged in before: a login that is refused now, or an instance that is not found, is a
      // database that is not back yet.
      const again = isTransient(error) || hasCode(error, ['ELOGIN', 'EINSTLOOKUP'])
      const waits = again ? BACKOFF : isDuplicateKey(error) ? CLASH_BACKOFF : []
      const wait = waits[attempt]
      if (wait === undefined || performance.now() - failedAt > PATIENCE) throw error
      log.warn(`the database: ${messageOf(error)}; retrying, attempt ${attempt + 2} in ${wait / 1_000} s`)
      await sleep(wait, signal)
    }
  }
}
