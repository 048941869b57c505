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
  let begun = false
  const begin = () => {
    begun = true
    return work()
  }
  try {
    const held = await underLease(withPassword(settings.database, password ?? ''), log, begin)
    if ('result' in held) return held.result
    throw new TemporaryError(
      `a sync is running (${sayHolder(held.holder)}) and uses the secrets: try again when it has ended`
    )
  } catch (error) {
    // A database that cannot be reached lets no sync of this installation run either.
    if (begun || error instanceof TemporaryError) throw error
    return work()
  }
}
