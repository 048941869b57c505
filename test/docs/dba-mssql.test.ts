import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type mssql from 'mssql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { viewsOf } from '../../src/database/view-drift.js'
import { type Simulator, startSimulator } from '../../src/simulator/index.js'
import { cli, type Ended, simulatorEnvironment } from '../support/cli.js'
import { createTestDatabase, mssqlUrl, onSqlServer, openPool, type TestDatabase } from '../support/mssql.js'
import { blockCalled, blocks, section } from './dba-page.js'

/** SQL of the page that needs more than a SQL Server of one's own: Azure SQL. */
const ELSEWHERE = ['A contained user', 'A managed identity or a service principal, by its name in Entra ID']

/** SQL of the page that a stand-in for SQL Server may refuse, as it lacks what is named here; SQL Server may not. */
const LACKING: Record<string, string> = {
  'Permissions of migrate':
    'permissions on a database and on a schema; its login for migrate may do everything instead',
  'For migrate --check': 'VIEW DEFINITION; everybody may see definitions there',
  'Size of the tables': 'sys.dm_db_partition_stats',
  Sessions: 'host_process_id',
  'What page compression would save': 'compression',
  'Compress an index': 'compression and REBUILD',
  'Release the space and compress': 'compression and REBUILD',
  'Columnstore index for reports': 'columnstore indexes'
}

/** SQL Server's own error numbers are smaller: this is a stand-in, which does not know a statement. */
const isOfStandIn = (error: unknown) => ((error as mssql.RequestError).number ?? 0) > 1_000_000

const DAY = 86_400_000

describe.skipIf(!mssqlUrl)(`docs/DBA.md ${onSqlServer}`, { timeout: 120_000 }, () => {
  const suffix = randomBytes(4).toString('hex')
  const password = `Pw-${randomBytes(12).toString('hex')}`
  const ran = new Set<string>()
  const logins = ['migrate', 'sync', 'report', 'retain'].map((name) => `webex_cdr_${name}_${suffix}`)
  let database: TestDatabase
  let sim: Simulator
  let folder: string

  beforeAll(async () => {
    database = await createTestDatabase()
    sim = await startSimulator({ recordsPerHour: 20 })
    folder = mkdtempSync(join(tmpdir(), 'webex-cdr-dba-'))
  }, 60_000)

  afterAll(async () => {
    await sim.close()
    for (const pool of pools.values()) await (await pool).close()
    rmSync(folder, { recursive: true })
    await database.drop()
    const admin = await openPool(parseDatabaseUrl(mssqlUrl!) as MssqlSettings)
    for (const login of logins)
      await admin
        .request()
        .batch(`DROP LOGIN ${login}`)
        .catch(() => {})
    await admin.close()
  }, 60_000)

  /** As the page has it, under logins and with a password of this test's own. */
  const adapted = (sql: string) =>
    sql
      .replace(/\bwebex_cdr_(migrate|sync|report|retain)\b/g, `$&_${suffix}`)
      .replaceAll('<password>', password)

  /** @returns whether the server could run it */
  async function runBlock(name: string): Promise<boolean> {
    const { sql } = blockCalled(name)
    ran.add(name)
    try {
      await database.query(adapted(sql))
      return true
    } catch (error) {
      if (LACKING[name] && isOfStandIn(error)) return false
      throw error
    }
  }

  function urlOf(login: string): string {
    const url = new URL(database.url)
    url.username = `webex_cdr_${login}_${suffix}`
    url.password = password
    return url.href
  }

  const run = (login: string, ...args: string[]) => runWith({}, login, ...args)

  const runWith = (more: NodeJS.ProcessEnv, login: string, ...args: string[]) =>
    cli(
      args,
      { DATABASE_URL: urlOf(login), ...simulatorEnvironment(sim.url), LOG_LEVEL: 'warn', ...more },
      folder
    )

  async function succeeds(login: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(login, ...args)
    expect(code, stdout + stderr).toBe(0)
    return stdout
  }

  /** One sync that finds these items in its only page. */
  async function deliver(...items: unknown[]): Promise<unknown> {
    sim.failNext({ kind: 'body', body: JSON.stringify({ items }) })
    const { runs } = JSON.parse(await succeeds('sync', 'sync', '--since', '6h', '--until', '1h', '--json'))
    return runs[0]
  }

  /** One line that names the right, and this page where the server's error has a number that tells so. */
  function expectRefused({ code, stderr }: Ended): void {
    expect(code, stderr).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toMatch(/permission|must be owner/i)
    // A stand-in has one number for all that it refuses.
    if (!standIn) expect(stderr).toMatch(/lacks a permission: docs\/DBA\.md/)
    expect(stderr).not.toContain(password)
  }

  const pools = new Map<string, Promise<mssql.ConnectionPool>>()

  async function as(login: string, sql: string): Promise<mssql.IResult<unknown>> {
    const pool = pools.get(login) ?? openPool(parseDatabaseUrl(urlOf(login)) as MssqlSettings)
    pools.set(login, pool)
    return (await pool).request().query(sql)
  }

  const count = async (from: string) =>
    (await database.query<{ n: number }>(`SELECT COUNT(*) AS n FROM ${from}`))[0]?.n ?? 0

  let standIn = false

  test('the login for migrate, with just its rights, makes the tables', async () => {
    await runBlock('Login for migrate')
    standIn = !(await runBlock('Permissions of migrate'))
    if (standIn) {
      const [login] = logins
      await database.query(`DROP USER ${login}`)
      await database.query(`ALTER SERVER ROLE sysadmin ADD MEMBER ${login}`)
    }
    expect(await succeeds('migrate', 'migrate')).toMatch(/^\d+ applied\.$/m)
    expect(await succeeds('migrate', 'migrate')).toContain('No pending migrations.')
  })

  test('the other logins can be made then', async () => {
    await runBlock('Roles for sync and for reports')
    await runBlock('Login for sync')
    await runBlock('Login for reports')
    await runBlock('Role for retain and erase')
    await runBlock('Login for retain and erase')
    await runBlock('For migrate --check')
  })

  test('the login for sync syncs: a first run, a second one, and stats', async () => {
    const truth = sim.truth(Date.now() - 2 * DAY + 60_000, Date.now() - 400_000)
    expect(JSON.parse(await succeeds('sync', 'sync', '--json'))).toMatchObject({ status: 'succeeded' })
    expect(await count('dbo.cdr_records')).toBeGreaterThanOrEqual(truth.size)
    const { runs } = JSON.parse(await succeeds('sync', 'sync', '--source', 'feed', '--json'))
    expect(runs).toMatchObject([{ status: 'succeeded', updated: 0 }])
    expect(runs[0].duplicate).toBeGreaterThan(50)
    expect(await succeeds('sync', 'sync', '--locations', 'Main Office')).toContain('Synced')
    expect(await succeeds('sync', 'stats')).toContain('succeeded')
  })

  test('… a redelivery that updates, a record for the quarantine, a run that fails', async () => {
    const [item] = sim.truth().values()
    const changed = { ...item, Model: 'another one', 'Report time': new Date().toISOString() }
    expect(await deliver(item)).toMatchObject({ fetched: 1, quarantined: 0 })
    expect(await deliver(changed)).toMatchObject({ inserted: 0, updated: 1 })
    const broken = { ...item, 'Report ID': '00000000-0000-3000-8000-000000000001', 'Start time': '' }
    expect(await deliver(broken)).toMatchObject({ quarantined: 1 })
    expect(await deliver(broken)).toMatchObject({ quarantined: 1 })
    sim.failNext({ kind: 'status', status: 403 })
    expect(await run('sync', 'sync', '--source', 'feed')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('403')
    })
    expect(await count("dbo.cdr_sync_errors WHERE error_type = 'ForbiddenError'")).toBe(1)
    expect(await count("dbo.cdr_sync_state WHERE status = 'failed'")).toBe(1)
    expect(await count("dbo.cdr_sync_state WHERE status = 'running'")).toBe(0)
  })

  test.each([
    'DELETE FROM dbo.cdr_records',
    'DELETE FROM dbo.cdr_sync_lease',
    'TRUNCATE TABLE dbo.cdr_sync_errors',
    "INSERT INTO dbo.cdr_migrations ([timestamp], name) VALUES (1, 'x')",
    "UPDATE dbo.cdr_migrations SET name = 'x'",
    'SELECT name FROM dbo.cdr_schema_history',
    'CREATE TABLE dbo.cdr_more (id int)',
    'ALTER TABLE dbo.cdr_records ADD more int NULL',
    'CREATE INDEX IX_more ON dbo.cdr_records (duration)',
    'DROP TABLE dbo.cdr_records'
  ])('the login for sync may not: %s', async (sql) => {
    await expect(as('sync', sql)).rejects.toThrow(/permission|must be owner/i)
  })

  test.each(["UPDATE dbo.cdr_records SET model = N'x'", 'DELETE FROM dbo.cdr_sync_errors'])(
    'the login for reports may not: %s',
    async (sql) => {
      await expect(as('report', sql)).rejects.toThrow(/permission/i)
    }
  )

  test('the login for reports sees stats and --check, and cannot sync', async () => {
    expect(await succeeds('report', 'stats')).toContain('Newest runs')
    expect(await succeeds('report', 'export', '-o', 'lake')).toContain('Exported')
    const { stdout, code } = await run('report', 'migrate', '--check')
    expect(stdout).toMatch(/^ {2}applied +Lease\d{13} /m)
    expect(stdout).not.toMatch(/the table is missing/)
    // A stand-in has types and defaults that are not quite these.
    if (!standIn) expect(code, stdout).toBe(0)
    expectRefused(await run('report', 'sync'))
  })

  test('the login for sync cannot migrate, and is told so; the login for migrate can', async () => {
    const reverted = await run('migrate', 'migrate', '--down')
    expect(reverted.code, reverted.stderr).toBe(0)
    expectRefused(await run('sync', 'migrate'))
    expect(await run('sync', 'sync')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/lacks 1 migration, from Views\d{13} on: run `npm run migrate`/)
    })
    expect(await succeeds('migrate', 'migrate')).toContain('1 applied.')
    const grants = blockCalled('Roles for sync and for reports').sql.split('\n')
    for (const view of (await viewsOf('mssql')).keys()) {
      await database.query(grants.find((line) => line.includes(`dbo.${view} `)) ?? '')
    }
    await succeeds('sync', 'sync')
  })

  test('the login for sync counts what is new at the service', async () => {
    const [item] = sim.truth().values()
    for (const value of [1, 2]) await deliver({ ...item, 'Brand new': value })
    expect(await count("dbo.cdr_api_drift WHERE name = N'Brand new' AND occurrences = 2")).toBe(1)
    expect(await succeeds('report', 'stats')).toContain('Brand new')
  })

  const ofQueries = blocks.filter(({ sql }) => section('## Queries').includes(sql)).map(({ name }) => name)
  /** Nothing was lost, and no call of the simulator need have legs that share a Call ID and a Start time. */
  const mayBeEmpty = ['Gaps', 'More than one record with the same Call ID and Start time']

  test.each(ofQueries)('a query that the login for reports runs as it stands: %s', async (name) => {
    ran.add(name)
    const { recordset } = await as('report', blockCalled(name).sql)
    if (!mayBeEmpty.includes(name)) expect(recordset.length).toBeGreaterThan(0)
  })

  test('what a query counts is right', async () => {
    const query = <T>(name: string) => database.query<T>(blockCalled(name).sql)
    expect(await query('Number of records')).toEqual([{ total_records: await count('dbo.cdr_records') }])
    const [lag] = await query<{ minutes_behind: number }>('Lag in minutes')
    expect(lag?.minutes_behind).toBeGreaterThanOrEqual(5)
    expect(lag?.minutes_behind).toBeLessThan(15)
    expect(await query('Records in quarantine')).toMatchObject([{ sightings: 2 }])
  })

  test('a gap is accepted by hand', async () => {
    await database.query(`INSERT INTO dbo.cdr_sync_errors (error_type, recovered, scope, range_start_utc, range_end_utc)
      VALUES (N'Gap', 0, N'all locations', '2026-01-01', '2026-01-02')`)
    const [gap] = await database.query<{ id: number }>(blockCalled('Gaps').sql)
    ran.add('Accept a gap')
    await as('sync', blockCalled('Accept a gap').sql.replace('id = 0', `id = ${gap?.id}`))
    expect(await count("dbo.cdr_coverage WHERE source = N'accepted' AND start_utc = '2026-01-01'")).toBe(1)
    await succeeds('sync', 'sync')
    expect(await count("dbo.cdr_sync_errors WHERE error_type = N'Gap' AND recovered = 0")).toBe(0)
  })

  test('retain and erase work with their rights, and no other login has them', async () => {
    const policy = { RETAIN_RECORDS: '13 months', MASK_AFTER: '1 day', RETAIN_RUNS: '31 days' }
    const all = await count('dbo.cdr_records')
    const old = 'SELECT TOP (5) id FROM dbo.cdr_records ORDER BY id'
    await database.query(`UPDATE dbo.cdr_records SET start_time = '2020-01-01' WHERE id IN (${old})`)
    await database.query("UPDATE dbo.cdr_sync_state SET created_at = '2020-01-01'")
    expectRefused(await runWith(policy, 'sync', 'retain'))
    expectRefused(await runWith(policy, 'report', 'retain'))
    const ended = await runWith(policy, 'retain', 'retain', '--json')
    expect(ended.code, ended.stderr).toBe(0)
    const result = JSON.parse(ended.stdout)
    expect(result).toMatchObject({ recordsDeleted: 5, runsDeleted: expect.any(Number) })
    expect(result.recordsMasked).toBeGreaterThan(50)
    expect(result.runsDeleted).toBeGreaterThan(3)
    expect(await count('dbo.cdr_records')).toBe(all - 5)
    const [somebody] = await database.query<{ user_id: string }>(
      'SELECT TOP (1) user_id FROM dbo.cdr_records WHERE masked_utc IS NULL AND user_id IS NOT NULL ORDER BY id'
    )
    const erased = await run('retain', 'erase', '--user', somebody?.user_id ?? '', '--yes', '--json')
    expect(erased.code, erased.stderr).toBe(0)
    expect(JSON.parse(erased.stdout).records).toBeGreaterThan(0)
    expect(await count(`dbo.cdr_records WHERE user_id = N'${somebody?.user_id}'`)).toBe(0)
    await succeeds('sync', 'sync', '--source', 'feed', '--since', '30d')
    expect(await count(`dbo.cdr_records WHERE start_time < DATEADD(month, -13, SYSUTCDATETIME())`)).toBe(0)
    expectRefused(await run('retain', 'sync'))
  })

  test.each(['Sessions', 'Size of the tables', 'Where the bytes are'])('a look: %s', async (name) => {
    await runBlock(name)
  })

  test('compression and columnstore, after which sync works and --check takes no offence', async () => {
    await runBlock('What page compression would save')
    await runBlock('Compress an index')
    await runBlock('Release the space and compress')
    await runBlock('Columnstore index for reports')
    await succeeds('sync', 'sync')
    if (!standIn) expect(await succeeds('migrate', 'migrate', '--check')).toContain('No pending migrations')
  })

  test('nothing of the page was left out', () => {
    const left = blocks.map(({ name }) => name).filter((name) => !ran.has(name))
    expect(left.sort()).toEqual([...ELSEWHERE].sort())
    for (const name of Object.keys(LACKING)) expect(blockCalled(name).name).toBe(name)
  })
})
