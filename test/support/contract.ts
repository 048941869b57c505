import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'
import { type DatabaseSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { loadSettings, type Settings } from '../../src/config/settings.js'
import { connect } from '../../src/database/data-source.js'
import { migrate } from '../../src/database/migrator.js'
import type { CdrApiDrift, CdrRecord, CdrSyncError, CdrSyncState, RawJson } from '../../src/entities/index.js'
import {
  DEMO_CREDENTIALS,
  type Simulator,
  type SimulatorOptions,
  startSimulator
} from '../../src/simulator/index.js'
import type { SyncResult } from '../../src/sync/result.js'
import { type SyncOutcome, sync } from '../../src/sync/sync.js'
import type { SyncRequest } from '../../src/sync/sync-sources.js'
import { liveNow } from './live.js'
import { memoryLog } from './log.js'
import { migrated } from './migrated.js'
import { createTestDatabase, mssqlUrl, onSqlServer } from './mssql.js'
import { demoSecrets } from './secrets.js'
import { only } from './sync.js'
import { auditTables } from './triggers.js'

/** The dialect of this process; vitest.config.ts runs the contract once for each. */
export const dialect = process.env.TEST_DIALECT === 'mssql' ? 'mssql' : 'sqlite'

const skipped = dialect === 'mssql' && !mssqlUrl

/** A suite that holds for every database; where there is no SQL Server it is skipped and says so. */
export function contract(name: string, body: () => void): void {
  describe.skipIf(skipped)(`${name}, ${dialect === 'mssql' ? onSqlServer : 'on SQLite'}`, body)
}

/** The same for what only one of them has; the other's process skips it and says so. */
export function contractOf(only: typeof dialect, name: string, body: () => void): void {
  if (only === dialect) contract(name, body)
  else describe.skip(`${name}, which is for ${only} only`, body)
}

let opened: { settings: DatabaseSettings; dataSource: DataSource; close: () => Promise<void> } | undefined

/** A migrated database for the tests of this file; each test finds it empty. */
export function useDatabase(): void {
  beforeAll(async () => {
    if (skipped) return
    const { settings, drop } = await newDatabase()
    if (settings.type === 'sqlite') await migrated(settings.path)
    else await migrate(settings, () => {})
    const dataSource = await connect(settings)
    await auditIfAsked(dataSource)
    opened = {
      settings,
      dataSource,
      close: async () => {
        await dataSource.destroy()
        await drop()
      }
    }
  }, 120_000)
  afterAll(() => opened?.close(), 60_000)
}

/** vitest.config.ts runs the contract once more with triggers of a DBA's on all tables. */
export async function auditIfAsked(dataSource: DataSource): Promise<void> {
  if (process.env.TEST_TRIGGERS) await auditTables(dialect, (sql) => dataSource.query(sql))
}

/** An empty database, not migrated. */
export async function newDatabase(): Promise<{ settings: DatabaseSettings; drop: () => Promise<void> }> {
  if (dialect === 'mssql') return createTestDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'contract-'))
  return {
    settings: parseDatabaseUrl(`sqlite:${join(folder, 'calls.db')}`),
    drop: async () => rmSync(folder, { recursive: true })
  }
}

export interface ContractBench {
  sim: Simulator
  settings: Settings
  clock: { now: number }
  lines: string[]
  dataSource: DataSource
  /** A sync of cdr_feed unless told otherwise; fails the test when another process has the lease. */
  run(request?: Partial<SyncRequest>): Promise<SyncResult>
  start(request?: Partial<SyncRequest>): Promise<SyncOutcome>
  /** One run that finds these items in its only page. */
  deliver(...items: unknown[]): Promise<SyncResult>
  /** By id. */
  records(): Promise<CdrRecord[]>
  runs(): Promise<CdrSyncState[]>
  errors(): Promise<CdrSyncError[]>
  drift(): Promise<CdrApiDrift[]>
  execute(sql: string): Promise<unknown>
}

export interface ContractOptions extends Omit<SimulatorOptions, 'now'> {
  now?: number
  /** Another way to the database of this file, such as through a proxy or with another login. */
  database?: DatabaseSettings
  rawJson?: RawJson
}

export async function setUp(options: ContractOptions = {}): Promise<ContractBench> {
  if (!opened) throw new Error('useDatabase() is missing')
  const { dataSource } = opened
  const entities = await import('../../src/entities/index.js')
  const tables = [
    entities.CdrRecord,
    entities.CdrSyncState,
    entities.CdrCoverage,
    entities.CdrSyncError,
    entities.CdrSyncLease,
    entities.CdrApiDrift,
    entities.CdrRetention,
    entities.CdrReport,
    entities.CdrCall,
    entities.CdrCallParty
  ]
  for (const table of tables) await dataSource.manager.createQueryBuilder().delete().from(table).execute()
  const { database = opened.settings, now = liveNow, rawJson = 'all', ...simulated } = options
  const clock = { now }
  const sim = await startSimulator({ records: [], ...simulated, now: () => clock.now })
  onTestFinished(() => sim.close())
  const { log, lines } = memoryLog()
  const settings: Settings = {
    ...loadSettings({
      WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
      WEBEX_API_URL: sim.url,
      WEBEX_ANALYTICS_URL: sim.url,
      WEBEX_REQUESTS_PER_MINUTE: '0',
      WEBEX_PAGES_PER_MINUTE: '0',
      WEBEX_RETRY_DELAY_MS: '2'
    }),
    database,
    rawJson
  }
  const start: ContractBench['start'] = (request = {}) =>
    sync(
      settings,
      { source: 'feed', locations: [], dryRun: false, ...request },
      { secrets: demoSecrets(log), log, now: () => clock.now }
    )
  const run: ContractBench['run'] = async (request) => {
    const outcome = await start(request)
    if ('holder' in outcome) throw new Error('somebody else has the lease')
    return only(outcome.runs)
  }
  return {
    sim,
    settings,
    clock,
    lines,
    dataSource,
    start,
    run,
    deliver(...items) {
      sim.failNext({ kind: 'body', body: JSON.stringify({ items }) })
      return run({ since: clock.now - 6 * 3_600_000, until: clock.now - 3_600_000 })
    },
    records: () => dataSource.getRepository(entities.CdrRecord).find({ order: { id: 'ASC' } }),
    runs: () => dataSource.getRepository(entities.CdrSyncState).find({ order: { id: 'ASC' } }),
    errors: () => dataSource.getRepository(entities.CdrSyncError).find({ order: { id: 'ASC' } }),
    drift: () => dataSource.getRepository(entities.CdrApiDrift).find({ order: { id: 'ASC' } }),
    execute: (sql) => dataSource.query(sql)
  }
}
