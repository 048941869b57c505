import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { SimulatorOptions } from '../../src/simulator/index.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const OLD_RECORD =
  "INSERT INTO cdr_records (report_id, call_id, start_time) VALUES ('00000000-0000-3000-8000-000000000001', '', '2020-01-01 00:00:00.000')"

async function installed(options: SimulatorOptions = {}) {
  const bench = await commandBench(options)
  const { run, migrate, keyFile, folder } = bench
  await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
  await migrate()
  const change = (sql: string) => {
    const file = new Database(join(folder, 'webex-cdr.db'))
    file.exec(sql)
    file.close()
  }
  return { ...bench, change }
}

describe('doctor', () => {
  /** “status name” of each line, and its text. */
  const linesOf = (stdout: string) =>
    new Map(stdout.split('\n').map((line) => [line.slice(0, 24).replace(/\s+/g, ' ').trim(), line.slice(25)]))

  test('finds nothing wrong where nothing is', async () => {
    const { run } = await installed()
    expect((await run(['sync'])).code).toBe(0)
    const { code, stdout, stderr } = await run(['doctor'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect([...linesOf(stdout).keys()]).toEqual([
      'ok Node.js',
      'ok config',
      'ok secrets',
      'ok disk',
      'ok SQLite driver',
      'ok database',
      'ok migrations',
      'ok drift',
      'ok watermark',
      'ok gaps',
      'ok lease',
      'ok token',
      'ok scope and role',
      'ok region',
      'ok clock',
      'No problems found.',
      ''
    ])
    const json = JSON.parse((await run(['doctor', '--json'])).stdout)
    expect(json).toMatchObject({ healthy: true })
    expect(json.checks).toHaveLength(15)
  }, 30_000)

  test.each<[string, SimulatorOptions, RegExp]>([
    ['failure token', { refreshToken: 'another' }, /Webex does not accept .*: authorise again|npm run setup/],
    ['failure scope and role', { roleMissing: true }, /403.*the role “Webex Calling/],
    [
      'failure clock',
      { clockSkew: -120_000 },
      /^\s*the clock of this machine is 1[12]\d s ahead of the service’s: synchronise it with NTP/
    ]
  ])(
    'tells a %s',
    async (line, options, message) => {
      const { run, sim, folder } = await installed()
      const other = await commandBench(options)
      writeFileSync(
        join(folder, '.env'),
        `WEBEX_API_URL=${other.sim.url}\nWEBEX_ANALYTICS_URL=${other.sim.url}\nWEBEX_REQUESTS_PER_MINUTE=0`
      )
      expect(sim.requests.length).toBeGreaterThan(0)
      const { code, stdout } = await run(['doctor'])
      expect(code).toBe(1)
      expect(linesOf(stdout).get(line), stdout).toMatch(message)
      expect(stdout).toMatch(/\n1 problem(?:, 1 warning)?\.\n$/)
    },
    30_000
  )

  test('tells what the database lacks, and goes on', async () => {
    const { run, change } = await installed()
    change('ALTER TABLE cdr_records DROP COLUMN model')
    expect((await run(['doctor'])).stdout).toMatch(
      /^failure {2}drift +cdr_records\.model: the column is missing: /m
    )
    change('DROP TABLE cdr_migrations')
    const { code, stdout } = await run(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^failure {2}migrations +10 pending: run `npm run migrate`$/m)
    expect(stdout).toMatch(/^ok +scope and role/m)
  }, 30_000)

  test('tells a store without its key, and what that prevents', async () => {
    const { run, keyFile } = await installed()
    rmSync(keyFile)
    const { code, stdout } = await run(['doctor'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^failure {2}secrets +the key file .*webex-cdr\.key/m)
    expect(stdout).toMatch(/^warning {2}token +not tested without the secrets$/m)
    expect((await run(['sync'])).code).toBe(3)
  }, 30_000)

  test('tells settings that are wrong, and a database that is locked, as findings', async () => {
    const { run, folder } = await installed()
    const wrong = await run(['doctor', '--json'], { env: { LOG_LEVEL: 'loud' } })
    expect(wrong.code).toBe(1)
    expect(JSON.parse(wrong.stdout)).toMatchObject({
      healthy: false,
      checks: [
        { name: 'config', status: 'failure', message: expect.stringMatching(/^LOG_LEVEL must be one of/) }
      ]
    })
    const file = new Database(join(folder, 'webex-cdr.db'))
    file.exec('BEGIN EXCLUSIVE')
    const locked = await run(['doctor'])
    file.close()
    expect(locked.code).toBe(1)
    expect(locked.stdout).toMatch(/^warning {2}token +not tested without the (?:database|lease)/m)
  }, 60_000)

  test('tells of a folder without an installation, and of misspelt settings', async () => {
    const { run, folder } = await installed()
    writeFileSync(
      join(folder, '.env'),
      'WEBEX_API_ULR=http://127.0.0.1:9/v1\nRETAIN_RECORD=1 day\nNODE_ENV=x'
    )
    expect((await run(['doctor'])).stdout).toMatch(
      /^warning {2}config +\.env has the unknown setting RETAIN_RECORD, WEBEX_API_ULR:/m
    )
    const elsewhere = await commandBench()
    rmSync(join(elsewhere.folder, '.env'))
    expect((await elsewhere.run(['doctor'])).stdout).toMatch(
      /^warning {2}config +no webex-cdr\.json or \.env in/m
    )
  }, 60_000)

  test('tells of a retention policy, and where it is overdue', async () => {
    const { run, change } = await installed()
    await run(['sync'])
    const env = { RETAIN_RECORDS: '13 months', MASK_AFTER: '30 days' }
    const fine = await run(['doctor'], { env })
    expect(linesOf(fine.stdout).get('ok retention'), fine.stdout).toBe(
      'records deleted after 13 months; records masked after 30 days'
    )
    change(OLD_RECORD)
    const late = await run(['doctor'], { env })
    expect(late.code).toBe(0)
    expect(linesOf(late.stdout).get('warning retention'), late.stdout).toMatch(
      /^records from 2020-01-01T\S+ on are still stored, and should be deleted after 13 months: run `npm run retain`, and schedule it \(.*\); and 1 more$/
    )
    expect(late.stdout).toMatch(/\nNo problems found, 1 warning\.\n$/)
    await run(['retain'], { env })
    expect(linesOf((await run(['doctor'], { env })).stdout).has('ok retention')).toBe(true)
  }, 60_000)

  test('tells of secrets that were left behind in the environment', async () => {
    const { run } = await installed()
    const { stdout } = await run(['doctor'], { env: { WEBEX_REFRESH_TOKEN: 'old-and-forgotten' } })
    expect(stdout).toMatch(/^warning {2}config +WEBEX_REFRESH_TOKEN in the environment or \.env is not used/m)
    expect(stdout).not.toContain('old-and-forgotten')
  }, 30_000)
})

describe('health', () => {
  test('notes a retention policy that is overdue, and stays healthy: nothing is lost', async () => {
    const { run, change } = await installed()
    await run(['sync'])
    change(OLD_RECORD)
    expect((await run(['health'])).stdout).toMatch(/min old\n$/)
    const env = { RETAIN_RECORDS: '13 months' }
    expect(await run(['health'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^ok: cdr_stream, .* min old; records from 2020-01-01\S+ on are still stored, .*`npm run retain`.*\n$/
      )
    })
    await run(['retain'], { env })
    expect((await run(['health'], { env })).stdout).toMatch(/min old\n$/)
    change(
      `${OLD_RECORD}; UPDATE cdr_sync_state SET last_successful_end_time_utc = datetime('now', '-50 minutes')`
    )
    expect(await run(['health'], { env })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^unhealthy: .* is 50 min old/)
    })
  }, 60_000)

  test('is 0 while the watermark is fresh, else 1 and one line that says why', async () => {
    const { run, change } = await installed()
    expect(await run(['health'])).toMatchObject({
      code: 1,
      stdout: 'unhealthy: no sync has succeeded yet: run `npm run sync`\n'
    })
    await run(['sync'])
    expect(await run(['health'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ok: cdr_stream, all locations: the watermark \S+ is \d+ min old\n$/)
    })
    change("UPDATE cdr_sync_state SET last_successful_end_time_utc = datetime('now', '-50 minutes')")
    expect(await run(['health', '--max-lag', '1h'])).toMatchObject({ code: 0 })
    expect(await run(['health', '--max-lag', '30m'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^unhealthy: .* is 50 min old, more than 30 min: .*\n$/)
    })
  }, 30_000)

  test('an error since the last success is told, until a run makes it good', async () => {
    const { run, sim } = await installed()
    await run(['sync'])
    sim.failNext({ kind: 'status', status: 403 }, { kind: 'status', status: 403 })
    expect((await run(['sync'])).code).toBe(1)
    const { code, stdout } = await run(['health'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^unhealthy: since the last success, ForbiddenError at \S+: cdr_feed: .*\n$/)
    // An import says nothing of the sync.
    const report = [...sim.csv('2026', '2026-01-01', '2026-01-01')].join('')
    expect((await run(['import', '-'], { input: report })).code).toBe(0)
    expect((await run(['health'])).code).toBe(1)
    await run(['sync'])
    expect((await run(['health'])).code).toBe(0)
  }, 30_000)

  test('a location that is synced no more does not matter where all locations are', async () => {
    const { run, change } = await installed()
    await run(['sync', '--locations', 'Berlin'])
    change("UPDATE cdr_sync_state SET last_successful_end_time_utc = '2026-01-01 00:00:00.000'")
    expect(await run(['health'])).toMatchObject({ code: 1, stdout: expect.stringMatching(/Berlin/) })
    await run(['sync'])
    expect((await run(['health'])).code).toBe(0)
  }, 30_000)

  test.each([['5m'], ['soon']])('--max-lag %s is refused', async (lag) => {
    const { run } = await installed()
    expect(await run(['health', '--max-lag', lag])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^webex-cdr: --max-lag /)
    })
  })
})
