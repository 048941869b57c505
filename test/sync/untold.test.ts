import { DataSource } from 'typeorm'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FatalError } from '../../src/errors.js'
import { CdrSource } from '../../src/webex/cdr-source.js'
import { killedAfter } from '../support/killed.js'
import { live } from '../support/live.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

/** Each of these was once lost, or was told of though nothing was lost. */

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const NONE = { kind: 'none' } as const
const { pages } = CdrSource.prototype
const EMPTY = { kind: 'withoutItems' } as const
const DOWN = { kind: 'status', status: 400 } as const
/** Two windows, and the newest. */
const OUT = [DOWN, DOWN, DOWN]

function lateRecord(began: number) {
  const item = { ...live, 'Start time': new Date(began).toISOString() }
  return { kind: 'body' as const, body: JSON.stringify({ items: [item] }) }
}

describe('a window that came without all of its records', () => {
  test('stays open until it comes whole, and is shown', async () => {
    const { run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 5 })
    const from = clock.now - 10 * DAY
    sim.failNext(NONE, NONE, NONE, EMPTY)
    const { incomplete, range } = await run({ since: from })
    expect(incomplete).toBe(1)
    expect(all(OPEN)).toMatchObject([{ source: 'cdr_feed', error_type: 'IncompleteWindowError' }])
    expect(lost(Date.parse(range.start), clock.now - HOUR).length).toBeGreaterThan(50)
    sim.failNext(EMPTY)
    await auto({ fillGaps: true })
    // Refused again, it waits, and is a gap meanwhile.
    expect(all(OPEN)).toMatchObject([{ error_type: 'IncompleteWindowError' }, { error_type: 'Gap' }])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
    expect(lost(Date.parse(range.start), clock.now - HOUR)).toEqual([])
    expect(await auto({ fillGaps: true })).toEqual([])
  })

  test('closes no gap of cdr_stream, neither by --fill-gaps nor at a hand-over', async () => {
    const { run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 5 })
    await run({ source: 'stream' })
    const from = clock.now
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    sim.failNext(NONE, EMPTY)
    await auto({ fillGaps: true })
    const kinds = () => all(OPEN).map(({ source, error_type }) => `${source} ${error_type}`)
    expect(kinds()).toEqual(['cdr_feed IncompleteWindowError'])
    await auto()
    expect(all(OPEN)).toEqual([])

    clock.now += 3 * DAY
    sim.failNext(...Array(5).fill(NONE), EMPTY)
    await auto()
    expect(kinds()).toEqual(['cdr_feed IncompleteWindowError'])
    // The next sync makes it good by itself.
    clock.now += HOUR
    await auto()
    expect(all(OPEN)).toEqual([])
    expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
  })

  test('is a gap where it can no longer be had', async () => {
    const { auto, clock, sim, all } = await setUp({ recordsPerHour: 1 })
    await auto({ source: 'feed' })
    clock.now += HOUR
    const since = clock.now - 30 * DAY + HOUR
    sim.failNext(EMPTY)
    await auto({ source: 'feed', since })
    clock.now += 3 * HOUR
    await auto({ source: 'feed' })
    const gap = {
      error_type: 'Gap',
      range_start_utc: sqlTime(since),
      range_end_utc: sqlTime(since + 2 * HOUR + 5 * MINUTE)
    }
    expect(all(OPEN)).toMatchObject([{ error_type: 'IncompleteWindowError' }, gap])
  })
})

describe('what came late behind the watermark', () => {
  test.each([
    ['--since', (now: number) => ({ since: now - 2 * DAY })],
    ['--lookback', () => ({ lookback: 47 * HOUR })]
  ])('is looked for from where the last look ended, whatever was read meanwhile', async (_, request) => {
    const { run, clock } = await setUp({ recordsPerHour: 1 })
    const first = Date.parse((await run({ since: clock.now - 10 * DAY })).range.end)
    clock.now += 20 * HOUR
    await run(request(clock.now))
    clock.now += 5 * HOUR
    const { range } = await run()
    expect(Date.parse(range.start)).toBe(first - 48 * HOUR)
    clock.now += HOUR
    expect(Date.parse((await run()).range.start)).toBeGreaterThan(first)
  })

  test.each(['auto', 'feed'] as const)(
    'is looked for from where cdr_feed has shown all, though a backfill was the only run of it: %s',
    async (source) => {
      const { run, auto, start, clock, sim, all, lost } = await setUp({ recordsPerHour: 5 })
      await run({ source: 'stream' })
      const from = clock.now - 12 * HOUR + 5 * MINUTE
      clock.now += 11 * HOUR
      await run({ source: 'stream' })
      clock.now += HOUR
      sim.failNext(DOWN)
      await expect(start({ source: 'stream' })).rejects.toThrow(/400/)
      await auto({ fillGaps: true })
      clock.now += 6 * DAY
      const [fed] = await auto({ source })
      expect(Date.parse(fed?.range.start ?? '')).toBe(from)
      expect(lost(from, clock.now - HOUR)).toEqual([])
      expect(all(OPEN)).toEqual([])
    }
  )

  test.each(['feed', 'auto'] as const)('and went with the 30 days is a gap: %s', async (source) => {
    const { auto, clock, all } = await setUp({ recordsPerHour: 1 })
    const [first] = await auto({ source })
    const watermark = Date.parse(first?.watermark ?? '')
    clock.now += 29 * DAY
    await auto({ source })
    const [gap] = all(OPEN)
    expect(gap).toMatchObject({
      source: 'cdr_feed',
      error_type: 'Gap',
      range_end_utc: sqlTime(clock.now - 30 * DAY + 5 * MINUTE)
    })
    const start = Date.parse(`${String(gap?.range_start_utc).replace(' ', 'T')}Z`)
    expect(Math.abs(start - (watermark - 2 * DAY))).toBeLessThan(10 * MINUTE)
  })

  test('by cdr_stream is known to the hand-over, which reads twice as far back', async () => {
    const { auto, clock, sim, all } = await setUp({ records: [] })
    await auto()
    clock.now += 6 * DAY
    await auto()
    clock.now += HOUR
    const [streamed] = await auto()
    const reached = Date.parse(streamed?.watermark ?? '')
    clock.now += HOUR
    sim.failNext(lateRecord(reached - 60 * HOUR))
    await auto()
    expect(
      all("SELECT latest_seconds FROM cdr_sync_state WHERE source = 'cdr_stream' ORDER BY id DESC LIMIT 1")
    ).toEqual([{ latest_seconds: 60 * 3_600 }])
    clock.now += 20 * HOUR
    const [fed] = await auto()
    expect(fed?.source).toBe('cdr_feed')
    expect(Date.parse(fed?.range.start ?? '')).toBeLessThanOrEqual(clock.now - 20 * HOUR - 120 * HOUR)
  })
})

test('cdr_stream that takes over from cdr_feed keeps what lies between as a gap, and what may have come late', async () => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 5 })
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
  const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
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
    const { run, auto, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
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

describe('a window that the service keeps refusing', () => {
  test('is asked for again with growing pauses, is a gap meanwhile, and keeps nothing newer waiting', async () => {
    const { auto, start, clock, sim, all, lost, lines } = await setUp({ recordsPerHour: 5 })
    await auto()
    const hole = { since: clock.now - 10 * DAY, until: clock.now - 10 * DAY + 6 * HOUR }
    sim.failNext(DOWN)
    await expect(start({ source: 'auto', ...hole })).rejects.toThrow(/400/)
    const asked: number[] = []
    const refuse = vi.spyOn(CdrSource.prototype, 'pages').mockImplementation(function (
      this: CdrSource,
      query
    ) {
      if (query.start > hole.since + MINUTE || query.end < hole.since) return pages.call(this, query)
      asked.push(clock.now)
      throw new FatalError('cdr_feed: the service answered 400')
    })
    onTestFinished(() => refuse.mockRestore())
    // Every quarter of an hour while the pauses are short, then every hour.
    for (const minutes of [...Array(30).fill(15), ...Array(48).fill(60)]) {
      clock.now += minutes * MINUTE
      await auto().catch(() => {})
    }
    expect(lost(clock.now - 3 * DAY, clock.now - HOUR)).toEqual([])
    const pauses = asked.slice(1).map((moment, index) => (moment - (asked[index] ?? 0)) / HOUR)
    expect(pauses).toEqual([0.25, 1, 2, 4, 8, 16, 24])
    const range = { range_start_utc: sqlTime(hole.since), range_end_utc: sqlTime(hole.until) }
    // The first failed alone, and ended its run.
    expect(all(OPEN)).toMatchObject([
      { error_type: 'FatalError' },
      { error_type: 'FatalError' },
      { error_type: 'Gap', ...range }
    ])
    expect(lines.filter((line) => line.includes('GAP: '))).toHaveLength(1)
    refuse.mockRestore()
    clock.now += 25 * HOUR
    await auto()
    expect(all(OPEN)).toEqual([])
    expect(lost(hole.since, hole.until)).toEqual([])
  }, 120_000)
})

test('what goes with the 30 days while runs fail is told, and no more', async () => {
  const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
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

describe('no false alarm', () => {
  test.each([0, 13])('of cdr_stream that failed once after a hand-over, %i h later', async (hours) => {
    const { auto, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
    sim.failNext(...Array(4).fill(NONE), DOWN)
    await expect(start({ source: 'auto' })).rejects.toThrow(/400/)
    expect(all(OPEN)).toHaveLength(1)
    clock.now += hours * HOUR + MINUTE
    await auto()
    expect(all(OPEN)).toEqual([])
  })

  test('of late records where a window came again that had come without its records', async () => {
    const { auto, clock, sim, all } = await setUp({ recordsPerHour: 5 })
    await auto()
    clock.now += 3 * DAY
    sim.failNext(...Array(7).fill(NONE), EMPTY)
    await auto()
    clock.now += 11 * HOUR
    const [fed, ...others] = await auto()
    expect(fed?.inserted).toBeGreaterThan(20)
    expect([fed, ...others].map((run) => run?.notes)).toEqual(['', ''])
    expect(all(OPEN)).toEqual([])
  })

  test('of the first look of cdr_feed, killed where cdr_stream was first', async () => {
    const { auto, run, clock, all } = await setUp({ recordsPerHour: 1 })
    await run({ source: 'stream' })
    await killedAfter(0, run)
    clock.now += HOUR
    await auto()
    expect(all(OPEN)).toEqual([])
  })

  test('of what a clock that was wrong asked for', async () => {
    const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
    await run()
    const present = clock.now
    const date = new Date(present).toUTCString()
    clock.now += 3_650 * DAY
    sim.failNext(...Array(3).fill({ ...DOWN, headers: { date } }))
    await expect(start({ source: 'feed' })).rejects.toThrow(/400/)
    clock.now = present + HOUR
    expect(all(OPEN)).toMatchObject([{ range_end_utc: sqlTime(present) }])
    await run()
    expect(all(OPEN)).toEqual([])
  })

  test('of a killed run where the answer to the commit of its first row was lost', async () => {
    const { run, all, clock } = await setUp({ recordsPerHour: 1 })
    await run()
    const commit = DataSource.prototype.transaction
    const transaction = vi.spyOn(DataSource.prototype, 'transaction')
    transaction.mockImplementationOnce(async function (this: DataSource, ...given: unknown[]) {
      await Reflect.apply(commit, this, given)
      throw Object.assign(new Error('connection lost'), { code: 'ESOCKET' })
    })
    const { notes } = await run({ since: clock.now - 20 * DAY })
    transaction.mockRestore()
    expect(notes).toBe('')
    expect(all('SELECT status FROM cdr_sync_state')).toEqual([
      { status: 'succeeded' },
      { status: 'succeeded' }
    ])
    expect(all(OPEN)).toEqual([])
  })

  test('of a killed run for all that the service has: only what went with the 30 days since is open', async () => {
    const { run, clock, all } = await setUp({ recordsPerHour: 1 })
    await run()
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    const since = { since: clock.now - 30 * DAY }
    // Before it has read anything, nothing of what goes meanwhile is promised.
    await killedAfter(0, () => run(since))
    clock.now += 10 * MINUTE
    await run()
    expect(all(OPEN)).toEqual([])
    await killedAfter(1, () => run({ since: clock.now - 30 * DAY }))
    clock.now += 20 * HOUR
    await run()
    expect(all(OPEN)).toMatchObject([
      {
        range_start_utc: sqlTime(edge + 10 * MINUTE + 12 * HOUR),
        range_end_utc: sqlTime(edge + 20 * HOUR + 10 * MINUTE)
      }
    ])
  })

  test('of a gap that only a wrong clock sees', async () => {
    const { run, start, clock, sim, all, lines } = await setUp({ recordsPerHour: 1 })
    await run()
    const present = clock.now
    clock.now += 3_650 * DAY
    sim.failNext(...OUT)
    await expect(start({ source: 'feed' })).rejects.toThrow(/400/)
    clock.now = present
    expect(all(OPEN).map(({ error_type }) => error_type)).not.toContain('Gap')
    expect(lines.join()).not.toContain('GAP')
  })

  test('of misspelt locations at night', async () => {
    const { run, clock, sim } = await setUp({ recordsPerHour: 5 })
    const nothing = { kind: 'body', body: '{"items":[]}' } as const
    sim.failNext(nothing, nothing, nothing, nothing)
    const doubt = /are the names spelled as in Control Hub/
    expect((await run({ locations: ['Main Office'] })).notes).toMatch(doubt)
    await run({ locations: ['Main Office'], since: clock.now - 3 * DAY })
    clock.now += HOUR
    sim.failNext(nothing)
    expect((await run({ locations: ['Main Office'] })).notes).not.toMatch(doubt)
  })
})
