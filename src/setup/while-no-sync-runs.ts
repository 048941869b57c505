import { lacksPassword, withPassword } from '../config/database-url.js'
import type { Settings } from '../config/settings.js'
import { readSecret } from '../credentials/credentials.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { sayHolder } from '../database/lease-holder.js'
import { underLease } from '../database/under-lease.js'
import { CdrError, TemporaryError } from '../errors.js'
import type { Log } from '../log.js'

/**
 * Does something with the secrets while no sync has them in use.
 * @param regardless also where the database's server is out of order for the moment, with a warning
 * @throws TemporaryError that tells who syncs
 */
export async function whileNoSyncRuns<T>(
  settings: Settings,
  secrets: SecretStore | undefined,
  log: Log,
  regardless: boolean,
  work: () => Promise<T>
): Promise<T> {
  const password = lacksPassword(settings.database) ? await readSecret(secrets, 'database-password') : ''
  const database = withPassword(settings.database, password)
  // A database that cannot be reached lets no sync of this installation run either. One of another kind than the
  // chosen one cannot be asked, as a process has one dialect: it is about to be left.
  const held = await underLease(database, log, work, (error) => {
    // A SQLite file that somebody writes to is as much in order as can be.
    if (error instanceof TemporaryError && (!regardless || database.type === 'sqlite')) throw error
    if (error instanceof CdrError) {
      log.warn(`continuing without the lease; make sure that no sync is running: ${error.message}`)
    }
    return work()
  })
  if ('result' in held) return held.result
  throw new TemporaryError(
    `another command is running (${sayHolder(held.holder)}) and uses the secrets: try again when it has finished`
  )
}
