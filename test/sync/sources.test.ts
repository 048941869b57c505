import { describe, expect, test } from 'vitest'
import { killedAfter } from '../support/killed.js'
import { type Bench, DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const ERRORS = 'SELECT source, error_type, recovered FROM cdr_sync_errors ORDER BY id'

const sourcesOf = (runs: readonly { source: string }[]) => runs.map(({ source }) => source)

/** Runs `auto` as a scheduler does, for a while. */
async function schedule({ auto, clock }: Bench, duration: number, every: number): Promise<string[]> {
  const sources: string[] = []
  for (const end = clock.now + duration; clock.now < end; ) {
    clock.now += every
    sources.push(...sourcesOf(await auto()))
  }
  return sources
}

/** What cdr_stream showed to the newest run and the table lacks. */
function missed({ lost, clock }: Bench, from: number): string[] {
  clock.now -= 90_000
  try {
    return lost(from, clock.now)
  } finally {
    clock.now += 90_000
  }
}

describe('auto', () => {
  test('begins with cdr_feed, hands over to cdr_stream, and looks through cdr_feed again once a day', async () => {
    const bench = await setUp({ recordsPerHour: 2 })
    const { auto, clock, all } = bench
    const from = clock.now - 48 * HOUR
    const first = await auto()
    expect(sourcesOf(first)).toEqual(['cdr_feed', 'cdr_stream'])
    expect(first[1]).toMatchObject({ windows: 1, watermark: new Date(clock.now - 90_000).toISOString() })
    const sources = await schedule(bench, 26 * HOUR, HOUR)
    expect(sources.filter((source) => source === 'cdr_stream')).toHaveLength(26)
    expect(sources.filter((source) => source === 'cdr_feed')).toHaveLength(1)
    expect(missed(bench, from)).toEqual([])
    expect(all(ERRORS)).toEqual([])
  })

  test('with cdr_stream alone brings what comes late and what takes long, and cdr_feed finds nothing new', async () => {
    const bench = await setUp({ recordsPerHour: 15, seed: 7 })
    const { auto, clock } = bench
    await auto()
    const from = clock.now
    expect(new Set(await schedule(bench, 23 * HOUR, HOUR))).toEqual(new Set(['cdr_stream']))
    expect(missed(bench, from)).toEqual([])
    clock.now += 2 * HOUR
    const [streamed, fed] = await auto()
    expect(streamed?.inserted).toBeGreaterThan(0)
    expect(fed).toMatchObject({ source: 'cdr_feed', notes: '' })
  })

  test('where cdr_stream was first, cdr_feed sees after a day that all came, and then once a day', async () => {
    const bench = await setUp({ recordsPerHour: 2 })
    const { run, clock } = bench
    await run({ source: 'stream' })
    const from = clock.now - 12 * HOUR + 5 * MINUTE
    const sources = await schedule(bench, 40 * HOUR, 2 * HOUR)
    expect(sources.filter((source) => source === 'cdr_feed')).toHaveLength(2)
    expect(missed(bench, from)).toEqual([])
  })

  test('says how many records only cdr_feed had', async () => {
    const bench = await setUp({ recordsPerHour: 6 })
    const { auto, clock, sim } = bench
    await auto()
    for (let hour = 0; hour < 3; hour += 1) {
      sim.failNext({ kind: 'body', body: '{"items":[]}' })
      await schedule(bench, HOUR, HOUR)
    }
    await schedule(bench, 20 * HOUR, HOUR)
    clock.now += 2 * HOUR
    const [, checked] = await auto()
    const [, brought] =
      /^cdr_feed brought (\d+) records that cdr_stream did not have$/.exec(checked?.notes ?? '') ?? []
    expect(Number(brought)).toBeGreaterThan(10)
    expect(missed(bench, clock.now - 3 * DAY)).toEqual([])
  })

  test('after more than its 12 hours lets cdr_feed fill what cdr_stream no longer has', async () => {
    const bench = await setUp({ recordsPerHour: 3 })
    const { auto, clock, all } = bench
    const from = clock.now - 48 * HOUR
    await auto()
    await schedule(bench, 6 * HOUR, HOUR)
    const watermark = clock.now - 90_000
    clock.now += 60 * HOUR
    const [fed, streamed] = await auto()
    expect(fed?.source).toBe('cdr_feed')
    expect(Date.parse(fed?.range.start ?? '')).toBeLessThanOrEqual(watermark - 48 * HOUR)
    expect(streamed).toMatchObject({ source: 'cdr_stream', windows: 1 })
    expect(missed(bench, from)).toEqual([])
    expect(all(ERRORS)).toEqual([])
  })

  test('goes on with cdr_stream where a window of cdr_feed is refused, which the next sync asks for again', async () => {
    const bench = await setUp({ recordsPerHour: 4 })
    const { auto, start, clock, sim, all } = bench
    const from = clock.now - 48 * HOUR
    await auto()
    clock.now += 40 * HOUR
    sim.failNext(...Array(4).fill({ kind: 'none' }), { kind: 'status', status: 400 })
    await expect(start({ source: 'auto' })).rejects.toThrow(/^cdr_feed refused 1 of \d windows/)
    expect(all('SELECT source, status FROM cdr_sync_state ORDER BY id').slice(2)).toEqual([
      { source: 'cdr_feed', status: 'failed' },
      { source: 'cdr_stream', status: 'succeeded' }
    ])
    expect(bench.lost(clock.now - 10 * HOUR, clock.now - SETTLING)).toEqual([])
    expect(missed(bench, from).length).toBeGreaterThan(10)
    await auto()
    expect(missed(bench, from)).toEqual([])
    expect(all(ERRORS)).toEqual([{ source: 'cdr_feed', error_type: 'FatalError', recovered: 1 }])
  })

  test('where cdr_stream fails in the middle, the next sync goes on from there', async () => {
    const bench = await setUp({ recordsPerHour: 8 })
    const { auto, start, clock, sim, all } = bench
    const from = clock.now - 48 * HOUR
    await auto()
    clock.now += 8 * HOUR
    sim.failNext({ kind: 'none' }, { kind: 'status', status: 400 })
    await expect(start({ source: 'auto' })).rejects.toThrow(/^cdr_stream refused 1 of 5 windows/)
    expect(sourcesOf(await auto())).toEqual(['cdr_stream'])
    expect(missed(bench, from)).toEqual([])
    expect(all(ERRORS)).toEqual([{ source: 'cdr_stream', error_type: 'FatalError', recovered: 1 }])
  })

  test('a range that is asked for is asked of cdr_feed', async () => {
    const { auto, clock } = await setUp({ recordsPerHour: 5 })
    await auto()
    const backfill = await auto({ since: clock.now - 6 * DAY, until: clock.now - 5 * DAY })
    expect(sourcesOf(backfill)).toEqual(['cdr_feed'])
    const [fed, streamed] = await auto({ since: clock.now - 6 * DAY })
    expect(fed).toMatchObject({
      source: 'cdr_feed',
      range: { start: new Date(clock.now - 6 * DAY).toISOString() }
    })
    expect(streamed?.source).toBe('cdr_stream')
  })

  test('stores nothing in a dry run', async () => {
    const { auto, reportIds, all } = await setUp({ recordsPerHour: 5 })
    expect(sourcesOf(await auto({ dryRun: true }))).toEqual(['cdr_feed', 'cdr_stream'])
    expect(reportIds().size).toBe(0)
    expect(all('SELECT COUNT(*) AS n FROM cdr_sync_state')).toEqual([{ n: 0 }])
  })
})

describe('where cdr_stream is refused', () => {
  test.each([403, 404] as const)(
    'with %i, auto goes on with cdr_feed and tries again a day later',
    async (status) => {
      const bench = await setUp({ recordsPerHour: 2, seed: 2 })
      const { auto, clock, sim, lost, all, lines } = bench
      const from = clock.now - 48 * HOUR
      sim.refuseStream(status)
      expect(sourcesOf(await auto())).toEqual(['cdr_feed'])
      const said = lines.filter((line) => line.includes('continuing with cdr_feed only'))
      expect(said).toHaveLength(1)
      expect(said[0]).toContain(String(status))
      const streamRequests = () => sim.requests.filter(({ path }) => path === '/v1/cdr_stream').length
      expect(streamRequests()).toBe(1)
      await schedule(bench, 22 * HOUR, 2 * HOUR)
      expect(streamRequests()).toBe(1)
      expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
      await schedule(bench, 4 * HOUR, 2 * HOUR)
      expect(streamRequests()).toBe(2)
      expect(all(ERRORS)).toEqual([{ source: 'cdr_stream', error_type: 'SourceRefused', recovered: 0 }])
      sim.refuseStream(undefined)
      clock.now += 24 * HOUR
      expect(sourcesOf(await auto())).toEqual(['cdr_feed', 'cdr_stream'])
      expect(all(ERRORS)).toEqual([{ source: 'cdr_stream', error_type: 'SourceRefused', recovered: 1 }])
      expect(sourcesOf(await auto())).toEqual(['cdr_stream'])
      expect(missed(bench, from)).toEqual([])
    }
  )

  test('later on, cdr_feed takes over in the same sync', async () => {
    const { auto, clock, sim, lost } = await setUp({ recordsPerHour: 5 })
    const from = clock.now - 48 * HOUR
    await auto()
    clock.now += HOUR
    sim.refuseStream(403)
    expect(sourcesOf(await auto())).toEqual(['cdr_feed'])
    expect(lost(from, clock.now - SETTLING - 10 * MINUTE)).toEqual([])
  })

  test('--source stream fails', async () => {
    const { start, sim } = await setUp({ recordsPerHour: 5 })
    sim.refuseStream(403)
    await expect(start({ source: 'stream' })).rejects.toThrow(
      /^cdr_stream: .*403.*spark-admin:calling_cdr_read/
    )
  })
})

test('cdr_stream alone keeps what it missed as a gap, with the calls whose records may have come in that time', async () => {
  const { run, clock, all } = await setUp({ recordsPerHour: 5 })
  expect(await run({ source: 'stream' })).toMatchObject({ source: 'cdr_stream', windows: 6 })
  const first = clock.now - 12 * HOUR + 5 * MINUTE
  clock.now += 20 * HOUR
  const { notes } = await run({ source: 'stream' })
  expect(notes).toMatch(/^gap from /)
  expect(
    all('SELECT source, error_type, recovered, range_start_utc, range_end_utc FROM cdr_sync_errors')
  ).toEqual([
    {
      source: 'cdr_stream',
      error_type: 'Gap',
      recovered: 0,
      range_start_utc: sqlTime(first),
      range_end_utc: sqlTime(clock.now - 12 * HOUR + 5 * MINUTE)
    }
  ])
})

describe('what was missed is not forgotten', () => {
  const OPEN = 'SELECT source, error_type, range_start_utc FROM cdr_sync_errors WHERE recovered = 0'

  test('a gap that opens again where one was filled is a gap again', async () => {
    const { start, run, auto, clock, sim, lost, all } = await setUp({ recordsPerHour: 5 })
    await run({ source: 'stream' })
    const from = clock.now
    clock.now += 20 * HOUR
    sim.failNext(...Array(3).fill({ kind: 'status', status: 400 }))
    await expect(start({ source: 'stream' })).rejects.toThrow()
    await auto({ fillGaps: true })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    expect(all(OPEN)).toMatchObject([{ error_type: 'FatalError' }, { error_type: 'Gap' }])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
    expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
  })

  test('auto after 40 days of nothing keeps the gap, though only cdr_stream was read before', async () => {
    const { run, auto, clock, all, lines } = await setUp({ recordsPerHour: 0.5 })
    await run({ source: 'stream' })
    const first = clock.now - 12 * HOUR + 5 * MINUTE
    clock.now += 40 * DAY
    await auto()
    expect(all(OPEN)).toEqual([{ source: 'cdr_feed', error_type: 'Gap', range_start_utc: sqlTime(first) }])
    expect(lines.join()).toContain('GAP: calls that began from')
  })

  test('auto after 32 days of cdr_stream alone has none', async () => {
    const bench = await setUp({ records: [] })
    const { auto, run, clock, all } = bench
    await auto()
    for (let hours = 0; hours < 32 * 24; hours += 11) {
      clock.now += 11 * HOUR
      await run({ source: 'stream' })
    }
    await auto()
    expect(all(OPEN)).toEqual([])
  }, 120_000)

  test('a hand-over fetches older gaps of cdr_stream too, with what came late in that time', async () => {
    const { run, auto, clock, all, lost } = await setUp({ recordsPerHour: 3 })
    await run({ source: 'stream' })
    const from = clock.now - 12 * HOUR + 5 * MINUTE
    clock.now += 20 * HOUR
    for (let hours = 0; hours < 28; hours += 4) {
      await run({ source: 'stream' })
      clock.now += 4 * HOUR
    }
    expect(all(OPEN)).toMatchObject([{ error_type: 'Gap' }])
    clock.now += 13 * HOUR
    await auto()
    expect(all(OPEN)).toEqual([])
    expect(lost(from, clock.now - SETTLING)).toEqual([])
  })

  test('a killed long run is a gap where it has gone from the service meanwhile, and made good where not', async () => {
    const { run, clock, all, lost } = await setUp({ recordsPerHour: 0.5 })
    await run()
    const since = clock.now - 29.9 * DAY
    await killedAfter(0, () => run({ since }))
    clock.now += 20 * HOUR
    await run()
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    expect(all('SELECT error_type, range_start_utc, range_end_utc FROM cdr_sync_errors')).toEqual([
      { error_type: 'Gap', range_start_utc: sqlTime(since), range_end_utc: sqlTime(edge) }
    ])
    expect(lost(edge, clock.now - SETTLING)).toEqual([])
  })
})

describe('no false alarm', () => {
  test('of a run that was killed in what had been read', async () => {
    const { auto, clock, all, execute } = await setUp({ recordsPerHour: 2 })
    await auto()
    clock.now += HOUR
    await auto()
    execute(`UPDATE cdr_sync_state SET status = 'running' WHERE id = (SELECT MAX(id) FROM cdr_sync_state)`)
    clock.now += HOUR
    await auto()
    expect(all(ERRORS)).toEqual([])
  })

  test('of late records after a backfill that left a hole', async () => {
    const bench = await setUp({ recordsPerHour: 5 })
    const { auto, clock } = bench
    await auto()
    await auto({ since: clock.now - 10 * DAY, until: clock.now - 5 * DAY })
    for (let day = 0; day < 3; day += 1) {
      await schedule(bench, 22 * HOUR, 11 * HOUR)
      clock.now += 3 * HOUR
      const fed = (await auto()).find(({ source }) => source === 'cdr_feed')
      expect(fed?.notes).toBe('')
    }
  }, 60_000)

  test('and no growing range where cdr_stream fails again and again', async () => {
    const { auto, clock, sim } = await setUp({ records: [] })
    await auto()
    clock.now += 24 * HOUR
    const windows: number[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const before = sim.requests.length
      sim.refuseStream(403)
      await auto().catch(() => {})
      sim.refuseStream(undefined)
      windows.push(sim.requests.slice(before).filter(({ path }) => path === '/v1/cdr_feed').length)
      clock.now += 25 * HOUR
    }
    expect(windows.slice(2)).toEqual([windows[1], windows[1]])
  })
})
