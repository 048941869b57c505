import type { DataSource } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import type { CdrSyncLease } from '../entities/index.js'
import type { Log } from '../log.js'
import { connect, sqliteFileIsMissing } from './data-source.js'
import { databaseError } from './database-error.js'

/**
 * Does something while no sync of this database can run: under its lease, where it has one yet.
 * @param unreachable what to do where the database cannot be asked
 * @returns what came of it, or who has the lease
 * @throws ConfigurationError or TemporaryError when the database cannot be asked, unless `unreachable` knows better
 */
export async function underLease<T>(
  settings: DatabaseSettings,
  log: Log,
  work: () => Promise<T>,
  unreachable: (error: unknown) => Promise<T> = async (error) => {
    throw error
  }
): Promise<{ result: T } | { holder: CdrSyncLease }> {
  if (sqliteFileIsMissing(settings)) return { result: await work() }
  let dataSource: DataSource
  try {
    dataSource = await connect(settings, { log })
  } catch (error) {
    return { result: await unreachable(error) }
  }
  try {
    const { Lease } = await import('./lease.js')
    const queryRunner = dataSource.createQueryRunner()
    const hasLease = await queryRunner.hasTable('cdr_sync_lease').finally(() => queryRunner.release())
    return hasLease ? await Lease.hold(dataSource, log, work) : { result: await work() }
  } catch (error) {
    throw databaseError(settings, error)
  } finally {
    await dataSource.destroy()
  }
}
