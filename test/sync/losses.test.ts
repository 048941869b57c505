import { describe, expect, test } from 'vitest'
import { scopeOf } from '../../src/coverage/scope.js'
import { killedAfter } from '../support/killed.js'
import { item, liveNow as now } from '../support/live.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

describe('the seven ways in which the predecessor lost records', () => {
  test('1. it read only the first page of a window', async () => {
    const { run, sim, clock, reportIds } = await setUp({ recordsPerHour: 16, maxPageSize: 40 })
    await run()
    expect(sim.requests.filter(({ query }) => query.startTimeForNextFetch).length).toBeGreaterThan(10)
    expect(reportIds().size).toBe(sim.truth(clock.now - 48 * HOUR, clock.now - SETTLING).size)
  })

  test('2. a window whose fetch failed counted as empty, and the watermark moved on', async () => {
    const { start, run, sim, clock, all, lost } = await setUp({ recordsPerHour: 5 })
    const down = { kind: 'status', status: 500 } as const
    sim.failNext(down, down, down)
    await expect(start()).rejects.toThrow(/^cdr_feed refused 1 of 4 windows; the others are stored/)
    expect(all('SELECT status FROM cdr_sync_state')).toEqual([{ status: 'failed' }])
    await run()
    expect(lost(clock.now - 48 * HOUR, clock.now - SETTLING)).toEqual([])
  })

  test('3. a row that could not be inserted was printed and skipped', async () => {
    const records = [
      item(1, { 'Answer indicator': 'Yes-PostRedirection'.repeat(20) }),
      item(2, { 'Start time': 'x' }),
      item(3)
    ]
    const { run, all } = await setUp({ records, now })
    expect(await run({ since: now - 6 * HOUR })).toMatchObject({
      inserted: 2,
      quarantined: 1,
      notes: expect.stringContaining('1 cut Answer indicator')
    })
    expect(all('SELECT length(answer_indicator) AS length FROM cdr_records WHERE id = 1')).toEqual([
      { length: 50 }
    ])
    expect(all('SELECT payload FROM cdr_sync_errors WHERE recovered = 0')).toEqual([
      { payload: JSON.stringify(records[1]) }
    ])
  })

  test('4. of two legs with one (Call ID, Start time) only the first was kept', async () => {
    const { run, all } = await setUp({
      records: [item(1), item(2), item(3, { 'Call ID': 'x' }), item(4, { 'Call ID': 'x' })],
      now
    })
    expect(await run()).toMatchObject({ inserted: 4 })
    expect(all('SELECT call_id, COUNT(*) AS legs FROM cdr_records GROUP BY call_id, start_time')).toEqual([
      { call_id: '', legs: 2 },
      { call_id: 'x', legs: 2 }
    ])
  })

  test('5. a run filtered by location moved the watermark of all', async () => {
    const { run, clock, all, lost } = await setUp({ recordsPerHour: 5 })
    await run()
    const before = clock.now - SETTLING
    clock.now += 20 * HOUR
    const filtered = await run({ locations: ['Branch 1', 'Main Office'] })
    expect(filtered.watermark).toBe(new Date(clock.now - SETTLING).toISOString())
    const watermark = 'SELECT MAX(last_successful_end_time_utc) AS moment FROM cdr_sync_state WHERE scope = ?'
    expect(all(watermark, 'all locations')).toEqual([{ moment: sqlTime(before) }])
    expect(all(watermark, '["Branch 1","Main Office"]')).toEqual([{ moment: sqlTime(clock.now - SETTLING) }])
    await run()
    expect(lost(before - 48 * HOUR + SETTLING, clock.now - SETTLING)).toEqual([])
  })

  test('6. records that came late, and calls that went on at the window’s end, were never asked for again', async () => {
    const { run, clock, sim, reportIds } = await setUp({ recordsPerHour: 8 })
    const from = clock.now - 48 * HOUR
    await run()
    const seenAtFirst = reportIds()
    for (let hours = 0; hours < 50; hours += 5) {
      clock.now += 5 * HOUR
      await run()
    }
    // What began more than two days ago has come by now, however late it was or however long it took.
    const settled = sim.truth(from, clock.now - 50 * HOUR)
    const late = [...settled.keys()].filter((id) => !seenAtFirst.has(id))
    expect(late.length).toBeGreaterThan(3)
    expect([...settled.keys()].filter((id) => !reportIds().has(id))).toEqual([])
  }, 60_000)

  test('7. after more than 48 hours without a run, what lay before was gone without a word', async () => {
    const { run, clock, all, reportIds, lost } = await setUp({ recordsPerHour: 0.5 })
    const from = clock.now - 48 * HOUR
    await run()
    clock.now += 20 * DAY
    await run()
    expect(lost(from, clock.now - SETTLING)).toEqual([])
    expect(all('SELECT * FROM cdr_sync_errors')).toEqual([])

    const watermark = clock.now - SETTLING
    clock.now += 40 * DAY
    const result = await run()
    const gap = {
      // What came late behind the watermark went with it.
      range_start_utc: sqlTime(watermark - 48 * HOUR),
      range_end_utc: sqlTime(clock.now - 30 * DAY + 300_000)
    }
    expect(result).toMatchObject({ status: 'succeeded', notes: expect.stringContaining('gap from') })
    expect(
      all('SELECT error_type, source, scope, recovered, range_start_utc, range_end_utc FROM cdr_sync_errors')
    ).toEqual([{ error_type: 'Gap', source: 'cdr_feed', scope: 'all locations', recovered: 0, ...gap }])
    expect(reportIds().size).toBeGreaterThan(0)
  })
})

test('a gap is written down once, however often the run that meets it fails', async () => {
  const { run, start, clock, sim, all } = await setUp({ records: [] })
  await run()
  clock.now += 40 * DAY
  const down = { kind: 'status', status: 400 } as const
  for (const attempt of [1, 2]) {
    sim.failNext(down)
    await expect(start(), String(attempt)).rejects.toThrow()
    clock.now += HOUR
  }
  await run()
  expect(all("SELECT range_end_utc FROM cdr_sync_errors WHERE error_type = 'Gap'")).toEqual([
    { range_end_utc: sqlTime(clock.now - 30 * DAY + 300_000) }
  ])
})

test('a long range of --since whose run was killed is made good by the next run, whatever that is', async () => {
  // Each window has two pages; the second one is killed behind its first.
  const { run, all, clock, lost } = await setUp({ recordsPerHour: 2, minPageSize: 1, maxPageSize: 15 })
  const { watermark } = await run()
  const since = clock.now - 6 * DAY
  await killedAfter(3, () => run({ since }))
  expect(lost(since, clock.now - SETTLING).length).toBeGreaterThan(50)
  const next = await run()
  expect(next).toMatchObject({ watermark, notes: '' })
  expect(lost(since, clock.now - SETTLING)).toEqual([])
  expect(all('SELECT status FROM cdr_sync_state ORDER BY id')).toEqual([
    { status: 'succeeded' },
    { status: 'interrupted' },
    { status: 'succeeded' }
  ])
  expect(all('SELECT * FROM cdr_sync_errors')).toEqual([])
})

test('the watermark is never lowered, not by --since and not by a clock that was set back', async () => {
  const { run, clock } = await setUp({ records: [] })
  const { watermark } = await run()
  expect((await run({ since: clock.now - 10 * DAY })).watermark).toBe(watermark)
  clock.now -= HOUR
  expect((await run()).watermark).toBe(watermark)
})

test('once a day a run looks back 48 hours from where the last one did; the others fill one request', async () => {
  const { run, clock } = await setUp({ records: [] })
  const spans: number[] = []
  await run()
  for (let hours = 0; hours < 48; hours += 6) {
    clock.now += 6 * HOUR
    const { range } = await run()
    spans.push(Math.round((Date.parse(range.end) - Date.parse(range.start)) / HOUR))
  }
  expect(spans).toEqual([12, 12, 12, 72, 12, 12, 12, 72])
})

test('the scope of a filter does not depend on the order of its names, and fits its column', () => {
  expect(scopeOf(['B', 'A', 'B'])).toBe(scopeOf(['A', 'B']))
  expect(scopeOf(['A,B'])).not.toBe(scopeOf(['A', 'B']))
  expect(scopeOf(['a'])).not.toBe(scopeOf(['A']))
  const long = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(80))
  expect(scopeOf(long).length).toBeLessThanOrEqual(400)
  expect(scopeOf(long)).not.toBe(scopeOf(long.slice(1)))
})

describe('the run that looks back 48 hours', () => {
  const span = ({ range }: { range: { start: string; end: string } }) =>
    (Date.parse(range.end) - Date.parse(range.start)) / HOUR

  test('is due for each scope by itself', async () => {
    const { run, clock } = await setUp({ records: [] })
    const locations = ['Main Office']
    await run({ locations, lookback: HOUR })
    await run()
    clock.now += 25 * HOUR
    expect(span(await run())).toBeGreaterThan(48)
    expect(span(await run({ locations }))).toBeGreaterThan(48)
  })

  test('has not been where it failed, and a backfill of older days does not count', async () => {
    const { run, start, clock, sim } = await setUp({ records: [] })
    await run()
    await run({ since: clock.now - 6 * DAY, until: clock.now - 3 * DAY })
    clock.now += 25 * HOUR
    await run({ since: clock.now - 6 * DAY, until: clock.now - 3 * DAY })
    const none = { kind: 'none' } as const
    sim.failNext(none, none, { kind: 'status', status: 400 })
    await expect(start()).rejects.toThrow()
    expect(span(await run())).toBeGreaterThan(47)
    expect(span(await run())).toBe(12)
  })
})

test('a backfill in a scope without a watermark makes none', async () => {
  const { run, clock } = await setUp({ recordsPerHour: 2 })
  expect((await run({ since: clock.now - 2 * DAY, until: clock.now - DAY })).watermark).toBeNull()
  expect((await run()).watermark).toBe(new Date(clock.now - SETTLING).toISOString())
})

test('each scope has gaps and failures of its own', async () => {
  const { run, start, clock, sim, all } = await setUp({ records: [] })
  const locations = ['Main Office']
  await run()
  await run({ locations })
  clock.now += 40 * DAY
  await run()
  await run({ locations })
  expect(all("SELECT scope FROM cdr_sync_errors WHERE error_type = 'Gap' ORDER BY id")).toEqual([
    { scope: 'all locations' },
    { scope: '["Main Office"]' }
  ])
  sim.failNext({ kind: 'status', status: 400 })
  await expect(start({ locations })).rejects.toThrow()
  await run()
  expect(all("SELECT scope, recovered FROM cdr_sync_errors WHERE error_type = 'FatalError'")).toEqual([
    { scope: '["Main Office"]', recovered: 0 }
  ])
})

test('locations that bring nothing are doubted', async () => {
  const { run } = await setUp({ recordsPerHour: 2 })
  expect((await run({ locations: ['No such place'] })).notes).toMatch(/no records for these locations/)
})

describe('a first run that never stored a window', () => {
  const gapAndFailure =
    'SELECT error_type, recovered, range_start_utc, range_end_utc FROM cdr_sync_errors ORDER BY id'

  test('and failed five days ago is made good from where it began', async () => {
    const { start, run, clock, sim, all, lost } = await setUp({ recordsPerHour: 2 })
    const from = clock.now - 48 * HOUR
    sim.failNextToken({ kind: 'status', status: 401 })
    await expect(start()).rejects.toThrow()
    clock.now += 5 * DAY
    await run()
    expect(lost(from, clock.now - SETTLING)).toEqual([])
    expect(all(gapAndFailure)).toMatchObject([{ error_type: 'AuthenticationError', recovered: 1 }])
  })

  test('and was killed five days ago as well', async () => {
    const { run, clock, lost } = await setUp({ recordsPerHour: 2 })
    const from = clock.now - 48 * HOUR
    await killedAfter(0, run)
    clock.now += 5 * DAY
    await run()
    expect(lost(from, clock.now - SETTLING)).toEqual([])
  })

  test.each([30, 35])(
    'and failed %i days ago leaves a gap, and is not called recovered where nothing was fetched',
    async (days) => {
      const { start, run, clock, sim, all } = await setUp({ recordsPerHour: 0.5 })
      const from = clock.now - 48 * HOUR
      sim.failNextToken({ kind: 'status', status: 401 })
      await expect(start()).rejects.toThrow()
      clock.now += days * DAY
      await run()
      const edge = sqlTime(clock.now - 30 * DAY + 300_000)
      expect(all(gapAndFailure)).toEqual([
        expect.objectContaining({ error_type: 'AuthenticationError', recovered: 0 }),
        { error_type: 'Gap', recovered: 0, range_start_utc: sqlTime(from), range_end_utc: edge }
      ])
    }
  )
})
