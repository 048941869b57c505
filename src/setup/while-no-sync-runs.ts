import { lacksPassword, withPassword } from '../config/database-url.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { sayHolder } from '../database/lease-holder.js'
import { underLease } from '../database/under-lease.js'
import { TemporaryError } from '../errors.js'
import type { Log } from '../log.js'

/**
 * Does something with the secrets while no sync has them in use.
 * @throws TemporaryError that tells who syncs
 */
export async function whileNoSyncRuns<T>(
  settings: Settings,
  secrets: SecretStore | undefined,
  log: Log,
  work: () => Promise<T>
): Promise<T> {
  const password = lacksPassword(settings.database) ? await secrets?.read('database-password') : ''
  const database = withPassword(settings.database, password ?? '')
  // A database that cannot be reached lets no sync of this installation run either. One of another kind than the
  // chosen one cannot be asked, as a process has one dialect: it is about to be left.
  const held = await underLease(database, log, work, (error) => {
    if (error instanceof TemporaryError) throw error
    return work()
  })
  if ('result' in held) return held.result
  throw new TemporaryError(
    `a sync is running (${sayHolder(held.holder)}) and uses the secrets: try again when it has ended`
  )
}
