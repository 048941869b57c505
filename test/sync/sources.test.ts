import { describe, expect, test } from 'vitest'
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
    const bench = await setUp({ recordsPerHour: 20 })
    const { auto, clock, all } = bench
    const from = clock.now - 48 * HOUR
    const first = await auto()
    expect(sourcesOf(first)).toEqual(['cdr_feed', 'cdr_stream'])
    expect(first[1]).toMatchObject({ windows: 1, watermark: new Date(clock.now - 90_000).toISOString() })
    const sources = await schedule(bench, 26 * HOUR, (2 * HOUR) / 4)
    expect(sources.filter((source) => source === 'cdr_stream')).toHaveLength(52)
    expect(sources.filter((source) => source === 'cdr_feed')).toHaveLength(1)
    expect(missed(bench, from)).toEqual([])
    expect(all(ERRORS)).toEqual([])
  })

  test('with cdr_stream alone brings what comes late and what takes long, and cdr_feed finds nothing new', async () => {
    const bench = await setUp({ recordsPerHour: 60, seed: 7 })
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

  test('where cdr_stream was first, cdr_feed looks back at once, and then once a day', async () => {
    const bench = await setUp({ recordsPerHour: 5 })
    const { run, auto, clock } = bench
    await run({ source: 'stream' })
    clock.now += HOUR
    const [, fed] = await auto()
    expect(fed).toMatchObject({
      source: 'cdr_feed',
      range: { start: new Date(clock.now - SETTLING - 48 * HOUR).toISOString() }
    })
    expect(new Set(await schedule(bench, 23 * HOUR, HOUR))).toEqual(new Set(['cdr_stream']))
    expect(await schedule(bench, 2 * HOUR, HOUR)).toContain('cdr_feed')
  })

  test('says how many records only cdr_feed had', async () => {
    const bench = await setUp({ recordsPerHour: 60 })
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
      /^cdr_feed brought (\d+) records that cdr_stream had not$/.exec(checked?.notes ?? '') ?? []
    expect(Number(brought)).toBeGreaterThan(100)
    expect(missed(bench, clock.now - 3 * DAY)).toEqual([])
  })

  test('after more than its 12 hours lets cdr_feed fill what cdr_stream no longer has', async () => {
    const bench = await setUp({ recordsPerHour: 30 })
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

  test('hands over only when cdr_feed has filled it all', async () => {
    const bench = await setUp({ recordsPerHour: 30 })
    const { auto, start, clock, sim, all } = bench
    const from = clock.now - 48 * HOUR
    await auto()
    clock.now += 20 * HOUR
    sim.failNext({ kind: 'none' }, { kind: 'status', status: 400 })
    await expect(start({ source: 'auto' })).rejects.toThrow()
    expect(
      all("SELECT MAX(last_successful_end_time_utc) AS w FROM cdr_sync_state WHERE source = 'cdr_stream'")
    ).toEqual([{ w: sqlTime(clock.now - 20 * HOUR - 90_000) }])
    await auto()
    expect(missed(bench, from)).toEqual([])
  })

  test('where cdr_stream fails in the middle, the next sync goes on from there', async () => {
    const bench = await setUp({ recordsPerHour: 30 })
    const { auto, start, clock, sim, all } = bench
    const from = clock.now - 48 * HOUR
    await auto()
    clock.now += 8 * HOUR
    sim.failNext({ kind: 'none' }, { kind: 'status', status: 400 })
    await expect(start({ source: 'auto' })).rejects.toThrow(/^cdr_stream: /)
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
      const bench = await setUp({ recordsPerHour: 20 })
      const { auto, clock, sim, lost, all, lines } = bench
      const from = clock.now - 48 * HOUR
      sim.refuseStream(status)
      expect(sourcesOf(await auto())).toEqual(['cdr_feed'])
      const said = lines.filter((line) => line.includes('cdr_feed goes on alone'))
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
    const { auto, clock, sim, lost } = await setUp({ recordsPerHour: 20 })
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

test('cdr_stream alone keeps what it missed as a gap', async () => {
  const { run, clock, all } = await setUp({ recordsPerHour: 5 })
  expect(await run({ source: 'stream' })).toMatchObject({ source: 'cdr_stream', windows: 6 })
  const watermark = clock.now - 90_000
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
      range_start_utc: sqlTime(watermark),
      range_end_utc: sqlTime(clock.now - 12 * HOUR + 5 * MINUTE)
    }
  ])
})

describe('what was missed is not forgotten', () => {
  const OPEN = 'SELECT source, error_type, range_start_utc FROM cdr_sync_errors WHERE recovered = 0'

  test('a gap that opens again where one was filled is a gap again', async () => {
    const { start, run, auto, clock, sim, lost, all } = await setUp({ recordsPerHour: 20 })
    await run({ source: 'stream' })
    const from = clock.now
    clock.now += 20 * HOUR
    sim.failNext({ kind: 'status', status: 400 })
    await expect(start({ source: 'stream' })).rejects.toThrow()
    await auto({ fillGaps: true })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    // And the newest minutes of the failure: cdr_feed has them a little later.
    expect(all(OPEN)).toMatchObject([
      { source: 'cdr_stream', error_type: 'FatalError' },
      { source: 'cdr_stream', error_type: 'Gap' }
    ])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
    expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
  })

  test('auto after 40 days of nothing keeps the gap, though only cdr_stream was read before', async () => {
    const { run, auto, clock, all, lines } = await setUp({ recordsPerHour: 2 })
    await run({ source: 'stream' })
    const watermark = clock.now - 90_000
    clock.now += 40 * DAY
    await auto()
    expect(all(OPEN)).toEqual([
      { source: 'cdr_feed', error_type: 'Gap', range_start_utc: sqlTime(watermark - 2 * DAY) }
    ])
    expect(lines.join()).toContain('GAP: calls from')
  })

  test('auto after 40 days of cdr_stream alone has none', async () => {
    const bench = await setUp({ recordsPerHour: 2 })
    const { auto, run, clock, all } = bench
    await auto()
    for (let hours = 0; hours < 40 * 24; hours += 11) {
      clock.now += 11 * HOUR
      await run({ source: 'stream' })
    }
    await auto()
    expect(all(OPEN)).toEqual([])
  }, 60_000)

  test('a hand-over closes no older gap whose late records it did not ask for', async () => {
    const { run, auto, clock, all } = await setUp({ recordsPerHour: 5 })
    await run({ source: 'stream' })
    const gap = clock.now - 90_000
    clock.now += 20 * HOUR
    for (let hours = 0; hours < 28; hours += 4) {
      await run({ source: 'stream' })
      clock.now += 4 * HOUR
    }
    clock.now += 13 * HOUR
    await auto()
    expect(all(OPEN)).toEqual([{ source: 'cdr_stream', error_type: 'Gap', range_start_utc: sqlTime(gap) }])
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([])
  })

  test('a killed long run keeps its range, though its start has gone from the service meanwhile', async () => {
    const { run, auto, clock, all, execute } = await setUp({ recordsPerHour: 2 })
    await run()
    const since = clock.now - 29.9 * DAY
    execute(`INSERT INTO cdr_sync_state (source, scope, status, range_start_utc, range_end_utc, last_successful_end_time_utc,
        records_fetched, sync_duration_seconds, api_calls_made)
      SELECT source, scope, 'running', '${sqlTime(since)}', range_end_utc, last_successful_end_time_utc, 0, 0, 0
      FROM cdr_sync_state`)
    clock.now += 20 * HOUR
    await run()
    await auto({ fillGaps: true })
    expect(all(OPEN)).toEqual([
      { source: 'cdr_feed', error_type: 'KilledRun', range_start_utc: sqlTime(since) }
    ])
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
    const bench = await setUp({ recordsPerHour: 20 })
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
    const { auto, clock, sim } = await setUp({ recordsPerHour: 2 })
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
