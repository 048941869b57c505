import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { FatalError } from '../../src/errors.js'
import { CdrSource, type SourceName } from '../../src/webex/cdr-source.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

/** Windows that Webex keeps refusing, wherever they lie: they wait, and nothing else does. */

const MINUTE = 60_000
const OPEN = 'SELECT error_type, sightings FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const OPEN_GAPS =
  'SELECT error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const { pages } = CdrSource.prototype
const DOWN = { kind: 'status', status: 400 } as const

/** Refuses each window of a source that holds one of these moments; lists how many windows each has been asked for. */
function refuseAt(moments: readonly number[], name: SourceName, kind: 'refused' | 'incomplete' = 'refused') {
  const asked = { cdr_feed: 0, cdr_stream: 0 }
  const spy = vi.spyOn(CdrSource.prototype, 'pages').mockImplementation(async function* (
    this: CdrSource,
    query
  ) {
    asked[this.name] += 1
    const isHit = this.name === name && moments.some((moment) => query.start <= moment && moment < query.end)
    if (isHit && kind === 'refused') throw new FatalError('refused')
    for await (const page of pages.call(this, query)) yield isHit ? { ...page, withoutItems: true } : page
  })
  onTestFinished(() => spy.mockRestore())
  return asked
}

test.each(['refused', 'incomplete'] as const)(
  'a window of the daily look that is %s waits, and is not read again by every run',
  async (kind) => {
    const { auto, clock, all } = await setUp({ recordsPerHour: 0.3 })
    await auto()
    for (let hours = 0; hours < 24; hours += 8) {
      clock.now += 8 * HOUR
      if (hours < 16) await auto()
    }
    const asked = refuseAt([clock.now - 40 * HOUR], 'cdr_feed', kind)
    for (let quarters = 0; quarters < 16; quarters += 1) {
      clock.now += 15 * MINUTE
      await auto().catch(() => {})
    }
    // Looks after 15 minutes, 1 hour and 2: each has 5 to 7 windows.
    expect(asked.cdr_feed).toBeLessThan(30)
    expect(all(OPEN)).toEqual([
      { error_type: kind === 'refused' ? 'FatalError' : 'IncompleteWindowError', sightings: 4 }
    ])
  }
)

test.each(['feed', 'auto'] as const)(
  'two windows side by side that are refused wait both: %s',
  async (source) => {
    const { auto, clock, all } = await setUp({ recordsPerHour: 1 })
    const since = clock.now - 10 * DAY
    const asked = refuseAt([since + 30 * HOUR, since + 40 * HOUR], 'cdr_feed')
    await expect(auto({ source, since })).rejects.toThrow(/^cdr_feed refused 2 of 20 windows/)
    for (let quarters = 0; quarters < 4; quarters += 1) {
      clock.now += 15 * MINUTE
      await auto({ source }).catch(() => {})
    }
    expect(all(OPEN).filter(({ sightings }) => sightings)).toEqual([
      { error_type: 'FatalError', sightings: 2 },
      { error_type: 'FatalError', sightings: 2 }
    ])
    const before = asked.cdr_feed
    clock.now += 5 * MINUTE
    await auto({ source })
    expect(asked.cdr_feed - before).toBe(source === 'feed' ? 1 : 0)
  }
)

test('a window that cdr_stream keeps refusing is fetched from cdr_feed', async () => {
  const { auto, clock, lost } = await setUp({ recordsPerHour: 5 })
  await auto()
  clock.now += 6 * HOUR
  refuseAt([clock.now - 3 * HOUR], 'cdr_stream')
  for (let quarters = 0; quarters < 3; quarters += 1) {
    await auto().catch(() => {})
    clock.now += 15 * MINUTE
  }
  expect(lost(clock.now - 6 * HOUR, clock.now - HOUR)).toEqual([])
})

test('a moment that cdr_feed alone refuses keeps newer records waiting for one run', async () => {
  const { auto, clock, all } = await setUp({ records: [] })
  await auto({ source: 'feed' })
  clock.now += HOUR
  refuseAt([clock.now - 30 * MINUTE], 'cdr_feed')
  const read = "SELECT MAX(end_utc) AS newest FROM cdr_coverage WHERE source = 'cdr_feed'"
  for (let quarters = 0; quarters < 12; quarters += 1) {
    await auto({ source: 'feed' }).catch(() => {})
    if (quarters > 0) expect(all(read)).toEqual([{ newest: sqlTime(clock.now - SETTLING) }])
    clock.now += 15 * MINUTE
  }
})

test('a schedule with a short --lookback looks for what came late all the same', async () => {
  const { run, clock, all } = await setUp({ records: [] })
  await run()
  for (let days = 0; days < 33; days += 3) {
    clock.now += 3 * DAY
    await run({ lookback: 2 * HOUR })
  }
  expect(all(OPEN)).toEqual([])
})

test('backfills alone leave no gap, though nothing looks for what came late to them', async () => {
  const { run, clock, all } = await setUp({ records: [] })
  for (let days = 0; days < 33; days += 3) {
    clock.now += 3 * DAY
    await run({ since: clock.now - 4 * DAY, until: clock.now - DAY })
  }
  expect(all(OPEN)).toEqual([])
})

test('after the Python tool cdr_feed asks for its 30 days, though cdr_stream was read first', async () => {
  const { run, auto, clock, execute } = await setUp({ records: [] })
  execute(`INSERT INTO cdr_sync_state (last_successful_run_utc, last_successful_end_time_utc, records_fetched,
      sync_duration_seconds, api_calls_made)
    VALUES ('2026-11-23 15:00:00.000', '2026-11-23 15:00:00.000', 0, 0, 0)`)
  await run({ source: 'stream' })
  clock.now += 25 * HOUR
  const [fed] = await auto()
  expect(fed).toMatchObject({ source: 'cdr_feed', windows: 60 })
})

describe('a window that the service keeps refusing', () => {
  test('is asked for again with growing pauses, is a gap meanwhile, and keeps nothing newer waiting', async () => {
    const { auto, start, clock, sim, all, lost, lines } = await setUp({ recordsPerHour: 1 })
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
    expect(all(OPEN_GAPS)).toMatchObject([
      { error_type: 'FatalError' },
      { error_type: 'FatalError' },
      { error_type: 'Gap', ...range }
    ])
    expect(lines.filter((line) => line.includes('GAP: '))).toHaveLength(1)
    refuse.mockRestore()
    clock.now += 25 * HOUR
    await auto()
    expect(all(OPEN_GAPS)).toEqual([])
    expect(lost(hole.since, hole.until)).toEqual([])
  }, 120_000)
})
