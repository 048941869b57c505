import 'reflect-metadata'
import { existsSync } from 'node:fs'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { sleep } from '../clock.js'
import type { DatabaseSettings } from '../config/database-url.js'
import { chooseDialect } from '../entities/dialect.js'
import { CdrError } from '../errors.js'
import { connectFailure } from './connect-failure.js'
import type { DataSourceUse } from './data-source-use.js'
import { codeOf } from './error-kinds.js'
import { ReadableNamingStrategy } from './naming-strategy.js'
import { onceReady } from './resume.js'
import { isRefusedAccess, readRefusal } from './sqlite-access.js'
import { driverFailure } from './sqlite-driver.js'
import { createPrivately, sqliteOptions, WritingSqliteSource } from './sqlite-source.js'

/** The data source of these settings, not connected yet. Entities are imported here, once the dialect is known. */
export async function createDataSource(
  settings: DatabaseSettings,
  use: DataSourceUse = {}
): Promise<DataSource> {
  chooseDialect(settings.type)
  const entities = await import('../entities/index.js')
  const migrations = await migrationsOf(settings)
  // Who uses SQLite need not load the driver for SQL Server.
  const options =
    settings.type === 'sqlite'
      ? sqliteOptions(settings, use)
      : (await import('./mssql-options.js')).mssqlOptions(settings, use)
  const Kind = settings.type === 'sqlite' && !use.readonly ? WritingSqliteSource : DataSource
  const dataSource = new Kind({
    ...options,
    entities: Object.values(entities).filter((exported) => typeof exported === 'function'),
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

/** Also where TypeORM has connected and failed then, which leaves the pool open, and the process waits for it. */
async function close(dataSource: DataSource): Promise<void> {
  if (dataSource.isInitialized) await dataSource.destroy()
  const { master } = dataSource.driver as { master?: { close(): Promise<void> } }
  await master?.close().catch(() => {})
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
