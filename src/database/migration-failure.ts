import type { DatabaseSettings } from '../config/database-url.js'
import { CdrError, ConfigurationError, messageOf, TemporaryError } from '../errors.js'
import { databaseError } from './database-error.js'
import { isTransient } from './error-kinds.js'
import type { ListedMigration } from './migration-list.js'
import { sayDatabase } from './say-database.js'

/**
 * An error of the driver as one that names the database, the migration, what was kept and the remedy; any other
 * error as it is.
 * @param migration the one that failed; none where the error came before or between them
 */
export function migrationFailure(
  settings: DatabaseSettings,
  error: unknown,
  migration?: ListedMigration
): unknown {
  const said = databaseError(settings, error)
  if (error instanceof CdrError || said === error) return error
  const failed = migration ? `${migration.name} failed: ` : ''
  if (said instanceof ConfigurationError) return new ConfigurationError(failed + said.message)
  const kept = !migration
    ? 'no migration was running, and what is applied is kept'
    : migration.transactional
      ? 'it was rolled back'
      : 'what it has done so far is kept, and the next `npm run migrate` continues from there'
  const text = `${sayDatabase(settings)}: ${failed}${messageOf(error)}; ${kept}`
  return isTransient(error) ? new TemporaryError(text) : new ConfigurationError(text)
}
