import { randomBytes } from 'node:crypto'
import mssql from 'mssql'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import type { Row } from './sync.js'

/** A SQL Server whose login may create databases; where it is not set, what needs one is skipped. */
export const mssqlUrl = process.env.TEST_MSSQL_URL

/** For the name of a suite with `describe.skipIf(!mssqlUrl)`: says why it was skipped. */
export const onSqlServer = mssqlUrl ? 'on SQL Server' : 'on SQL Server (skipped: TEST_MSSQL_URL is not set)'

export interface TestDatabase {
  settings: MssqlSettings
  /** For DATABASE_URL. */
  url: string
  /** Past TypeORM; parameters are @p0, @p1 … */
  query<T = Row>(sql: string, ...parameters: unknown[]): Promise<T[]>
  drop(): Promise<void>
}

/** An empty database of the test's own, with this in front of its name. */
export async function createTestDatabase(prefix = 'test_'): Promise<TestDatabase> {
  if (!mssqlUrl) throw new Error('TEST_MSSQL_URL is not set')
  const database = `${prefix}${randomBytes(6).toString('hex')}`
  await asAdmin(mssqlUrl, `CREATE DATABASE ${bracketed(database)}`)
  const address = new URL(mssqlUrl)
  address.pathname = `/${encodeURIComponent(database)}`
  const settings = parseDatabaseUrl(address.href) as MssqlSettings
  const pool = await openPool(settings)
  return {
    settings,
    url: address.href,
    async query<T>(sql: string, ...parameters: unknown[]) {
      const request = pool.request()
      for (const [index, value] of parameters.entries()) request.input(`p${index}`, value)
      return (await request.query<T>(sql)).recordset ?? []
    },
    async drop() {
      await pool.close()
      await dropDatabase(mssqlUrl!, database)
    }
  }
}

/** A pool of an ordinary client: node-mssql with its own defaults, times in UTC. */
export async function openPool(
  settings: MssqlSettings,
  options: Partial<mssql.config> = {}
): Promise<mssql.ConnectionPool> {
  const { host, port, instance, database, authentication, encrypt, trustServerCertificate } = settings
  const pool = new mssql.ConnectionPool({
    server: host,
    ...(instance ? {} : { port }),
    database,
    authentication: authentication as mssql.config['authentication'],
    requestTimeout: 120_000,
    ...options,
    options: {
      encrypt,
      trustServerCertificate,
      useUTC: true,
      ...(instance ? { instanceName: instance } : {})
    }
  })
  // What befalls an idle connection must not end the test.
  pool.on('error', () => {})
  return pool.connect()
}

function bracketed(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`
}

async function asAdmin(url: string, sql: string): Promise<void> {
  const pool = await openPool(parseDatabaseUrl(url) as MssqlSettings)
  try {
    await pool.request().batch(sql)
  } finally {
    await pool.close()
  }
}

/** The connections of a process that was killed may linger for a moment. */
async function dropDatabase(url: string, database: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await asAdmin(url, `DROP DATABASE ${bracketed(database)}`)
    } catch (error) {
      if (tries === 20) throw error
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
}
