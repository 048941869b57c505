import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { startSimulator } from '../../src/simulator/index.js'
import { cli, simulatorEnvironment } from '../support/cli.js'
import { live } from '../support/live.js'
import { createTestDatabase, mssqlUrl, onSqlServer, openPool } from '../support/mssql.js'

describe.skipIf(!mssqlUrl)(`a login whose default schema is another than dbo, ${onSqlServer}`, () => {
  test('works on the tables in dbo, though its own schema has some of these names', async () => {
    const login = `login_${randomBytes(6).toString('hex')}`
    const password = `Pw-${randomBytes(12).toString('hex')}`
    const database = await createTestDatabase()
    const sim = await startSimulator({ records: [] })
    const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
    onTestFinished(async () => {
      await sim.close()
      rmSync(folder, { recursive: true })
      await database.drop()
      const admin = await openPool(parseDatabaseUrl(mssqlUrl!) as MssqlSettings)
      await admin.request().batch(`DROP LOGIN ${login}`)
      await admin.close()
    })
    const env = { DATABASE_URL: database.url, ...simulatorEnvironment(sim.url) }
    await cli(['migrate'], env, folder)
    const { query } = database
    await query('CREATE SCHEMA reports')
    const tables = await query<{ name: string }>("SELECT name FROM sys.tables WHERE name LIKE 'cdr%'")
    expect(tables.length).toBeGreaterThanOrEqual(7)
    for (const { name } of tables) await query(`CREATE TABLE reports.${name} (nothing int NULL)`)
    await query(`CREATE LOGIN ${login} WITH PASSWORD = N'${password}'`)
    await query(`CREATE USER ${login} FOR LOGIN ${login} WITH DEFAULT_SCHEMA = reports`)
    for (const { name } of tables) await query(`GRANT SELECT, INSERT, UPDATE ON dbo.${name} TO ${login}`)
    const url = new URL(database.url)
    url.username = login
    url.password = password
    const run = async (...args: string[]) => {
      const ended = await cli(args, { ...env, DATABASE_URL: url.href }, folder)
      expect(ended.code, `${args}: ${ended.stdout}${ended.stderr}`).toBe(0)
      return ended.stdout
    }
    const deliver = async (item: object) => {
      sim.failNext({ kind: 'body', body: JSON.stringify({ items: [item] }) })
      return JSON.parse(await run('sync', '--since', '6h', '--until', '1h', '--json')).runs[0]
    }

    expect(await run('migrate')).toContain('No pending migrations.')
    expect(await deliver({ ...live, 'Start time': '', 'Brand new': 1 })).toMatchObject({ quarantined: 1 })
    expect(await deliver({ ...live, 'Brand new': 1 })).toMatchObject({ inserted: 1 })
    const now = new Date().toISOString()
    expect(await deliver({ ...live, Model: 'x', 'Report time': now })).toMatchObject({ updated: 1 })
    await run('sync')
    await run('sync', '--fill-gaps')
    await run('sync', '--retry-quarantined')
    expect(await run('stats')).toContain('Brand new')
    await run('health')
    expect(
      (await cli(['migrate', '--check'], { ...env, DATABASE_URL: url.href }, folder)).stdout
    ).not.toMatch(/is missing|^ +pending/m)
    expect(await query('SELECT recovered FROM dbo.cdr_sync_errors WHERE record_key IS NOT NULL')).toEqual([
      { recovered: true }
    ])
    for (const { name } of tables) expect(await query(`SELECT * FROM reports.${name}`)).toEqual([])
  }, 300_000)
})
