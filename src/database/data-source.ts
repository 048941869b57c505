import 'reflect-metadata'
import { existsSync } from 'node:fs'
import { DataSource, type DataSourceOptions, QueryFailedError } from 'typeorm'
import type { DatabaseSettings, MssqlSettings, SqliteSettings } from '../config/database-url.js'
import { chooseDialect } from '../entities/dialect.js'
import { ConfigurationError, messageOf, TemporaryError } from '../errors.js'
import { ReadableNamingStrategy } from './naming-strategy.js'

export interface DataSourceUse {
  /** Nothing may be written: for looking at a database only. */
  readonly?: boolean
  /** Nobody else may use the SQLite file meanwhile: for migrations. */
  exclusive?: boolean
}

/** The data source of these settings, not connected yet. Entities are imported here, once the dialect is known. */
export async function createDataSource(
  settings: DatabaseSettings,
  use: DataSourceUse = {}
): Promise<DataSource> {
  chooseDialect(settings.type)
  const { CdrRecord, CdrSyncError, CdrSyncLease, CdrSyncState } = await import('../entities/index.js')
  const migrations = await migrationsOf(settings)
  return new DataSource({
    ...(settings.type === 'sqlite' ? sqliteOptions(settings, use) : mssqlOptions(settings)),
    entities: [CdrRecord, CdrSyncState, CdrSyncError, CdrSyncLease],
    migrations,
    migrationsTableName: 'cdr_migrations',
    migrationsTransactionMode: 'each',
    namingStrategy: new ReadableNamingStrategy(),
    synchronize: false,
    // TypeORM logs parameters, which are call data: the commands log what they do themselves.
    logging: false
  } as DataSourceOptions)
}

/**
 * The data source, connected.
 * @throws ConfigurationError that names the database and what the driver says
 */
export async function connect(settings: DatabaseSettings, use: DataSourceUse = {}): Promise<DataSource> {
  const dataSource = await createDataSource(settings, use)
  try {
    return await dataSource.initialize()
  } catch (error) {
    throw new ConfigurationError(
      `${sayDatabase(settings)} cannot be used: ${messageOf(error)}; ${remedy(settings, error)}`
    )
  }
}

/** An error of the driver as one that names the database and the remedy; any other error as it is. */
export function databaseError(settings: DatabaseSettings, error: unknown): unknown {
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error
  const code = String((cause as { code?: unknown } | undefined)?.code)
  if (!(error instanceof QueryFailedError) && !code.startsWith('SQLITE_')) return error
  const remedy = /^SQLITE_(BUSY|LOCKED)/.test(code)
    ? 'another process holds it; the next run tries again'
    : code === 'SQLITE_FULL'
      ? 'make room on the disk; the next run goes on from here'
      : 'nothing of the page at hand was stored'
  return new TemporaryError(`${sayDatabase(settings)}: ${messageOf(error)}; ${remedy}`)
}

export function sqliteFileIsMissing(settings: DatabaseSettings): boolean {
  return settings.type === 'sqlite' && !existsSync(settings.path)
}

/** The database by name, without credentials. */
export function sayDatabase(settings: DatabaseSettings): string {
  return settings.type === 'sqlite'
    ? `SQLite file ${settings.path}`
    : `SQL Server database ${settings.database} on ${settings.host}:${settings.port}`
}

function remedy(settings: DatabaseSettings, error: unknown): string {
  if (settings.type === 'mssql') return 'check DATABASE_URL, and that the server can be reached from here'
  return (error as { code?: unknown }).code === 'SQLITE_BUSY'
    ? 'another process is using it: try again when it has ended'
    : 'check that DATABASE_URL names a SQLite file which this user may read and write'
}

export async function migrationsOf({ type }: DatabaseSettings) {
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
  { readonly = false, exclusive = false }: DataSourceUse
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
      if (!exclusive) return
      // In this order: two processes that had asked for the mode first would each wait for the other's shared lock.
      database.exec('BEGIN EXCLUSIVE')
      database.pragma('locking_mode = EXCLUSIVE')
      database.exec('COMMIT')
    }
  }
}

function mssqlOptions(settings: MssqlSettings): DataSourceOptions {
  const { host, port, database, username, password, encrypt, trustServerCertificate } = settings
  return {
    type: 'mssql',
    host,
    port,
    database,
    username,
    password,
    schema: 'dbo',
    isolationLevel: 'READ COMMITTED',
    // Not bounded: a migration may have millions of rows to fill.
    requestTimeout: 0,
    options: { encrypt, trustServerCertificate, useUTC: true, appName: 'webex-cdr' }
  }
}
