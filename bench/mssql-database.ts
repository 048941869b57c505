import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type mssql from 'mssql'
import type { DataSource } from 'typeorm'
import type { SqlServerDriver } from 'typeorm/driver/sqlserver/SqlServerDriver.js'
import { type MssqlSettings, parseDatabaseUrl } from '../src/config/database-url.js'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import type { CdrRow } from '../src/record/record.js'
import type { CdrLoader } from '../src/store/loader.js'

/** A migrated database for the bench alone. */
export interface BenchDatabase {
  dataSource: DataSource
  loader: CdrLoader
  /** The pool of `dataSource`, for who does without TypeORM: so all run on one connection. */
  pool: mssql.ConnectionPool
  /** Stores this many rows that stay, made of the given ones. */
  seed(rows: readonly CdrRow[], stored: number): Promise<void>
  /** How many rows there are beyond those that stay. */
  added(): Promise<number>
  /** Removes what was added. */
  reset(): Promise<void>
  drop(): Promise<void>
}

/** @param url of a server whose login may create databases */
export async function createBenchDatabase(url: string): Promise<BenchDatabase> {
  const admin = parseDatabaseUrl(url) as MssqlSettings
  const settings = { ...admin, database: `bench_${randomBytes(6).toString('hex')}` }
  await query(admin, `CREATE DATABASE ${settings.database}`)
  const dataSource = await migrated(settings).catch(async (error) => {
    await dropDatabase(admin, settings.database)
    throw error
  })
  const { createLoader } = await import('../src/store/create-loader.js')
  const loader = await createLoader(dataSource.manager)
  /** The id of the last row that stays. */
  let last = 0
  const beyond = async (what: string) => {
    const sql = `SELECT ${what} AS value FROM dbo.cdr_records WHERE id > @0`
    const [{ value }] = await dataSource.query<[{ value: string }]>(sql, [last])
    return Number(value)
  }
  return {
    dataSource,
    loader,
    pool: (dataSource.driver as SqlServerDriver).master,
    async seed(rows, stored) {
      await seed(dataSource, loader, rows, stored)
      last = await beyond('MAX(id)')
    },
    added: () => beyond('COUNT(*)'),
    async reset() {
      if (last === 0) await dataSource.query('TRUNCATE TABLE dbo.cdr_records')
      else await dataSource.query('DELETE FROM dbo.cdr_records WHERE id > @0', [last])
    },
    async drop() {
      await dataSource.destroy()
      await dropDatabase(admin, settings.database)
    }
  }
}

async function migrated(settings: MssqlSettings): Promise<DataSource> {
  await migrate(settings, () => {})
  return connect(settings)
}

/** What makes copies of a row differ as two days' records do; all else repeats in life, too. */
const DISTINCT: Record<string, string> = {
  report_id: 'NEWID()',
  correlation_id: 'CONVERT(nvarchar(36), NEWID())',
  start_time: 'DATEADD(hour, -48 * @1, start_time)'
}

/** The rows under other keys, then copies of them, each batch two days older than the one before. */
async function seed(
  dataSource: DataSource,
  loader: CdrLoader,
  rows: readonly CdrRow[],
  stored: number
): Promise<void> {
  const first = rows.slice(0, stored).map((row) => ({ ...row, reportId: randomUUID() }))
  await dataSource.transaction((manager) => manager.withRepository(loader).store(first))
  const columns = loader.metadata.columns.map((column) => column.databaseName).filter((name) => name !== 'id')
  const values = columns.map((name) => DISTINCT[name] ?? name)
  for (let at = first.length, batch = 1; at < stored; at += first.length, batch += 1) {
    await dataSource.query(
      `INSERT INTO dbo.cdr_records (${columns.join(', ')})
       SELECT TOP (@0) ${values.join(', ')} FROM dbo.cdr_records ORDER BY id`,
      [Math.min(first.length, stored - at), batch]
    )
  }
}

/** The server may not have noticed yet that the connections are closed. */
async function dropDatabase(admin: MssqlSettings, name: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await query(admin, `DROP DATABASE ${name}`)
    } catch (error) {
      if (tries === 20) throw error
      await setTimeout(250)
    }
  }
}

async function query(settings: MssqlSettings, sql: string): Promise<void> {
  const dataSource = await connect(settings)
  try {
    await dataSource.query(sql)
  } finally {
    await dataSource.destroy()
  }
}
