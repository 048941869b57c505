import 'reflect-metadata'
import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { sleep } from '../clock.js'
import type { DatabaseSettings, SqliteSettings } from '../config/database-url.js'
import { chooseDialect } from '../entities/dialect.js'
import { CdrError } from '../errors.js'
import type { Log } from '../log.js'
import { connectFailure } from './connect-failure.js'
import { codeOf } from './error-kinds.js'
import { ReadableNamingStrategy } from './naming-strategy.js'
import { onceReady } from './resume.js'
import { isRefusedAccess, readRefusal } from './sqlite-access.js'
import { driverFailure, sqliteVersion } from './sqlite-driver.js'

export interface DataSourceUse {
  /** Nothing may be written: for looking at a database only. SQLite holds to it. */
  readonly?: boolean
  /** Nobody else may use the SQLite file meanwhile, and statements may take as long as they need. */
  migrating?: boolean
  /** Told of what goes wrong on connections that nobody uses at the moment, and of a wait for the database. */
  log?: Pick<Log, 'warn'>
  /** Ends that wait. */
  signal?: AbortSignal | undefined
  /** What a statement says by RAISERROR … WITH NOWAIT while it runs on SQL Server. */
  onMessage?: (message: string) => void
  /** The numbers of SQL Server's errors as they come; at login the driver keeps the last one's text only. */
  onServerError?: (number: number) => void
}

/** The data source of these settings, not connected yet. Entities are imported here, once the dialect is known. */
export async function createDataSource(
  settings: DatabaseSettings,
  use: DataSourceUse = {}
): Promise<DataSource> {
  chooseDialect(settings.type)
  const { CdrApiDrift, CdrCoverage, CdrRecord, CdrSyncError, CdrSyncLease, CdrSyncState } = await import(
    '../entities/index.js'
  )
  const migrations = await migrationsOf(settings)
  // Who uses SQLite need not load the driver for SQL Server.
  const options =
    settings.type === 'sqlite'
      ? sqliteOptions(settings, use)
      : (await import('./mssql-options.js')).mssqlOptions(settings, use)
  const Kind = settings.type === 'sqlite' && !use.readonly ? WritingSqliteSource : DataSource
  const dataSource = new Kind({
    ...options,
    entities: [CdrRecord, CdrSyncState, CdrSyncError, CdrCoverage, CdrSyncLease, CdrApiDrift],
    migrations,
    migrationsTableName: 'cdr_migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new ReadableNamingStrategy(),
    synchronize: false,
    // TypeORM logs parameters, which are call data: the commands log what they do themselves.
    logging: false,
    // The other loggers print what becomes of a migration even so.
    ...(use.migrating ? { logger: 'debug' } : {})
  } as DataSourceOptions)
  keepDatabaseOutOfTableNames(dataSource)
  return dataSource
}

/** TypeORM writes database.schema.table and splits it at each dot, of which the database's name may have some. */
function keepDatabaseOutOfTableNames({ driver }: DataSource): void {
  const build = driver.buildTableName.bind(driver)
  driver.buildTableName = (table, schema) => build(table, schema)
}

/**
 * The data source, connected; of a database that sleeps, once it is awake.
 * @throws ConfigurationError or TemporaryError that names the database, what is wrong and the remedy
 */
export function connect(settings: DatabaseSettings, use: DataSourceUse = {}): Promise<DataSource> {
  return onceReady(() => connectOnce(settings, use), { log: use.log, signal: use.signal, sleep })
}

async function connectOnce(settings: DatabaseSettings, use: DataSourceUse): Promise<DataSource> {
  const serverErrors: number[] = []
  const onServerError = (number: number) => void serverErrors.push(number)
  let dataSource: DataSource | undefined
  try {
    dataSource = await createDataSource(settings, { ...use, onServerError })
    if (settings.type === 'sqlite' && !use.readonly) await createPrivately(settings.path)
    await dataSource.initialize()
    return dataSource
  } catch (error) {
    if (dataSource) await close(dataSource)
    if (error instanceof CdrError) throw error
    throw sqliteRefusal(settings, use, error) ?? connectFailure(settings, error, serverErrors)
  }
}

/** What is not wrong with the database itself: its driver, or the rights of an account that may only read. */
function sqliteRefusal(
  settings: DatabaseSettings,
  { readonly }: DataSourceUse,
  error: unknown
): CdrError | undefined {
  if (settings.type !== 'sqlite') return undefined
  const failure = driverFailure(error)
  if (failure) return failure
  return readonly && isRefusedAccess(codeOf(error)) ? readRefusal(settings) : undefined
}

/**
 * SQLite reads a file in WAL mode by two others beside it, which whoever may not write to the folder cannot make, and
 * the last who wrote has taken away. One who has only read leaves them.
 */
class WritingSqliteSource extends DataSource {
  override async destroy(): Promise<void> {
    await super.destroy()
    const { default: Database } = await import('better-sqlite3')
    try {
      const reader = new Database(String(this.options.database), { readonly: true, timeout: 0 })
      reader.pragma('schema_version')
      reader.close()
      shareBeside(String(this.options.database))
    } catch {
      // Another process has the file for itself, and leaves the same behind; or the group is not ours to give.
    }
  }
}

/** Who may use the file by its group may use these by theirs, though their maker has another one first. */
function shareBeside(path: string): void {
  const { gid } = statSync(path)
  for (const file of [`${path}-wal`, `${path}-shm`]) {
    const made = statSync(file)
    if (made.gid !== gid) chownSync(file, made.uid, gid)
  }
}

/** Also where TypeORM has connected and failed then, which leaves the pool open, and the process waits for it. */
async function close(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy()
  const { master } = dataSource.driver as { master?: { close(): Promise<void> } }
  await master?.close().catch(() => {})
}

/** Call records are personal data: a new file is for its owner alone, and what SQLite puts beside it likewise. */
async function createPrivately(path: string): Promise<void> {
  if (existsSync(path)) return
  // Without its driver nothing would be put into it.
  await sqliteVersion()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '', { flag: 'a', mode: 0o600 })
}

/** @throws ConfigurationError where this user may not see whether it is there */
export function sqliteFileIsMissing(settings: DatabaseSettings): boolean {
  if (settings.type !== 'sqlite' || existsSync(settings.path)) return false
  const refusal = readRefusal(settings)
  if (refusal) throw refusal
  return true
}

export async function migrationsOf({ type }: Pick<DatabaseSettings, 'type'>) {
  return type === 'sqlite'
    ? (await import('../migrations/sqlite/index.js')).migrations
    : (await import('../migrations/mssql/index.js')).migrations
}

/** How long to wait for another process's transaction, in ms. */
const BUSY_TIMEOUT = 10_000

interface Pragmas {
  pragma(statement: string): unknown
  exec(statement: string): unknown
}

function sqliteOptions(
  { path }: SqliteSettings,
  { readonly = false, migrating = false }: DataSourceUse
): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: path,
    readonly,
    enableWAL: !readonly,
    timeout: BUSY_TIMEOUT,
    prepareDatabase: (database: Pragmas) => {
      // With WAL, a commit survives a power cut only when it waits for the disk.
      database.pragma('synchronous = FULL')
      // Whether it can be read is told now, and by the connection.
      if (readonly) database.pragma('schema_version')
      if (!migrating) return
      // In this order: two processes that had asked for the mode first would each wait for the other's shared lock.
      database.exec('BEGIN EXCLUSIVE')
      database.pragma('locking_mode = EXCLUSIVE')
      database.exec('COMMIT')
    }
  }
}
