import type { ConnectionPool, config } from 'mssql'
import type { DataSource } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import { TemporaryError } from '../errors.js'
import { sayDatabase } from './say-database.js'

/** The name of the application lock of SQL Server; the script for DBAs takes the same. */
export const LOCK_NAME = 'webex-cdr migrate'
/** How long to wait for it, in ms. */
export const LOCK_TIMEOUT = 300_000

/** The right to change the schema: one process at a time has it. */
export interface MigrationLock {
  /** @throws TemporaryError when its connection was lost, and the right with it */
  check(): Promise<void>
}

/**
 * Does something under the lock. On SQL Server a session of its own holds it, so that it outlives transactions and
 * ends with the process, however that ends. A SQLite file that was opened for migrating is locked already.
 * @throws TemporaryError when another has it and keeps it
 */
export async function withMigrationLock<T>(
  settings: DatabaseSettings,
  dataSource: DataSource,
  action: (lock: MigrationLock) => Promise<T>,
  timeout = LOCK_TIMEOUT
): Promise<T> {
  if (settings.type === 'sqlite') return action({ check: async () => {} })
  const session = await openSession(dataSource)
  try {
    await take(session, timeout, sayDatabase(settings))
    return await action({ check: () => check(session, sayDatabase(settings)) })
  } finally {
    // The lock goes with the session.
    await session.close()
  }
}

/** One connection that stays: the least and the most that this pool may have. */
async function openSession(dataSource: DataSource): Promise<ConnectionPool> {
  const { master } = dataSource.driver as unknown as { master: { config: config } }
  // Who uses SQLite need not load the driver for SQL Server.
  const { default: mssql } = await import('mssql')
  const session = new mssql.ConnectionPool({ ...master.config, pool: { min: 1, max: 1 } })
  // Whoever needs the lock asks for it with check().
  session.on('error', () => {})
  return session.connect()
}

async function take(session: ConnectionPool, timeout: number, database: string): Promise<void> {
  const { recordset } = await session.request().query<{ result: number }>(`
    DECLARE @result int;
    EXEC @result = sys.sp_getapplock
      @Resource = N'${LOCK_NAME}', @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = ${timeout};
    SELECT @result AS result;
  `)
  const result = recordset[0]?.result ?? -999
  if (result >= 0) return
  throw new TemporaryError(
    `${database}: another \`migrate\` or a DBA's script holds the lock “${LOCK_NAME}” (sp_getapplock returned ${result} after ${timeout / 1_000} s): try again when it has finished; sys.dm_tran_locks shows its session`
  )
}

async function check(session: ConnectionPool, database: string): Promise<void> {
  const mode = await session
    .request()
    .query<{ mode: string }>(`SELECT APPLOCK_MODE(N'public', N'${LOCK_NAME}', N'Session') AS mode`)
    .then(({ recordset }) => recordset[0]?.mode)
    .catch(() => undefined)
  if (mode === 'Exclusive') return
  throw new TemporaryError(
    `${database}: the connection that held the lock “${LOCK_NAME}” was lost: run \`npm run migrate\` again, it continues where it stopped`
  )
}
