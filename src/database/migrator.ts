import { type DataSource, Migration, MigrationExecutor } from 'typeorm'
import { sleep } from '../clock.js'
import type { DatabaseSettings } from '../config/database-url.js'
import { ConfigurationError } from '../errors.js'
import type { Log } from '../log.js'
import { connect, migrationsOf, sqliteFileIsMissing } from './data-source.js'
import type { DataSourceUse } from './data-source-use.js'
import { isTransient } from './error-kinds.js'
import { identityClash } from './identity-clash.js'
import { migrationFailure } from './migration-failure.js'
import { createHistoryTables, writeHistory } from './migration-history.js'
import { type ListedMigration, listMigrations, placeOf } from './migration-list.js'
import { type MigrationLock, withMigrationLock } from './migration-lock.js'
import { namesIn, readStatus, refuseUnsafe, sayUnknown } from './migration-status.js'
import { sayDatabase } from './say-database.js'

/** Told of a migration when it has run, just before it commits. */
export type OnMigration = (name: string, milliseconds: number) => void

/** `onMessage` is told what SQL Server says while a migration runs: how far it is. */
export type MigrationUse = Pick<DataSourceUse, 'log' | 'onMessage'>

/**
 * Applies what is pending, in order.
 * @returns how many were applied
 * @throws ConfigurationError where the database is not what the migrations were written for
 */
export function migrate(
  settings: DatabaseSettings,
  onApplied: OnMigration,
  use: MigrationUse = {}
): Promise<number> {
  return changing(settings, use, async (dataSource, lock) => {
    const status = await readStatus(dataSource)
    refuseUnsafe(settings, status)
    if (namesIn(status, 'pending').length === 0) return 0
    await createHistoryTables(dataSource)
    await recordHistory(settings, dataSource, lock, 'up', onApplied)
    return (await dataSource.runMigrations()).length
  })
}

/**
 * Reverts the newest applied migration.
 * @returns whether there was one
 * @throws Error that says why it is irreversible
 */
export async function revert(
  settings: DatabaseSettings,
  onReverted: OnMigration,
  use: MigrationUse = {}
): Promise<boolean> {
  requireFile(settings)
  return changing(settings, use, async (dataSource, lock) => {
    const status = await readStatus(dataSource)
    refuseUnsafe(settings, status)
    if (namesIn(status, 'applied').length === 0) return false
    await createHistoryTables(dataSource)
    await recordHistory(settings, dataSource, lock, 'down', onReverted)
    await dataSource.undoLastMigration()
    return true
  })
}

/**
 * Records the migrations up to and including this one as applied, with the text that this program has, and runs none.
 * @param name with or without its timestamp
 * @returns those of which something was to be recorded
 * @throws UsageError when there is no such migration
 */
export async function baseline(
  settings: DatabaseSettings,
  name: string,
  use: MigrationUse = {}
): Promise<string[]> {
  const list = await listMigrations(settings.type)
  const chosen = list.slice(0, placeOf(name, list) + 1)
  requireFile(settings)
  return changing(settings, use, async (dataSource) => {
    const status = await readStatus(dataSource)
    const unknown = namesIn(status, 'unknown')
    if (unknown.length > 0) throw new ConfigurationError(sayUnknown(settings, unknown))
    const recorded = (migration: ListedMigration) =>
      status.some(
        ({ name, state, history }) =>
          name === migration.name && state === 'applied' && history?.checksum === migration.checksum
      )
    const missing = chosen.filter((migration) => !recorded(migration))
    const applied = [...namesIn(status, 'applied'), ...namesIn(status, 'edited')]
    await createHistoryTables(dataSource)
    await dataSource.transaction(async ({ queryRunner }) => {
      const executor = new MigrationExecutor(dataSource, queryRunner)
      for (const migration of missing) {
        if (!applied.includes(migration.name)) {
          await executor.insertMigration(
            new Migration(undefined, Number(migration.name.slice(-13)), migration.name)
          )
        }
        await writeHistory(queryRunner!, migration, 'baselined', null)
      }
    })
    return missing.map((migration) => migration.name)
  })
}

/**
 * Lets a command start only on a schema that it knows; warns of a newer one.
 * @throws ConfigurationError when a migration is pending
 */
export async function requireMigrated(
  settings: DatabaseSettings,
  log: Pick<Log, 'warn'>,
  signal?: AbortSignal
): Promise<void> {
  if (sqliteFileIsMissing(settings)) {
    throw new ConfigurationError(
      `${sayDatabase(settings)} does not exist: check DATABASE_URL and that its disk is mounted, or create it with \`npm run migrate\``
    )
  }
  const names = (await migrationsOf(settings)).map((migration) => migration.name)
  const applied = await appliedMigrations(settings, { log, signal })
  const pending = names.filter((name) => !applied.includes(name))
  if (pending.length > 0) {
    throw new ConfigurationError(
      `${sayDatabase(settings)} lacks ${pending.length} migration${pending.length > 1 ? 's' : ''}, from ${pending[0]} on: run \`npm run migrate\` (\`npm run migrate -- --check\` lists them)${sayUnseen(settings, applied.length)}`
    )
  }
  const unknown = applied.filter((name) => !names.includes(name))
  if (unknown.length > 0) log.warn(sayUnknown(settings, unknown))
}

/** SQL Server shows a login no table on which it has no right. */
export function sayUnseen({ type }: DatabaseSettings, applied: number): string {
  return type === 'mssql' && applied === 0
    ? '; if they are applied, this login lacks permission to see the tables: docs/DBA.md, “Permissions”'
    : ''
}

/** The names in cdr_migrations. */
async function appliedMigrations(settings: DatabaseSettings, use: DataSourceUse): Promise<string[]> {
  const dataSource = await connect(settings, { ...use, readonly: true })
  try {
    return (await new MigrationExecutor(dataSource).getExecutedMigrations()).map(({ name }) => name)
  } finally {
    await dataSource.destroy()
  }
}

/** Connects, takes the lock, and does something to the schema. */
async function changing<T>(
  settings: DatabaseSettings,
  use: MigrationUse,
  action: (dataSource: DataSource, lock: MigrationLock) => Promise<T>
): Promise<T> {
  const dataSource = await connect(settings, { ...use, migrating: true })
  try {
    return await withMigrationLock(settings, dataSource, (lock) => action(dataSource, lock))
  } catch (error) {
    throw (await identityClash(dataSource, error)) ?? migrationFailure(settings, error)
  } finally {
    await dataSource.destroy()
  }
}

/** Has every migration write its history too, which commits with it where it has a transaction. */
async function recordHistory(
  settings: DatabaseSettings,
  dataSource: DataSource,
  lock: MigrationLock,
  direction: 'up' | 'down',
  onDone: OnMigration
): Promise<void> {
  const list = await listMigrations(settings.type)
  for (const migration of dataSource.migrations) {
    const listed = list.find(({ name }) => name === migration.constructor.name)!
    const run = migration[direction].bind(migration)
    migration[direction] = async (queryRunner) => {
      const start = performance.now()
      try {
        if (listed.transactional) await lock.check().then(() => run(queryRunner))
        else await runResumable(() => run(queryRunner), lock)
      } catch (error) {
        throw migrationFailure(settings, error, listed)
      }
      const duration = performance.now() - start
      await writeHistory(queryRunner, listed, direction === 'up' ? 'applied' : 'reverted', duration)
      onDone(listed.name, duration)
    }
  }
}

/** In ms. */
const BACKOFF = [1_000, 5_000, 10_000]

/**
 * A migration without a transaction goes on where it stopped. It may meet a deadlock with its own forerunner: the
 * session of a process that was killed is at work until the server notices.
 */
async function runResumable(run: () => Promise<unknown>, lock: MigrationLock): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    await lock.check()
    try {
      await run()
      return
    } catch (error) {
      const wait = BACKOFF[attempt]
      if (wait === undefined || !isTransient(error)) throw error
      await sleep(wait)
    }
  }
}

function requireFile(settings: DatabaseSettings): void {
  if (!sqliteFileIsMissing(settings)) return
  throw new ConfigurationError(
    `${sayDatabase(settings)} does not exist: check DATABASE_URL, or run \`npm run migrate\``
  )
}
