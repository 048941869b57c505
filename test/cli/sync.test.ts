import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { until } from '../support/until.js'
import { expectOneLine, setUp } from './bench.js'

test('stores records and prints what it did; --json prints one object, logs go to standard error', async () => {
  const { run, migrate, query, sim } = await setUp({ recordsPerHour: 25 })
  await migrate()
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
  const { run, migrate, sim } = await setUp()
  await migrate()
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
  const { run, migrate, sim, query } = await setUp()
  await migrate()
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
  const { run, migrate } = await setUp()
  await migrate()
  const { code, stdout } = await run(['sync', '--since', '4d', '--until', '3d', '--json'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ runs: [{ notes: 'backfill', watermark: null, windows: 3 }] })
})

test('fails with exit code 1 and one line, and keeps the failure in the database', async () => {
  const { run, migrate, sim, query } = await setUp()
  await migrate()
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
  const { run, migrate, file, sim } = await setUp({ recordsPerHour: 10, maxPageSize: 50 })
  await migrate()
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
  const { run, migrate } = await setUp({ rotateRefreshToken: true })
  await migrate()
  const { stderr } = await run(['sync'])
  expect(stderr.match(/WEBEX_REFRESH_TOKEN is set in the environment/g)).toHaveLength(1)
})

test('two at once: one works, the other says who does, exits 0, and nothing is stored twice', async () => {
  const { run, migrate, start, query, sim } = await setUp()
  await migrate()
  sim.failNext({ kind: 'hang' })
  const first = start(['sync'], { WEBEX_TIMEOUT_SECONDS: '2' })
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

test('stores the same in every time zone', async () => {
  const hour = 3_600_000
  const end = Math.floor(Date.now() / hour) * hour - hour
  const records = Array.from({ length: 30 }, (_, index) => recordAt(index, end - index * hour))
  const dumps = await Promise.all(
    ['UTC', 'America/New_York', 'Asia/Kolkata'].map(async (TZ) => {
      const { run, migrate, query } = await setUp({ records })
      await migrate()
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
