import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { SqliteSettings } from '../../src/config/database-url.js'
import { connect } from '../../src/database/data-source.js'
import type { Fault } from '../../src/simulator/index.js'
import { fixture, live, liveNow } from '../support/live.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

describe('a run', () => {
  test('stores the live record of September 2026, served over HTTP, with all 87 values right', async () => {
    const { run, all } = await setUp({ records: [live], now: liveNow })
    expect(await run()).toMatchObject({ fetched: 1, inserted: 1 })
    const [
      {
        id,
        raw_json,
        content_hash,
        journey_id,
        ingestion_timestamp,
        updated_timestamp,
        masked_utc,
        ...columns
      } = {}
    ] = all('SELECT * FROM cdr_records')
    expect(columns).toEqual(fixture('live-2026-09.row.json'))
    expect(JSON.parse(String(raw_json))).toEqual(live)
    expect(id).toBe(1)
    expect(ingestion_timestamp).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
    expect(updated_timestamp).toBeNull()
    expect(content_hash).toHaveLength(8)
    expect(masked_utc).toBeNull()
    expect(journey_id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('stores all that the service has, each record once, in its newest version', async () => {
    const { sim, run, all, clock, reportIds } = await setUp()
    const result = await run()
    const truth = sim.truth(clock.now - 48 * HOUR, clock.now - SETTLING)
    expect(truth.size).toBeGreaterThan(400)
    expect(reportIds()).toEqual(new Set(truth.keys()))
    const stale = all('SELECT report_id, raw_json FROM cdr_records').filter(
      ({ report_id, raw_json }) => raw_json !== JSON.stringify(truth.get(String(report_id)))
    )
    expect(stale).toEqual([])
    expect(result.fetched).toBe(result.inserted + result.updated + result.duplicate + result.quarantined)
    expect(result.inserted).toBe(truth.size)
    expect(result.duplicate).toBeGreaterThan(0)
  })

  test('that is repeated inserts nothing and changes nothing', async () => {
    const { run, all } = await setUp()
    await run()
    const before = all('SELECT * FROM cdr_records ORDER BY id')
    expect(await run()).toMatchObject({ inserted: 0, updated: 0, quarantined: 0 })
    expect(all('SELECT * FROM cdr_records ORDER BY id')).toEqual(before)
  })

  test('writes its row: source, scope, range, counters, calls, watermark', async () => {
    const { run, all, sim, clock } = await setUp()
    const result = await run()
    expect(all('SELECT * FROM cdr_sync_state')).toEqual([
      expect.objectContaining({
        source: 'cdr_feed',
        scope: 'all locations',
        status: 'succeeded',
        range_start_utc: sqlTime(clock.now - 48 * HOUR),
        range_end_utc: sqlTime(clock.now - SETTLING),
        last_successful_end_time_utc: sqlTime(clock.now - SETTLING),
        records_fetched: result.fetched,
        records_inserted: result.inserted,
        records_updated: 0,
        records_duplicate: result.duplicate,
        records_quarantined: 0,
        api_calls_made: sim.requests.length,
        notes: null
      })
    ])
    expect(all('SELECT last_successful_run_utc FROM cdr_sync_state')[0]?.last_successful_run_utc).toBeTruthy()
    expect(
      all("SELECT expires_utc <= strftime('%Y-%m-%d %H:%M:%f', 'now') AS free FROM cdr_sync_lease")
    ).toEqual([{ free: 1 }])
  })

  test('with --dry-run stores nothing at all', async () => {
    const { run, all } = await setUp()
    const result = await run({ dryRun: true })
    expect(result).toMatchObject({ status: 'dry run', inserted: 0 })
    expect(result.fetched).toBeGreaterThan(400)
    for (const table of ['cdr_records', 'cdr_sync_state', 'cdr_sync_errors']) {
      expect(all(`SELECT * FROM ${table}`), table).toEqual([])
    }
  })

  test('as a backfill stores its range and leaves the watermark alone', async () => {
    const { run, sim, clock, reportIds, all } = await setUp({ recordsPerHour: 5 })
    const { watermark } = await run()
    const since = clock.now - 6 * DAY
    const until = clock.now - 5 * DAY
    const backfill = await run({ since, until })
    expect(backfill).toMatchObject({ watermark, notes: 'backfill' })
    expect(backfill.inserted).toBe(sim.truth(since, until).size)
    const expected = [
      ...sim.truth(since, until).keys(),
      ...sim.truth(clock.now - 48 * HOUR, clock.now - SETTLING).keys()
    ]
    expect(reportIds()).toEqual(new Set(expected))
    expect(all('SELECT DISTINCT last_successful_end_time_utc FROM cdr_sync_state')).toHaveLength(1)
  })

  test('notes values that did not fit, and keeps them whole in raw_json', async () => {
    const records = [{ ...live, Duration: 'very long', Model: 'x'.repeat(500) }]
    const { run, all } = await setUp({ records, now: liveNow })
    expect((await run()).notes).toBe('values (whole in raw_json): 1 unreadable Duration, 1 cut Model')
    expect(all('SELECT duration, length(model) AS length FROM cdr_records')).toEqual([
      { duration: null, length: 128 }
    ])
  })
})

test('over the hour that New York has twice, watermarks and times stay in UTC', async () => {
  const { run, clock, all, lost } = await setUp({ recordsPerHour: 5, now: Date.UTC(2026, 10, 1, 4, 50) })
  await run()
  for (let quarters = 0; quarters < 12; quarters += 1) {
    clock.now += HOUR / 4
    const { watermark } = await run({ lookback: HOUR / 2 })
    expect(watermark).toBe(new Date(clock.now - SETTLING).toISOString())
  }
  expect(lost(clock.now - 40 * HOUR, clock.now - 20 * HOUR)).toEqual([])
  expect(
    all(`SELECT start_time FROM cdr_records
              WHERE replace(substr(start_time, 1, 23), ' ', 'T') || 'Z' <> json_extract(raw_json, '$."Start time"')`)
  ).toEqual([])
})

describe('a redelivery', () => {
  const second = (changes: object) => ({ ...live, 'Report time': '2026-09-24T08:00:00.000Z', ...changes })

  async function redelivered(first: object, again: object) {
    const bench = await setUp({ records: [first as Record<string, unknown>], now: liveNow })
    await bench.run()
    bench.sim.failNext({ kind: 'body', body: JSON.stringify({ items: [again] }) })
    const result = await bench.run()
    return { ...bench, result, row: bench.all('SELECT * FROM cdr_records')[0]! }
  }

  test('with the same content is counted and changes nothing', async () => {
    const { result, row } = await redelivered(live, live)
    expect(result).toMatchObject({ inserted: 0, updated: 0, duplicate: 1 })
    expect(row.updated_timestamp).toBeNull()
  })

  test('with other content and a newer Report time updates the row', async () => {
    const { result, row } = await redelivered(
      live,
      second({ 'Call outcome reason': 'Normal', 'Hold duration': 7 })
    )
    expect(result).toMatchObject({ inserted: 0, updated: 1, duplicate: 0 })
    expect(row).toMatchObject({
      id: 1,
      call_outcome_reason: 'Normal',
      hold_duration: 7,
      report_time: '2026-09-24 08:00:00.000'
    })
    expect(row.updated_timestamp).toBeTruthy()
  })

  test.each([
    ['letter case', { User: 'POD 0' }],
    ['a trailing blank', { User: 'Pod 0 ' }],
    ['a value that became empty', { User: '' }],
    ['a key this program does not know', { 'Brand new': 'x' }]
  ])('that differs in %s only, with an equal Report time, updates too', async (_, changes) => {
    expect((await redelivered(live, { ...live, ...changes })).result).toMatchObject({ updated: 1 })
  })

  test('of a record stored without a Report time updates it', async () => {
    expect((await redelivered({ ...live, 'Report time': '' }, live)).result).toMatchObject({ updated: 1 })
  })

  test('of a row that an older tool stored without raw_json updates it', async () => {
    const { run, execute } = await setUp({ records: [live], now: liveNow })
    await run()
    execute('UPDATE cdr_records SET raw_json = NULL, content_hash = NULL')
    expect(await run()).toMatchObject({ updated: 1 })
  })

  test('that is older never overwrites', async () => {
    const { result, row } = await redelivered(second({ Model: 'new' }), { ...live, Model: 'old' })
    expect(result).toMatchObject({ inserted: 0, updated: 0, duplicate: 1 })
    expect(row.model).toBe('new')
  })
})

describe('a failure', () => {
  const none: Fault = { kind: 'none' }
  const down: Fault = { kind: 'status', status: 503, body: '{"message":"Try later","trackingId":"T_9"}' }

  test('keeps what is stored, leaves the watermark at the last complete window, and is written down', async () => {
    const { start, run, all, sim, clock, reportIds, lost } = await setUp()
    const firstWindow = sim.truth(clock.now - 48 * HOUR, clock.now - 36 * HOUR)
    // Pages 1 and 2 are the first window, page 3 begins the second, whose page 4 fails; so do the third and the newest.
    expect(firstWindow.size).toBeGreaterThan(100)
    expect(firstWindow.size).toBeLessThan(180)
    sim.failNext(none, none, none, ...Array(9).fill(down))
    await expect(start()).rejects.toThrow(/answered 503: Try later/)

    expect(reportIds().size).toBeGreaterThan(firstWindow.size)
    expect(
      all('SELECT status, last_successful_end_time_utc, last_successful_run_utc FROM cdr_sync_state')
    ).toEqual([
      {
        status: 'failed',
        last_successful_end_time_utc: sqlTime(clock.now - 36 * HOUR),
        last_successful_run_utc: null
      }
    ])
    expect(all('SELECT * FROM cdr_sync_errors')).toEqual([
      expect.objectContaining({
        error_type: 'TemporaryError',
        error_message: expect.stringContaining('Try later'),
        stack_trace: expect.stringContaining('at '),
        recovered: 0,
        run_id: 1,
        source: 'cdr_feed',
        scope: 'all locations',
        range_start_utc: sqlTime(clock.now - 36 * HOUR),
        range_end_utc: sqlTime(clock.now - SETTLING)
      })
    ])

    clock.now += HOUR / 4
    await run()
    expect(lost(clock.now - 48 * HOUR - HOUR / 4, clock.now - SETTLING)).toEqual([])
    expect(all('SELECT recovered, recovery_timestamp IS NOT NULL AS dated FROM cdr_sync_errors')).toEqual([
      { recovered: 1, dated: 1 }
    ])
  })

  test.each([undefined, 10 * DAY, 30 * DAY])(
    'of a first run with --since %j is made good by the next, which begins later',
    async (ago) => {
      const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
      sim.failNextToken({ kind: 'status', status: 401 })
      await expect(start({ since: ago && clock.now - ago })).rejects.toThrow()
      clock.now += HOUR / 4
      await run({ since: ago && clock.now - ago })
      expect(all('SELECT error_type, recovered FROM cdr_sync_errors')).toEqual([
        { error_type: 'AuthenticationError', recovered: 1 }
      ])
    }
  )

  test('that is made good in two steps is recovered in the end', async () => {
    const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 3 })
    await run()
    clock.now += 5 * DAY
    sim.failNext(...Array(9).fill(down))
    await expect(start()).rejects.toThrow()
    sim.failNext(none, none, none, none, ...Array(9).fill(down))
    await expect(start()).rejects.toThrow()
    expect(all('SELECT recovered FROM cdr_sync_errors')).toEqual([{ recovered: 0 }, { recovered: 0 }])
    await run()
    expect(all('SELECT recovered FROM cdr_sync_errors')).toEqual([{ recovered: 1 }, { recovered: 1 }])
  })

  test('of a window that delivers less than it announced is told, as is a page without items', async () => {
    const { run, sim, clock } = await setUp()
    const link = `<${sim.url}/cdr_feed?startTimeForNextFetch=x&totalCount=700>; rel="next"`
    sim.failNext(
      { kind: 'status', status: 200, body: '{"items":[]}', headers: { Link: link } },
      { kind: 'body', body: '{}' }
    )
    const since = clock.now - 6 * HOUR
    const from = new Date(since).toISOString()
    expect((await run({ since })).notes).toBe(
      `a page from ${from} on came without items; from ${from} on 700 records were announced, 0 came`
    )
  })

  test('of the clock that left a watermark in the future is told', async () => {
    const { run, execute } = await setUp({ recordsPerHour: 3 })
    await run()
    execute("UPDATE cdr_sync_state SET last_successful_end_time_utc = '2999-01-01 00:00:00.000'")
    expect((await run()).notes).toMatch(/the watermark 2999-01-01.* is in the future/)
  })

  test('to give the lease back does not hide what ended the run', async () => {
    const { start, execute, sim } = await setUp({ recordsPerHour: 3 })
    execute(`CREATE TRIGGER keep BEFORE UPDATE OF holder ON cdr_sync_lease WHEN OLD.holder <> NEW.holder
             BEGIN SELECT RAISE(ABORT, 'not now'); END`)
    sim.failNext({ kind: 'status', status: 403 })
    await expect(start()).rejects.toThrow(/answered 403/)
  })

  test('of the database rolls the page back and ends the run', async () => {
    const { start, run, all, execute, clock, lost } = await setUp()
    // Not the row's fault: the counters of the same transaction cannot be written.
    execute(`CREATE TRIGGER broken BEFORE UPDATE OF records_fetched ON cdr_sync_state
             WHEN NEW.records_fetched > 0 BEGIN SELECT RAISE(ABORT, 'disk trouble'); END`)
    await expect(start()).rejects.toThrow(
      /^SQLite file .*calls\.db: .*disk trouble; nothing of the current page was stored/
    )
    expect(all('SELECT COUNT(*) AS n FROM cdr_records')).toEqual([{ n: 0 }])
    execute('DROP TRIGGER broken')
    await run()
    expect(lost(clock.now - 48 * HOUR, clock.now - SETTLING)).toEqual([])
    expect(all('SELECT status FROM cdr_sync_state ORDER BY id')).toEqual([
      { status: 'failed' },
      { status: 'succeeded' }
    ])
  })

  test('before the first page, such as refused credentials, is written down too', async () => {
    const { start, all, sim } = await setUp()
    sim.failNextToken({ kind: 'status', status: 400, body: '{"message":"invalid_grant"}' })
    await expect(start()).rejects.toThrow(/invalid_grant.*authorise again/)
    expect(all('SELECT error_type, recovered FROM cdr_sync_errors')).toEqual([
      { error_type: 'AuthenticationError', recovered: 0 }
    ])
    expect(all('SELECT status, last_successful_end_time_utc FROM cdr_sync_state')).toEqual([
      { status: 'failed', last_successful_end_time_utc: null }
    ])
  })

  test('that nobody could write down shows as an interrupted run', async () => {
    const { run, all, execute } = await setUp({ recordsPerHour: 5 })
    const ofPredecessor = `INSERT INTO cdr_sync_state (records_fetched, sync_duration_seconds, api_calls_made) VALUES (1, 1, 1)`
    execute(`INSERT INTO cdr_sync_state (source, scope, status, records_fetched, sync_duration_seconds, api_calls_made)
             VALUES ('cdr_feed', 'all locations', 'running', 0, 0, 0)`)
    execute(ofPredecessor)
    await run()
    expect(all('SELECT status FROM cdr_sync_state ORDER BY id')).toEqual([
      { status: 'interrupted' },
      { status: null },
      { status: 'succeeded' }
    ])
  })
})

test('a commit waits for the disk', async () => {
  const { settings } = await setUp({ recordsPerHour: 5 })
  const dataSource = await connect(settings.database)
  expect(await dataSource.query('PRAGMA synchronous')).toEqual([{ synchronous: 2 }])
  await dataSource.destroy()
})

describe('a database that is not ready', () => {
  test('without migrations: sync refuses, says what to do, and makes no file', async () => {
    const { settings, start } = await setUp({ recordsPerHour: 5 })
    Object.assign(settings.database, { path: `${(settings.database as SqliteSettings).path}.other` })
    await expect(start()).rejects.toThrow(/does not exist: .*`npm run migrate`$/)
    expect(existsSync((settings.database as SqliteSettings).path)).toBe(false)
  })

  test('with one pending', async () => {
    const { execute, start, sim } = await setUp({ recordsPerHour: 5 })
    execute('DELETE FROM cdr_migrations WHERE id = 4')
    await expect(start()).rejects.toThrow(/lacks 1 migration, from ReportIdAsKey/)
    expect(sim.requests).toEqual([])
  })
})
