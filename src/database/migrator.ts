import { MigrationExecutor } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import { ConfigurationError } from '../errors.js'
import { connect, migrationsOf, sayDatabase, sqliteFileIsMissing } from './data-source.js'

export interface MigrationStatus {
  name: string
  applied: boolean
}

/** All migrations in their order. Reads only; a SQLite file that is not there is not made. */
export async function migrationStatus(settings: DatabaseSettings): Promise<MigrationStatus[]> {
  const names = (await migrationsOf(settings)).map((migration) => migration.name)
  if (sqliteFileIsMissing(settings)) return names.map((name) => ({ name, applied: false }))
  const dataSource = await connect(settings, { readonly: true })
  try {
    const pending = await new MigrationExecutor(dataSource).getPendingMigrations()
    return names.map((name) => ({ name, applied: !pending.some((migration) => migration.name === name) }))
  } finally {
    await dataSource.destroy()
  }
}

/**
 * Applies what is pending, in order, and tells of each when it has run, just before it commits.
 * @returns how many were applied
 */
export async function migrate(
  settings: DatabaseSettings,
  onApplied: (name: string, milliseconds: number) => void
): Promise<number> {
  const dataSource = await connect(settings, { exclusive: true })
  try {
    for (const migration of dataSource.migrations) {
      const up = migration.up.bind(migration)
      migration.up = async (queryRunner) => {
        const start = performance.now()
        await up(queryRunner)
        onApplied(migration.name ?? migration.constructor.name, performance.now() - start)
      }
    }
    return (await dataSource.runMigrations()).length
  } finally {
    await dataSource.destroy()
  }
}

/** @throws ConfigurationError when a migration is pending */
export async function requireMigrated(settings: DatabaseSettings): Promise<void> {
  const pending = (await migrationStatus(settings)).filter(({ applied }) => !applied)
  if (pending.length === 0) return
  throw new ConfigurationError(
    `${sayDatabase(settings)} lacks ${pending.length} migration${pending.length > 1 ? 's' : ''}, from ${pending[0]?.name} on: run \`npm run migrate\` (\`npm run migrate -- --status\` lists them)`
  )
}
