import { DataSource } from 'typeorm'
import { describe, expect, test, vi } from 'vitest'
import { live } from '../support/live.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

/** Each of these was once lost, or was told of though nothing was lost. */

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const NONE = { kind: 'none' } as const
const EMPTY = { kind: 'withoutItems' } as const
const DOWN = { kind: 'status', status: 400 } as const

const gapBetween = (source: string, scope: string, from: number, to: number) =>
  `INSERT INTO cdr_sync_errors (source, scope, error_type, error_message, recovered, range_start_utc, range_end_utc)
   VALUES ('${source}', '${scope}', 'Gap', 'by hand', 0, '${sqlTime(from)}', '${sqlTime(to)}')`

const killedFeed = (from: number, to: number) =>
  `INSERT INTO cdr_sync_state (source, scope, status, range_start_utc, range_end_utc, records_fetched,
     sync_duration_seconds, api_calls_made)
   VALUES ('cdr_feed', 'all locations', 'running', '${sqlTime(from)}', '${sqlTime(to)}', 0, 0, 0)`

function lateRecord(began: number) {
  const item = { ...live, 'Start time': new Date(began).toISOString() }
  return { kind: 'body' as const, body: JSON.stringify({ items: [item] }) }
}

describe('a window that came without all of its records', () => {
  test('stays open until it comes whole, and is shown', async () => {
    const { run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 10 })
    const from = clock.now - 10 * DAY
    sim.failNext(NONE, NONE, NONE, EMPTY)
    const { incomplete, range } = await run({ since: from })
    expect(incomplete).toBe(1)
    expect(all(OPEN)).toMatchObject([{ source: 'cdr_feed', error_type: 'IncompleteWindow' }])
    expect(lost(Date.parse(range.start), clock.now - HOUR).length).toBeGreaterThan(50)
    sim.failNext(EMPTY)
    await auto({ fillGaps: true })
    expect(all(OPEN)).toHaveLength(1)
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
    expect(lost(Date.parse(range.start), clock.now - HOUR)).toEqual([])
    expect(await auto({ fillGaps: true })).toEqual([])
  })

  test('closes no gap of cdr_stream, neither by --fill-gaps nor at a hand-over', async () => {
    const { run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 10 })
    await run({ source: 'stream' })
    const from = clock.now
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    sim.failNext(...Array(4).fill(NONE), EMPTY)
    await auto({ fillGaps: true })
    const kinds = () => all(OPEN).map(({ source, error_type }) => `${source} ${error_type}`)
    expect(kinds()).toEqual(['cdr_stream Gap', 'cdr_feed IncompleteWindow'])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])

    clock.now += 3 * DAY
    sim.failNext(...Array(5).fill(NONE), EMPTY)
    await auto()
    expect(kinds()).toEqual(['cdr_feed IncompleteWindow'])
    // The daily run of cdr_feed makes it good by itself.
    clock.now += 25 * HOUR
    await auto()
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
    expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
  })
})

test.each([
  ['cdr_feed', 'feed', 30 * DAY],
  ['cdr_stream', 'stream', 12 * HOUR]
] as const)(
  'a window of %s that came without its records stays open where only what follows can still be had',
  async (_, source, kept) => {
    const { auto, clock, sim, all } = await setUp({ recordsPerHour: 1 })
    await auto({ source })
    clock.now += HOUR
    sim.failNext(EMPTY)
    await auto({ source, since: clock.now - kept + HOUR })
    const before = all(OPEN)
    expect(before).toHaveLength(1)
    clock.now += kept === 12 * HOUR ? 13 * HOUR : 20 * HOUR
    await auto({ source, since: clock.now - kept })
    expect(all(OPEN)).toEqual(expect.arrayContaining(before))
  }
)

describe('what came late behind the watermark', () => {
  test.each([
    ['--since', (now: number) => ({ since: now - 2 * DAY })],
    ['--lookback', () => ({ lookback: 47 * HOUR })],
    ['a backfill', (now: number) => ({ since: now - 6 * DAY, until: now - HOUR })]
  ])('is looked for from where the last look ended, whatever was read meanwhile', async (_, request) => {
    const { run, clock } = await setUp({ recordsPerHour: 1 })
    const first = Date.parse((await run()).range.end)
    clock.now += 23 * HOUR
    await run(request(clock.now))
    clock.now += 2 * HOUR
    const { range } = await run()
    expect(Date.parse(range.start)).toBe(first - 48 * HOUR)
    clock.now += HOUR
    expect(Date.parse((await run()).range.start)).toBeGreaterThan(first)
  })

  test.each(['auto', 'feed'] as const)(
    'is looked for from where cdr_stream has brought all, though a backfill was the only run of cdr_feed: %s',
    async (source) => {
      const { run, auto, start, clock, sim, all, lost } = await setUp({ recordsPerHour: 5 })
      await run({ source: 'stream' })
      const from = clock.now
      clock.now += 11 * HOUR
      const reached = Date.parse((await run({ source: 'stream' })).range.end)
      clock.now += HOUR
      sim.failNext(DOWN)
      await expect(start({ source: 'stream' })).rejects.toThrow(/400/)
      await auto({ fillGaps: true })
      clock.now += 6 * DAY
      const [fed] = await auto({ source })
      expect(Date.parse(fed?.range.start ?? '')).toBe(reached - 48 * HOUR)
      expect(lost(from + HOUR, clock.now - HOUR)).toEqual([])
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

test('cdr_stream that takes over from cdr_feed keeps what lies between as a gap', async () => {
  const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 5 })
  const { watermark } = await run()
  const from = clock.now
  clock.now += 3 * DAY
  await run({ source: 'stream' })
  expect(all(OPEN)).toMatchObject([
    { source: 'cdr_stream', error_type: 'Gap', range_start_utc: sqlTime(Date.parse(watermark ?? '')) }
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
  expect(all(OPEN)).toMatchObject([
    { range_start_utc: sqlTime(since), range_end_utc: sqlTime(since + 6 * HOUR) }
  ])
})

describe('--fill-gaps', () => {
  test('goes on with the others where one cannot be had', async () => {
    const { run, auto, start, clock, sim, all, execute } = await setUp({ recordsPerHour: 1 })
    await run()
    execute(gapBetween('cdr_feed', '["Closed Office"]', clock.now - 10 * DAY, clock.now - 9 * DAY))
    execute(gapBetween('cdr_feed', 'all locations', clock.now - 10 * DAY, clock.now - 9 * DAY))
    sim.failNext(DOWN)
    await expect(start({ source: 'auto', fillGaps: true })).rejects.toThrow(/400/)
    const left = 'SELECT DISTINCT scope FROM cdr_sync_errors WHERE recovered = 0'
    expect(all(left)).toEqual([{ scope: '["Closed Office"]' }])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
  })

  test('closes no more than it has read, though the oldest go while it waits', async () => {
    const { run, start, clock, all, execute } = await setUp({ recordsPerHour: 1 })
    await run()
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    execute(gapBetween('cdr_feed', 'all locations', edge + MINUTE, edge + 10 * MINUTE))
    execute(gapBetween('cdr_feed', 'all locations', edge + 20 * MINUTE, edge + 3 * HOUR))
    const runs = () => all("SELECT id FROM cdr_sync_state WHERE status = 'succeeded'").length
    const before = runs()
    const present = clock.now
    Object.defineProperty(clock, 'now', { get: () => present + (runs() > before ? 55 * MINUTE : 0) })
    await start({ source: 'auto', fillGaps: true })
    expect(all(OPEN)).toMatchObject([
      { range_start_utc: sqlTime(edge + 20 * MINUTE), range_end_utc: sqlTime(edge + 55 * MINUTE) }
    ])
  })
})

test.each([
  ['--since', 0],
  ['--since with --until', 10 * DAY]
])('a killed run of %s is told, though cdr_feed has no watermark', async (_, before) => {
  const { run, auto, clock, all, execute, lost } = await setUp({ recordsPerHour: 1 })
  await run({ source: 'stream' })
  clock.now += HOUR
  const since = clock.now - 20 * DAY
  const until = clock.now - SETTLING - before
  execute(killedFeed(since, until))
  await auto()
  // What the look of cdr_feed has read again by then is open no more.
  const end = sqlTime(Math.min(until, clock.now - SETTLING - 48 * HOUR))
  expect(all(OPEN)).toEqual([
    { source: 'cdr_feed', error_type: 'KilledRun', range_start_utc: sqlTime(since), range_end_utc: end }
  ])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(since, until)).toEqual([])
})

test('what a killed --since had not reached is told, though cdr_stream alone goes on', async () => {
  const { run, start, auto, clock, sim, all, execute, lost } = await setUp({ recordsPerHour: 1 })
  await run({ source: 'stream' })
  const streamed = clock.now - 12 * HOUR + 5 * MINUTE
  const since = clock.now - 20 * DAY
  sim.failNext(NONE, NONE, DOWN)
  await expect(start({ source: 'feed', since })).rejects.toThrow(/400/)
  execute("DELETE FROM cdr_sync_errors; UPDATE cdr_sync_state SET status = 'running' WHERE status = 'failed'")
  await run({ source: 'stream' })
  const reached = since + 24 * HOUR - 1
  expect(all(OPEN)).toEqual([
    {
      source: 'cdr_feed',
      error_type: 'KilledRun',
      range_start_utc: sqlTime(reached),
      range_end_utc: sqlTime(streamed)
    }
  ])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(since, clock.now - 12 * HOUR)).toEqual([])
})

test('a first run of cdr_feed that was killed is told, though cdr_stream alone goes on', async () => {
  const { run, auto, clock, all, execute, lost } = await setUp({ recordsPerHour: 2 })
  const from = clock.now - 48 * HOUR
  execute(killedFeed(from, clock.now - SETTLING))
  clock.now += 2 * DAY
  await run({ source: 'stream' })
  expect(all(OPEN)).toMatchObject([{ error_type: 'Gap', range_start_utc: sqlTime(from) }])
  await auto({ fillGaps: true })
  expect(all(OPEN)).toEqual([])
  expect(lost(from, from + 48 * HOUR)).toEqual([])
})

test('a gap that grows while the runs that meet it fail is one gap', async () => {
  const { run, start, clock, sim, all } = await setUp({ recordsPerHour: 1 })
  const reached = Date.parse((await run()).range.end)
  clock.now += 40 * DAY
  for (let attempt = 0; attempt < 3; attempt += 1) {
    sim.failNext(NONE, DOWN)
    await expect(start()).rejects.toThrow(/400/)
    clock.now += HOUR
  }
  await run()
  expect(all(OPEN)).toMatchObject([
    {
      error_type: 'Gap',
      range_start_utc: sqlTime(reached - 48 * HOUR),
      range_end_utc: sqlTime(clock.now - 30 * DAY + 5 * MINUTE)
    }
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
    await expect(start({ source: 'auto' })).rejects.toThrow(/cdr_stream.*400/)
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
    await auto()
    clock.now += 11 * HOUR
    await auto()
    clock.now += 3 * HOUR
    const fed = (await auto()).find(({ source }) => source === 'cdr_feed')
    expect(fed?.inserted).toBeGreaterThan(20)
    expect(fed?.notes).toBe('')
    expect(all(OPEN)).toEqual([])
  })

  test('of a killed backfill that was repeated, where cdr_feed has no watermark', async () => {
    const { auto, run, clock, all, execute } = await setUp({ recordsPerHour: 1 })
    await run({ source: 'stream' })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    await auto({ fillGaps: true })
    execute(`INSERT INTO cdr_sync_state
        (source, scope, status, range_start_utc, range_end_utc, records_fetched, sync_duration_seconds, api_calls_made)
      SELECT source, scope, 'interrupted', range_start_utc, range_end_utc, 0, 0, 0
      FROM cdr_sync_state WHERE source = 'cdr_feed'`)
    for (let hours = 0; hours < 40 * 24; hours += 11) {
      clock.now += 11 * HOUR
      await run({ source: 'stream' })
    }
    await auto({ since: clock.now - HOUR })
    expect(all(OPEN)).toEqual([])
  })

  test('of the first look of cdr_feed, killed where cdr_stream was first', async () => {
    const { auto, run, clock, all, execute } = await setUp({ recordsPerHour: 1 })
    await run({ source: 'stream' })
    const end = clock.now - SETTLING
    execute(killedFeed(end - 48 * HOUR, end))
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
    sim.failNext({ ...DOWN, headers: { date } })
    await expect(start({ source: 'feed' })).rejects.toThrow(/400/)
    clock.now = present + HOUR
    expect(all(OPEN)).toMatchObject([{ range_end_utc: sqlTime(present) }])
    await run()
    expect(all(OPEN)).toEqual([])
  })

  test.each([
    ['--since', (now: number) => ({ since: now - 2 * DAY })],
    ['--lookback', () => ({ lookback: HOUR })],
    ['--source feed', () => ({ source: 'feed' as const })]
  ])('of a gap behind cdr_stream, which has had it all: %s', async (_, request) => {
    const { auto, clock, all } = await setUp({ recordsPerHour: 1 })
    await auto()
    for (let hours = 0; hours < 40 * 24; hours += 11) {
      clock.now += 11 * HOUR
      await auto({ source: 'stream' })
    }
    await auto(request(clock.now))
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

  test('of a killed long run that was run again a little later: only what went with the 30 days is open', async () => {
    const { run, start, clock, sim, all, execute } = await setUp({ recordsPerHour: 1 })
    await run()
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    sim.failNext(NONE, DOWN)
    await expect(start({ since: clock.now - 30 * DAY })).rejects.toThrow(/400/)
    execute(
      "DELETE FROM cdr_sync_errors; UPDATE cdr_sync_state SET status = 'running' WHERE status = 'failed'"
    )
    clock.now += 10 * MINUTE
    await run({ since: clock.now - 30 * DAY })
    expect(all(OPEN)).toMatchObject([
      { range_start_utc: sqlTime(edge), range_end_utc: sqlTime(edge + 10 * MINUTE) }
    ])
  })

  test('of a gap that only a wrong clock sees', async () => {
    const { run, start, clock, sim, all, lines } = await setUp({ recordsPerHour: 1 })
    await run()
    const present = clock.now
    clock.now += 3_650 * DAY
    sim.failNext(DOWN)
    await expect(start({ source: 'feed' })).rejects.toThrow(/400/)
    clock.now = present
    expect(all(OPEN).map(({ error_type }) => error_type)).not.toContain('Gap')
    expect(lines.join()).not.toContain('GAP')
  })

  test('of misspelt locations at night', async () => {
    const { run, clock, sim } = await setUp({ recordsPerHour: 5 })
    const nothing = { kind: 'body', body: '{"items":[]}' } as const
    sim.failNext(nothing, nothing, nothing, nothing)
    const doubt = /are the names as in Control Hub/
    expect((await run({ locations: ['Main Office'] })).notes).toMatch(doubt)
    await run({ locations: ['Main Office'], since: clock.now - 3 * DAY })
    clock.now += HOUR
    sim.failNext(nothing)
    expect((await run({ locations: ['Main Office'] })).notes).not.toMatch(doubt)
  })
})
