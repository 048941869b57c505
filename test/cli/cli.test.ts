import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js'
import { cli, type Ended, simulatorEnvironment, startCli } from '../support/cli.js'
import { until } from '../support/until.js'

/** A folder with a blank in its name, as Windows users have, and the settings of a simulator. */
async function setUp(options: SimulatorOptions = {}) {
  const sim = await startSimulator({ recordsPerHour: 20, ...options })
  const folder = mkdtempSync(join(tmpdir(), 'webex cdr '))
  const env: NodeJS.ProcessEnv = {
    ...simulatorEnvironment(sim.url),
    WEBEX_MAX_PER_PAGE: '500'
  }
  onTestFinished(async () => {
    await sim.close()
    rmSync(folder, { recursive: true })
  })
  const file = join(folder, 'webex-cdr.db')
  return {
    sim,
    folder,
    file,
    env,
    run: (args: string[], more: NodeJS.ProcessEnv = {}) => cli(args, { ...env, ...more }, folder),
    start: (args: string[], more: NodeJS.ProcessEnv = {}) => startCli(args, { ...env, ...more }, folder),
    query<T = Record<string, unknown>>(sql: string): T[] {
      const database = new Database(file, { readonly: true })
      try {
        return database.prepare<unknown[], T>(sql).all()
      } finally {
        database.close()
      }
    }
  }
}

/** One line on standard error, no stack, no secret. */
function expectOneLine({ stderr, stdout }: Ended, message: RegExp): void {
  expect(stderr).toMatch(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stdout + stderr).not.toContain(DEMO_CREDENTIALS.clientSecret)
}

describe('migrate', () => {
  test('prints each migration with its duration, and then that nothing was pending', async () => {
    const { run, file } = await setUp()
    const first = await run(['migrate'])
    expect(first.code).toBe(0)
    expect(first.stdout).toContain(file)
    expect(first.stdout.match(/^ {2}applied {2}\w+\d{13} {2}\d+\.\d\d s$/gm)).toHaveLength(6)
    const second = await run(['migrate'])
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing was pending.') })
  })

  test('--check lists what is pending, exits 1, and writes nothing; then 0', async () => {
    const { run, folder } = await setUp()
    const before = await run(['migrate', '--check'])
    expect(before.code).toBe(1)
    expect(before.stdout.match(/^ {2}pending +\w+$/gm)).toHaveLength(6)
    expect(readdirSync(folder)).toEqual([])
    const path = join(folder, 'old.db')
    const old = new Database(path)
    old.exec('CREATE TABLE cdr_records (id integer)')
    old.close()
    const bytes = readFileSync(path)
    expect((await run(['migrate', '--check'], { DATABASE_URL: `sqlite:${path}` })).code).toBe(1)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    await run(['migrate'])
    const after = await run(['migrate', '--check'])
    expect(after.code).toBe(0)
    expect(after.stdout.match(/^ {2}applied +\w+ {2}\d{4}-\S+Z by \S+ from \S+$/gm)).toHaveLength(6)
    expect(after.stdout).toContain('Nothing is pending, and the schema is as it should be.')
  })

  test('--check exits 1 when the schema differs, and tells what a DBA added without failing', async () => {
    const { run, file } = await setUp()
    await run(['migrate'])
    const execute = (sql: string) => {
      const database = new Database(file)
      database.exec(sql)
      database.close()
    }
    execute('CREATE INDEX dba ON cdr_records (duration)')
    expect(await run(['migrate', '--check'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^ {2}note +cdr_records: additional index dba on \(duration\), left alone$/m
      )
    })
    execute('DROP INDEX IX_cdr_records_start_time')
    expect(await run(['migrate', '--check'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^ {2}differs +cdr_records: missing index IX_cdr_records_start_time on/m)
    })
    const { code, stdout } = await run(['migrate'])
    expect(code).toBe(0)
    expect(stdout.match(/^WARNING: .*$/gm)).toEqual([
      'WARNING: cdr_records: missing index IX_cdr_records_start_time on (start_time)'
    ])
  })

  test('--script writes T-SQL without a database, whatever DATABASE_URL says', async () => {
    const { run, folder } = await setUp()
    const printed = await run(['migrate', '--script'])
    expect(printed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^-- Migrations of webex-cdr \d/)
    })
    const nonsense = { DATABASE_URL: 'nonsense' }
    for (const flag of ['-o', '--output']) {
      expect(await run(['migrate', '--script', flag, 'all.sql'], nonsense)).toMatchObject({
        code: 0,
        stdout: ''
      })
      expect(readFileSync(join(folder, 'all.sql'), 'utf8')).toBe(printed.stdout)
    }
    const part = await run(['migrate', '--script', '--from', 'FillFromRawJson', '--to=ReportIdAsKey'])
    expect(part.stdout.match(/^-- {3}\w+\d{13}$/gm)).toEqual(['--   ReportIdAsKey1795392000004'])
    expect(readdirSync(folder)).toEqual(['all.sql'])
  })

  test('--down reverts the newest, or says in one line why not', async () => {
    const { run } = await setUp()
    await run(['migrate'])
    expect(await run(['migrate', '--down'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^ {2}reverted {2}ApiDrift1795392000006 {2}\d/m)
    })
    await run(['migrate', '--down'])
    const ended = await run(['migrate', '--down'])
    expect(ended.code).toBe(1)
    expectOneLine(ended, /^webex-cdr: ReportIdAsKey is irreversible: /)
  })

  test('--baseline accepts what was edited since it was applied', async () => {
    const { run, file } = await setUp()
    await run(['migrate'])
    const database = new Database(file)
    database.exec("UPDATE cdr_schema_history SET checksum = 'other' WHERE name LIKE 'NewColumns%'")
    database.close()
    const refused = await run(['migrate'])
    expect(refused.code).toBe(1)
    expectOneLine(refused, /the text of NewColumns1795392000002 that was applied differs from this program’s/)
    expect((await run(['migrate', '--check'])).stdout).toMatch(
      /^ {2}edited +NewColumns1795392000002 .*with another text than this program has$/m
    )
    expect((await run(['migrate', '--baseline', 'NewColumns'])).stdout).toContain('1 recorded, none was run.')
    expect(await run(['migrate', '--check'])).toMatchObject({ code: 0 })
  })

  test('--down and --baseline do not make a SQLite file', async () => {
    const { run, folder } = await setUp()
    for (const args of [['--down'], ['--baseline', 'Lease']]) {
      const ended = await run(['migrate', ...args])
      expect(ended.code).toBe(1)
      expectOneLine(ended, /webex-cdr\.db does not exist/)
    }
    expect(readdirSync(folder)).toEqual([])
  })

  test('finishes its work though nobody reads its output to the end', async () => {
    const { run, start } = await setUp()
    const piped = start(['migrate'])
    piped.child.stdout?.destroy()
    await piped.ended
    expect(await run(['migrate', '--check'])).toMatchObject({ code: 0 })
  })

  test('two at once leave one history', async () => {
    const { run, query } = await setUp()
    const both = await Promise.all([run(['migrate']), run(['migrate'])])
    expect(
      both.map(({ code }) => code),
      both.map(({ stderr }) => stderr).join()
    ).toEqual([0, 0])
    expect(query('SELECT name FROM cdr_migrations')).toHaveLength(6)
  })
})

describe('sync', () => {
  test('stores records and prints what it did; --json prints one object, logs go to standard error', async () => {
    const { run, query, sim } = await setUp()
    await run(['migrate'])
    const first = await run(['sync', '--source', 'feed'])
    expect(first.code, first.stderr).toBe(0)
    const [{ n } = { n: 0 }] = query<{ n: number }>('SELECT COUNT(*) AS n FROM cdr_records')
    expect(n).toBeGreaterThan(500)
    expect(first.stdout).toContain(`${n.toLocaleString('en-US')} new`)
    expect(first.stderr).toMatch(/INFO/)

    const second = await run(['sync', '--json'])
    expect(JSON.parse(second.stdout)).toMatchObject({
      status: 'succeeded',
      runs: [{ source: 'cdr_stream', scope: 'all locations', inserted: expect.any(Number) }]
    })
    expect(second.stdout.trim().split('\n')).toHaveLength(1)
    expect(sim.requests.every(({ status }) => status === 200)).toBe(true)
  })

  test('--json tells of the run that was done, though the next one failed', async () => {
    const { run, sim } = await setUp()
    await run(['migrate'])
    await run(['sync', '--source', 'feed', '--dry-run'])
    const windows = sim.requests.filter(({ path }) => path === '/v1/cdr_feed')
    sim.failNext(...windows.map(() => ({ kind: 'none' }) as const), { kind: 'status', status: 400 })
    const { code, stdout, stderr } = await run(['sync', '--json'])
    expect(code, stderr).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'failed',
      runs: [{ source: 'cdr_feed', status: 'succeeded' }]
    })
  })

  test('takes locations as the predecessor’s users type them, and as they are', async () => {
    const { run, sim, query } = await setUp()
    await run(['migrate'])
    for (const args of [
      ['--locations', 'Main Office', 'Branch 1', '--json'],
      ['--locations', 'Branch 1', '--locations=Main Office']
    ]) {
      expect(await run(['sync', ...args])).toMatchObject({ code: 0 })
    }
    expect(query('SELECT DISTINCT scope FROM cdr_sync_state')).toEqual([
      { scope: '["Branch 1","Main Office"]' }
    ])
    expect(query('SELECT DISTINCT location_name AS name FROM cdr_records ORDER BY name')).toEqual([
      { name: 'Branch 1' },
      { name: 'Main Office' }
    ])
    await run(['sync', '--locations', '007'])
    expect(sim.requests.at(-1)?.query.locations).toBe('007')
  })

  test('--since with --until is a backfill', async () => {
    const { run } = await setUp()
    await run(['migrate'])
    const { code, stdout } = await run(['sync', '--since', '4d', '--until', '3d', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ runs: [{ notes: 'backfill', watermark: null, windows: 3 }] })
  })

  test('fails with exit code 1 and one line, and keeps the failure in the database', async () => {
    const { run, sim, query } = await setUp()
    await run(['migrate'])
    sim.failNext({ kind: 'status', status: 403, body: '{"message":"No role","trackingId":"T_1"}' })
    const ended = await run(['sync'], { LOG_LEVEL: 'silent' })
    expect(ended.code).toBe(1)
    expectOneLine(
      ended,
      /^webex-cdr: cdr_feed: the service answered 403: No role \(Trackingid ROUTER_[^)]*\); the token needs the scope/
    )
    expect(query('SELECT error_type FROM cdr_sync_errors')).toEqual([{ error_type: 'ForbiddenError' }])
  })

  test('a page that cannot be stored ends the run at once, though the next one hangs', async () => {
    const { run, file, sim } = await setUp({ recordsPerHour: 200 })
    await run(['migrate'])
    const writer = new Database(file)
    writer.exec(`CREATE TRIGGER broken BEFORE UPDATE OF records_fetched ON cdr_sync_state
                 WHEN NEW.records_fetched > 0 BEGIN SELECT RAISE(ABORT, 'disk trouble'); END`)
    writer.close()
    const hang = { kind: 'hang' } as const
    sim.failNext({ kind: 'none' }, hang, hang, hang)
    // A request may take 60 s here, this test 30.
    expect(await run(['sync'])).toMatchObject({ code: 1, stderr: expect.stringContaining('disk trouble') })
  })

  test('a new refresh token that cannot be kept is said once', async () => {
    const { run } = await setUp({ rotateRefreshToken: true })
    await run(['migrate'])
    const { stderr } = await run(['sync'])
    expect(stderr.match(/WEBEX_REFRESH_TOKEN is set in the environment/g)).toHaveLength(1)
  })

  test('two at once: one works, the other says who does, exits 0, and nothing is stored twice', async () => {
    const { run, start, query, sim } = await setUp({ recordsPerHour: 300 })
    await run(['migrate'])
    sim.failNext({ kind: 'hang' })
    const first = start(['sync'], { WEBEX_TIMEOUT_SECONDS: '3' })
    await until(() => query('SELECT 1 FROM cdr_sync_state').length > 0)
    const second = await run(['sync'])
    expect(second).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Another sync is running: .+, process \d+, since .+Z\. Nothing was done\.$/m
      )
    })
    expect(sim.requests.filter(({ path }) => path === '/v1/access_token')).toHaveLength(1)
    expect((await first.ended).code).toBe(0)
    expect(query('SELECT status FROM cdr_sync_state')).toEqual([
      { status: 'succeeded' },
      { status: 'succeeded' }
    ])
  })

  test('kill -9 in the middle: the next run takes over at once, and none is lost or there twice', async () => {
    const { run, start, query, sim } = await setUp({ recordsPerHour: 600 })
    await run(['migrate'])
    const first = start(['sync'])
    await until(() => query('SELECT 1 FROM cdr_records LIMIT 1').length > 0)
    first.child.kill('SIGKILL')
    expect((await first.ended).code).toBeNull()
    expect(query('SELECT status FROM cdr_sync_state')).toEqual([{ status: 'running' }])
    expect(query('SELECT * FROM cdr_sync_lease')).toHaveLength(1)

    const now = Date.now()
    const truth = sim.truth(now - 48 * 3_600_000, now - 400_000)
    const second = await run(['sync', '--json', '--since', '49h'])
    expect(second.code, second.stderr).toBe(0)
    expect(query('SELECT status FROM cdr_sync_state ORDER BY id')).toEqual([
      { status: 'interrupted' },
      { status: 'succeeded' },
      { status: 'succeeded' }
    ])
    const stored = new Set(
      query<{ id: string }>('SELECT report_id AS id FROM cdr_records').map(({ id }) => id)
    )
    expect([...truth.keys()].filter((id) => !stored.has(id))).toEqual([])
    expect(query('SELECT report_id FROM cdr_records GROUP BY report_id HAVING COUNT(*) > 1')).toEqual([])
  })

  test('stores the same in every time zone', async () => {
    const hour = 3_600_000
    const end = Math.floor(Date.now() / hour) * hour - hour
    const records = Array.from({ length: 30 }, (_, index) => recordAt(index, end - index * hour))
    const dumps = await Promise.all(
      ['UTC', 'America/New_York', 'Asia/Kolkata'].map(async (TZ) => {
        const { run, query } = await setUp({ records })
        await run(['migrate'], { TZ })
        const { code, stderr } = await run(['sync'], { TZ })
        expect(code, stderr).toBe(0)
        return query(
          'SELECT report_id, start_time, answer_time, release_time FROM cdr_records ORDER BY start_time DESC'
        )
      })
    )
    expect(dumps[0]).toHaveLength(30)
    expect(dumps[0]?.[0]).toMatchObject({
      start_time: new Date(end).toISOString().replace('T', ' ').replace('Z', '')
    })
    expect(dumps[1]).toEqual(dumps[0])
    expect(dumps[2]).toEqual(dumps[0])
  })
})

function recordAt(index: number, start: number): Record<string, string> {
  const time = new Date(start).toISOString()
  return {
    'Report ID': `00000000-0000-3000-8000-0000000000${String(index).padStart(2, '0')}`,
    'Call ID': 'x',
    'Start time': time,
    'Release time': time.replace('T', ' ').replace('Z', ''),
    'Answer time': time.replace('.000Z', '.5Z')
  }
}

describe('stats', () => {
  test('shows records, watermark, runs, and warns of a gap and of open errors', async () => {
    const { run, file, folder } = await setUp()
    await run(['migrate'])
    await run(['sync'])
    const writer = new Database(file)
    writer.exec(`
      INSERT INTO cdr_sync_errors (error_type, scope, range_start_utc, range_end_utc, recovered) VALUES
        ('Gap', 'all locations', '2026-01-01 00:00:00.000', '2026-01-02 00:00:00.000', 0),
        ('Gap', 'all locations', '2025-01-01 00:00:00.000', '2025-01-02 00:00:00.000', 1),
        ('TemporaryError', 'all locations', NULL, NULL, 0),
        ('TemporaryError', 'all locations', NULL, NULL, 1)`)
    writer.close()
    const people = await run(['stats'])
    expect(people.code).toBe(0)
    for (const words of [
      'Watermarks',
      'all locations',
      'succeeded',
      'ORIGINATING',
      'WARNING: calls from 2026-01-01T00:00:00.000Z',
      'WARNING: 1 TemporaryError'
    ]) {
      expect(people.stdout).toContain(words)
    }
    expect(people.stdout).not.toContain('2025-01-01')
    const machine = JSON.parse((await run(['stats', '--json'])).stdout)
    expect(machine).toMatchObject({
      database: `SQLite file ${file}`,
      records: { total: expect.any(Number) },
      watermarks: [
        { source: 'cdr_feed', scope: 'all locations', lagSeconds: expect.any(Number) },
        { source: 'cdr_stream', scope: 'all locations', lagSeconds: expect.any(Number) }
      ],
      gaps: [{ start: '2026-01-01T00:00:00.000Z' }],
      openErrors: [
        { type: 'Gap', count: 1 },
        { type: 'TemporaryError', count: 1 }
      ]
    })
    expect(existsSync(join(folder, 'webex-cdr.db'))).toBe(true)
  })
})

describe('wrong usage', () => {
  let run: (args: string[], more?: NodeJS.ProcessEnv) => Promise<Ended>
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
    run = (args, more = {}) => cli(args, more, folder)
    return () => rmSync(folder, { recursive: true })
  })

  test.each<[string[], RegExp]>([
    [['syncc'], /there is no command “syncc”.*--help/],
    [[], /which command\?.*--help/],
    [['sync', '--sinse', '1d'], /there is no option “--sinse”/],
    [['syncc', '--help'], /there is no command “syncc”/],
    [['sync', '--', '--dry-run'], /unexpected “--”/],
    [['sync', '--dry-run', '0'], /unexpected “0”/],
    [['sync', '--dry-run=false'], /--dry-run takes no value/],
    [['sync', '--locations.0', 'X'], /there is no option “--locations.0”/],
    [['sync', '--locations', 'A', '--dry-run', 'B'], /unexpected “B”/],
    [['sync', '-v'], /there is no option “-v”/],
    [['simulate', '--recordsPerHour', '5'], /there is no option “--recordsPerHour”/],
    [['sync', '--since', '2999-01-01'], /--since 2999-01-01 lies in the future/],
    [['sync', '--since'], /--since needs a value/],
    [['sync', '--since', 'yesterday'], /--since “yesterday” is not a time/],
    [['sync', '--since', '1d', '--since', '2d'], /--since is given 2 times/],
    [['sync', '--until', '1d'], /--until needs --since/],
    [['sync', '--since', '2d', '--until', '1d', '--lookback', '1h'], /--lookback does not go with --until/],
    [['sync', '--lookback', '5'], /--lookback “5” is not a duration/],
    [['sync', '--locations', ...'abcdefghijk'], /--locations takes 1 to 10 names, not 11/],
    [['sync', '--locations', ' '], /--locations has an empty name/],
    [['sync', 'everything'], /unexpected “everything”/],
    [['migrate', '--check', '--down'], /--check does not go with --down: give one of them/],
    [['migrate', '--script', '--baseline=Lease'], /--script does not go with --baseline/],
    [['migrate', '--from', 'Lease'], /--from needs --script/],
    [['migrate', '--check', '-o', 'x.sql'], /--output needs --script/],
    [['migrate', '--script', '-o'], /-o needs a value/],
    [['migrate', '--script', '-o', 'a', '--output', 'b'], /--output is given 2 times/],
    [['migrate', '--script', '--to', 'Leese'], /unknown migration “Leese”; known are Predec.*, Lease/],
    [
      ['migrate', '--script', '-o', 'no/such/folder/x.sql'],
      /--output no\/such\/folder\/x.sql cannot be written/
    ],
    [['migrate', '--status'], /there is no option “--status”/],
    [['simulate', '--filter-by', 'end'], /--filter-by “end” is unknown/],
    [['simulate', '--port', 'http'], /--port “http” must be a number from 0 to 65535/]
  ])('%j exits 2 with one line', async (args, message) => {
    const ended = await run(args)
    expect(ended.code).toBe(2)
    expectOneLine(ended, message)
  })

  test.each<[NodeJS.ProcessEnv, RegExp]>([
    [{}, /WEBEX_CLIENT_ID, WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN not set/],
    [{ DATABASE_URL: 'mysql://root:hunter2@localhost/x' }, /DATABASE_URL has an unknown form/],
    [{ WEBEX_ANALYTICS_URL: 'http://example.com' }, /WEBEX_ANALYTICS_URL must start with https/],
    [{ WEBEX_PAGES_PER_MINUTE: 'many' }, /WEBEX_PAGES_PER_MINUTE must be a whole number/]
  ])('a setting that is missing or wrong exits 1 with one line: %j', async (env, message) => {
    const ended = await run(['sync'], env)
    expect(ended.code).toBe(1)
    expectOneLine(ended, message)
    expect(ended.stderr).not.toContain('hunter2')
  })

  test('a database without migrations, and one that is none', async () => {
    const { run: here, folder } = await setUp()
    const absent = /^webex-cdr: SQLite file .+ does not exist: .*its disk.*`npm run migrate`\n$/
    for (const command of ['sync', 'stats', 'health']) expectOneLine(await here([command]), absent)
    new Database(join(folder, 'webex-cdr.db')).exec('CREATE TABLE other (id integer)').close()
    expectOneLine(await here(['sync']), /lacks 6 migrations.*`npm run migrate -- --check` lists them\)\n$/)
    writeFileSync(
      join(folder, 'text.db'),
      'This is a text, and long enough to be looked at as a database file.'.repeat(20)
    )
    const ended = await here(['migrate'], { DATABASE_URL: 'sqlite:text.db' })
    expect(ended.code).toBe(1)
    expectOneLine(ended, /SQLite file .*text\.db cannot be used: .*not a database/)
  })

  test.each(['migrate', 'sync', 'stats', 'demo', 'simulate'])('%s --help has examples', async (command) => {
    const { code, stdout } = await run([command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toContain('Examples:')
    expect(stdout).toContain(`npm run ${command}`)
  })
})

describe('settings', () => {
  test('.env is read, and the environment stands above it', async () => {
    const { folder, env } = await setUp()
    writeFileSync(join(folder, '.env'), 'DATABASE_URL=sqlite:from-file.db\nLOG_LEVEL=loud\n')
    const ended = await cli(['migrate'], { ...env, LOG_LEVEL: 'info' }, folder)
    expect(ended.code, ended.stderr).toBe(0)
    expect(ended.stdout).toContain(join(folder, 'from-file.db'))
  })
})

describe('demo and simulate', () => {
  test('demo: two syncs and the stats; again, it goes on', async () => {
    const { run, folder } = await setUp()
    const first = await run(['demo'])
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(
      /The first sync.*An incremental sync.*Newest runs.*The database is .*webex-cdr-demo\.db/s
    )
    expect(first.stdout).toContain(join(folder, 'webex-cdr-demo.db'))
    expect(first.stderr).toMatch(/4 windows/)
    expect(first.stderr).toMatch(/: [3-9] pages/)
    const second = await run(['demo'])
    expect(second.stdout).toContain('Nothing was pending.')
    expect(second.stdout).not.toContain('The first sync')
    expect(second.stdout).toMatch(/ \d new/)
  }, 60_000)

  test('simulate prints the settings with which sync reaches it, and ends when asked', async () => {
    const { start, run } = await setUp()
    const simulator = start(['simulate', '--port', '0', '--records-per-hour', '5'])
    let told = ''
    simulator.child.stdout?.on('data', (chunk) => (told += chunk))
    await until(() => told.includes('Ctrl-C'))
    const env = Object.fromEntries(
      [...told.matchAll(/^(WEBEX_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value])
    )
    await run(['migrate'])
    expect(await run(['sync'], env)).toMatchObject({ code: 0 })
    simulator.child.kill('SIGINT')
    expect((await simulator.ended).code).toBe(0)
  })
})
