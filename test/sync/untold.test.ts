import { describe, expect, test } from 'vitest'
import { killedAfter } from '../support/killed.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

/** Each of these was once lost, and nothing told of it. */

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const NONE = { kind: 'none' } as const
const DOWN = { kind: 'status', status: 400 } as const
/** Two windows, and the newest. */
const OUT = [DOWN, DOWN, DOWN]

test('cdr_stream that takes over from cdr_feed keeps what lies between as a gap, and what may have come late', async () => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 2 })
  const { watermark } = await run({ since: clock.now - 10 * DAY })
  const from = clock.now
  clock.now += 3 * DAY
  await run({ source: 'stream' })
  const start = Date.parse(watermark ?? '') - 48 * HOUR
  expect(all(OPEN)).toMatchObject([
    { source: 'cdr_stream', error_type: 'Gap', range_start_utc: sqlTime(start) }
  ])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(from, clock.now - 13 * HOUR)).toEqual([])
})

test('a failed backfill that the service has no more stays open, though --since reaches all that it has', async () => {
  const { run, start, clock, sim, all } = await setUp({ records: [] })
  await run()
  const since = clock.now - 30 * DAY + HOUR
  sim.failNext(DOWN)
  await expect(start({ since, until: since + 6 * HOUR })).rejects.toThrow(/400/)
  clock.now += 12 * HOUR
  await run({ since: clock.now - 30 * DAY })
  const range = { range_start_utc: sqlTime(since), range_end_utc: sqlTime(since + 6 * HOUR) }
  expect(all(OPEN)).toMatchObject([
    { error_type: 'FatalError', ...range },
    { error_type: 'Gap', ...range }
  ])
})

describe('--fill-gaps', () => {
  test('goes on with the other scopes where one cannot be had', async () => {
    const { run, auto, start, clock, sim, all } = await setUp({ records: [] })
    const range = { since: clock.now - 10 * DAY, until: clock.now - 9.5 * DAY }
    for (const locations of [[], ['Main Office']]) {
      await run({ locations })
      sim.failNext(DOWN)
      await expect(start({ ...range, locations })).rejects.toThrow(/400/)
    }
    sim.failNext(DOWN)
    await expect(start({ source: 'auto', fillGaps: true })).rejects.toThrow(/400/)
    expect(all('SELECT DISTINCT scope FROM cdr_sync_errors WHERE recovered = 0')).toHaveLength(1)
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
  })
})

test.each([
  ['--since', 0],
  ['--since with --until', 10 * DAY]
])('a killed run of %s is made good, though cdr_feed has no watermark', async (_, before) => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 1 })
  await run({ source: 'stream' })
  clock.now += HOUR
  const since = clock.now - 20 * DAY
  const until = clock.now - SETTLING - before
  await killedAfter(0, () => run({ since, ...(before ? { until } : {}) }))
  await auto()
  expect(lost(since, until)).toEqual([])
  expect(all(OPEN)).toEqual([])
})

test('what a killed --since had not reached is told, though cdr_stream alone goes on', async () => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 1 })
  await run({ source: 'stream' })
  const since = clock.now - 20 * DAY
  await killedAfter(2, () => run({ since }))
  await run({ source: 'stream' })
  expect(all(OPEN)).toEqual([
    {
      source: 'cdr_stream',
      error_type: 'Gap',
      range_start_utc: sqlTime(since + 24 * HOUR - 1),
      range_end_utc: sqlTime(clock.now - 12 * HOUR + 5 * MINUTE)
    }
  ])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(since, clock.now - 12 * HOUR)).toEqual([])
})

test('a first run of cdr_feed that was killed is told, though cdr_stream alone goes on', async () => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 2 })
  const from = clock.now - 48 * HOUR
  await killedAfter(0, run)
  clock.now += 2 * DAY
  await run({ source: 'stream' })
  expect(all(OPEN)).toMatchObject([{ error_type: 'Gap', range_start_utc: sqlTime(from) }])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(from, from + 48 * HOUR)).toEqual([])
})

test('what goes with the 30 days while runs fail is told, and no more', async () => {
  const { run, start, clock, sim, all } = await setUp({ records: [] })
  const first = Date.parse((await run()).range.start)
  clock.now += 40 * DAY
  const edge = clock.now - 30 * DAY + 5 * MINUTE
  for (let attempt = 0; attempt < 3; attempt += 1) {
    sim.failNext(NONE, ...OUT)
    await expect(start()).rejects.toThrow(/400/)
    clock.now += 13 * HOUR
  }
  await run()
  // Each attempt has stored a window, an hour too late for the next one.
  const gaps = all(OPEN).filter((row) => row.error_type === 'Gap')
  expect(gaps).toMatchObject([
    { error_type: 'Gap', range_start_utc: sqlTime(first), range_end_utc: sqlTime(edge) },
    { error_type: 'Gap' },
    { error_type: 'Gap' },
    { error_type: 'Gap' }
  ])
})

test('with a clock that is ahead nothing is called complete that the service has yet to store', async () => {
  const { run, clock, sim, all } = await setUp({ recordsPerHour: 1 })
  const present = clock.now
  const headers = { date: new Date(present).toUTCString() }
  clock.now += HOUR
  sim.failNext(...Array(4).fill({ kind: 'status', status: 200, body: '{"items":[]}', headers }))
  await run()
  expect(all('SELECT complete_until_utc FROM cdr_sync_state')).toEqual([
    { complete_until_utc: sqlTime(present - SETTLING) }
  ])
})
