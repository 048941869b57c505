import type { DataSource } from 'typeorm'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import type { Context } from './context.js'

/**
 * Opens the database, read-only, for as long as `read` takes.
 * @throws ConfigurationError when it is not migrated, TemporaryError
 */
export async function readDatabase<Result>(
  { settings: { database }, log }: Context,
  read: (dataSource: DataSource) => Promise<Result>
): Promise<Result> {
  await requireMigrated(database, log)
  const dataSource = await connect(database, { log, readonly: true })
  try {
    return await read(dataSource)
  } catch (error) {
    throw databaseError(database, error)
  } finally {
    await dataSource.destroy()
  }
}
