import 'reflect-metadata'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { sleep } from '../clock.js'
import type { DatabaseSettings, SqliteSettings } from '../config/database-url.js'
import { chooseDialect } from '../entities/dialect.js'
import { CdrError } from '../errors.js'
import type { Log } from '../log.js'
import { connectFailure } from './connect-failure.js'
import { ReadableNamingStrategy } from './naming-strategy.js'
import { onceReady } from './resume.js'

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
  const { CdrApiDrift, CdrRecord, CdrSyncError, CdrSyncLease, CdrSyncState } = await import(
    '../entities/index.js'
  )
  const migrations = await migrationsOf(settings)
  // Who uses SQLite need not load the driver for SQL Server.
  const options =
    settings.type === 'sqlite'
      ? sqliteOptions(settings, use)
      : (await import('./mssql-options.js')).mssqlOptions(settings, use)
  const dataSource = new DataSource({
    ...options,
    entities: [CdrRecord, CdrSyncState, CdrSyncError, CdrSyncLease, CdrApiDrift],
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
  const dataSource = await createDataSource(settings, { ...use, onServerError })
  try {
    if (settings.type === 'sqlite' && !use.readonly) createPrivately(settings.path)
    await dataSource.initialize()
    return dataSource
  } catch (error) {
    await close(dataSource)
    throw error instanceof CdrError ? error : connectFailure(settings, error, serverErrors)
  }
}

/** Also where TypeORM has connected and failed then, which leaves the pool open, and the process waits for it. */
async function close(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy()
  const { master } = dataSource.driver as { master?: { close(): Promise<void> } }
  await master?.close().catch(() => {})
}

/** Call records are personal data: a new file is for its owner alone, and what SQLite puts beside it likewise. */
function createPrivately(path: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '', { flag: 'a', mode: 0o600 })
}

export function sqliteFileIsMissing(settings: DatabaseSettings): boolean {
  return settings.type === 'sqlite' && !existsSync(settings.path)
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
      if (!migrating) return
      // In this order: two processes that had asked for the mode first would each wait for the other's shared lock.
      database.exec('BEGIN EXCLUSIVE')
      database.pragma('locking_mode = EXCLUSIVE')
      database.exec('COMMIT')
    }
  }
}
