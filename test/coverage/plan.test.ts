import { describe, expect, test } from 'vitest'
import {
  asking,
  byFeed,
  type Coverage,
  completeUntil,
  NOTHING_COVERED,
  settle,
  withRead
} from '../../src/coverage/coverage.js'
import type { Range } from '../../src/coverage/intervals.js'
import {
  gapsIn,
  isLookDue,
  isStreamable,
  type Known,
  knownAfter,
  planFill,
  planRun,
  type Wanted
} from '../../src/coverage/plan.js'
import { DAY, HOUR, RULES, reach } from '../../src/coverage/rules.js'
import type { SourceName } from '../../src/webex/cdr-source.js'

const MINUTE = 60_000
const NOW = Date.UTC(2026, 10, 23, 10)
const FEED = reach('cdr_feed', NOW)
const STREAM = reach('cdr_stream', NOW)
const LATENESS = 48 * HOUR

function knownAt(now: number, coverage: Coverage = NOTHING_COVERED): Known {
  return {
    coverage,
    lateness: LATENESS,
    postponed: { cdr_feed: [], cdr_stream: [] },
    cuts: { cdr_feed: [], cdr_stream: [] },
    now
  }
}

/** What is known after a run, at a later time. */
function later(known: Known, source: SourceName, ms: number, wanted: Wanted = {}): Known {
  return { ...knownAfter(known, source, planRun(source, known, wanted)), now: known.now + ms }
}

function rangeOf(windows: readonly Range[]): Range | undefined {
  const [first] = windows
  const last = windows.at(-1)
  return first && last && { start: first.start, end: last.end }
}

describe('a run of cdr_feed', () => {
  const synced = later(knownAt(NOW - 15 * MINUTE), 'cdr_feed', 15 * MINUTE)

  test('that is the first asks for 48 hours, up to 330 s ago, in four windows', () => {
    const plan = planRun('cdr_feed', knownAt(NOW), {})
    expect(rangeOf(plan.windows)).toEqual({ start: NOW - 48 * HOUR, end: NOW - 330_000 })
    expect(plan.windows).toHaveLength(4)
    expect(plan.asks).toEqual({ start: NOW - 48 * HOUR, end: Number.POSITIVE_INFINITY })
  })

  test('that is the first after the Python tool asks for all that the service has', () => {
    const { windows } = planRun('cdr_feed', knownAt(NOW), { history: 30 * DAY })
    expect(rangeOf(windows)).toEqual(FEED)
  })

  test('later fills the 12 hours of its one request', () => {
    const { windows, asks } = planRun('cdr_feed', synced, {})
    expect(windows).toEqual([{ start: FEED.end - 12 * HOUR, end: FEED.end }])
    expect(asks).toBeUndefined()
  })

  test('reads an hour again even where the last window would end at what was read', () => {
    const known = later(knownAt(NOW - 11.5 * HOUR), 'cdr_feed', 11.5 * HOUR)
    const { windows } = planRun('cdr_feed', known, {})
    expect(windows[0]?.start).toBeLessThanOrEqual(FEED.end - 12.5 * HOUR)
    expect(windows).toHaveLength(2)
  })

  test('takes a lookback as said', () => {
    const read = synced.now - 15 * MINUTE - RULES.cdr_feed.settling
    const { windows } = planRun('cdr_feed', synced, { lookback: HOUR / 2 })
    expect(windows).toEqual([{ start: read - HOUR / 2, end: FEED.end }])
  })

  test('goes on where a killed one ended, the oldest first', () => {
    const first = planRun('cdr_feed', knownAt(NOW), {})
    const killed = knownAfter(knownAt(NOW), 'cdr_feed', { ...first, windows: first.windows.slice(0, 2) })
    const { windows } = planRun('cdr_feed', { ...killed, now: NOW + HOUR }, {})
    expect(windows).toHaveLength(3)
    expect(windows[0]?.start).toBeLessThanOrEqual(NOW - 48 * HOUR + 23 * HOUR)
    expect(windows.at(-1)?.end).toBe(NOW + HOUR - 330_000)
  })

  test('asks for a hole with the millisecond that windows share, and for nothing between it and the newest', () => {
    const hole = { start: NOW - 10 * DAY, end: NOW - 9 * DAY }
    const since = planRun('cdr_feed', synced, { since: NOW - 20 * DAY })
    const read = knownAfter(synced, 'cdr_feed', since).coverage
    const coverage = { ...read, feed: read.feed.flatMap((row) => cut(row, hole)) }
    const { windows } = planRun('cdr_feed', { ...synced, coverage }, {})
    expect(rangeOf(windows.slice(0, -1))).toEqual({ start: hole.start - 1, end: hole.end + 1 })
    expect(windows.at(-1)).toEqual({ start: FEED.end - 12 * HOUR, end: FEED.end })
  })

  test('leaves out what waits, but not the newest', () => {
    const hole = { start: NOW - 30 * HOUR, end: NOW - 29 * HOUR }
    const coverage = { ...synced.coverage, feed: synced.coverage.feed.flatMap((row) => cut(row, hole)) }
    const postponed = { cdr_feed: [hole], cdr_stream: [] }
    const { windows } = planRun('cdr_feed', { ...synced, coverage, postponed }, {})
    expect(windows).toEqual([{ start: FEED.end - 12 * HOUR, end: FEED.end }])
    expect(gapsIn({ ...synced, coverage, postponed }, false)).toEqual([hole])
    expect(gapsIn({ ...synced, coverage }, false)).toEqual([])
  })

  test('--since begins there, whatever was read, and is asked for from then on', () => {
    const since = NOW - 7 * DAY
    const { windows, asks, clamped } = planRun('cdr_feed', synced, { since })
    expect(rangeOf(windows)).toEqual({ start: since, end: FEED.end })
    expect(asks?.start).toBe(since)
    expect(clamped).toBe(false)
    const near = planRun('cdr_feed', synced, { since: NOW - HOUR })
    expect(near.windows[0]?.start).toBe(FEED.end - 12 * HOUR)
  })

  test('--since beyond what the service keeps is clamped, not refused', () => {
    const { windows, asks, clamped } = planRun('cdr_feed', knownAt(NOW), { since: NOW - 90 * DAY })
    expect(windows[0]?.start).toBe(FEED.start)
    expect(asks?.start).toBe(FEED.start)
    expect(clamped).toBe(true)
    expect(planRun('cdr_feed', knownAt(NOW), { since: NOW - 30 * DAY }).clamped).toBe(false)
  })

  test('--since with --until is a backfill of just that', () => {
    const range = { start: NOW - 5 * DAY, end: NOW - 4 * DAY }
    const plan = planRun('cdr_feed', synced, { since: range.start, until: range.end })
    expect(rangeOf(plan.windows)).toEqual(range)
    expect(plan).toMatchObject({ asks: range, backfill: true, clamped: false })
    const future = planRun('cdr_feed', synced, { since: NOW - DAY, until: NOW + DAY })
    expect(future.windows.at(-1)?.end).toBe(FEED.end)
  })

  test('of an empty range is refused with what the service has', () => {
    const refused = /no records to fetch .* Webex has those from/
    expect(() => planRun('cdr_feed', knownAt(NOW), { since: NOW - 1_000 })).toThrow(refused)
    const old = { since: NOW - 50 * DAY, until: NOW - 40 * DAY }
    expect(() => planRun('cdr_feed', synced, old)).toThrow(refused)
  })
})

describe('the daily look', () => {
  const looked = later(knownAt(NOW), 'cdr_feed', 0)

  test('is due a day after cdr_feed has shown all, whatever was read since', () => {
    let known = { ...looked, now: NOW + 12 * HOUR }
    known = later(known, 'cdr_feed', 11 * HOUR)
    expect(isLookDue(known)).toBe(false)
    expect(isLookDue({ ...known, now: NOW + DAY - 330_000 })).toBe(true)
  })

  test('begins 48 hours before that, or as much earlier as records come late', () => {
    const known = later({ ...looked, now: NOW + 12 * HOUR }, 'cdr_feed', 13 * HOUR)
    const begin = (known: Known) => planRun('cdr_feed', known, { look: true }).windows[0]?.start
    // The scope began 48 hours before its first run; --since has moved that back.
    const since = asking(known.coverage, { start: NOW - 20 * DAY, end: Number.POSITIVE_INFINITY })
    const coverage = withRead(since, 'cdr_feed', {
      start: NOW - 20 * DAY,
      end: NOW - 2 * DAY,
      read: FEED.end
    })
    expect(begin({ ...known, coverage })).toBe(FEED.end - 48 * HOUR)
    const late = { ...known, coverage, lateness: 5 * DAY }
    expect(isLookDue(late)).toBe(true)
    expect(begin(late)).toBe(FEED.end - 5 * DAY)
  })

  test('goes by what cdr_feed has shown, though cdr_stream brings all', () => {
    let known = looked
    for (let hours = 0; hours < 22; hours += 11)
      known = later({ ...known, now: known.now + 11 * HOUR }, 'cdr_stream', 0)
    expect(isStreamable(known)).toBe(true)
    expect(completeUntil(known.coverage, LATENESS, known.now)).toBe(known.now - RULES.cdr_stream.settling)
    expect(completeUntil(byFeed(known.coverage), LATENESS, known.now)).toBe(FEED.end)
    expect(isLookDue(known)).toBe(false)
    expect(isLookDue({ ...known, now: NOW + DAY })).toBe(true)
  })
})

describe('a run of cdr_stream', () => {
  test('that is the first asks for all of its 12 hours, five minutes from their edge, in windows of 2 hours', () => {
    const { windows, asks } = planRun('cdr_stream', knownAt(NOW), {})
    expect(rangeOf(windows)).toEqual({ start: NOW - 12 * HOUR + 5 * MINUTE, end: NOW - 90_000 })
    expect(windows).toHaveLength(6)
    expect(asks?.start).toBe(STREAM.start)
  })

  test('goes on half an hour before either source has brought all, and fills its windows', () => {
    const known = later(knownAt(NOW - HOUR), 'cdr_feed', HOUR)
    expect(planRun('cdr_stream', known, {}).windows).toEqual([
      { start: STREAM.end - 2 * HOUR, end: STREAM.end }
    ])
    const older = later(knownAt(NOW - 1.75 * HOUR), 'cdr_feed', 1.75 * HOUR)
    expect(rangeOf(planRun('cdr_stream', older, {}).windows)).toEqual({
      start: STREAM.end - 4 * HOUR + 1,
      end: STREAM.end
    })
  })

  test('cannot bring what is older than 12 hours; alone it leaves a gap, with what came late in that time', () => {
    const known = later(later(knownAt(NOW - 4 * DAY), 'cdr_stream', DAY), 'cdr_stream', 3 * DAY)
    const read = NOW - 3 * DAY - RULES.cdr_stream.settling
    expect(isStreamable(known)).toBe(false)
    const after = later(known, 'cdr_stream', 0)
    expect(gapsIn(after, false)).toEqual([])
    const [gap, ...others] = gapsIn(after, true)
    expect(others).toEqual([])
    expect(gap?.end).toBe(STREAM.start)
    expect(gap?.start).toBeLessThanOrEqual(read - 12 * HOUR)
  })
})

describe('gaps', () => {
  test('are none behind cdr_stream, which has had it all for 40 days, whatever is asked for then', () => {
    let known = later(knownAt(NOW - 40 * DAY), 'cdr_feed', 0)
    while (known.now < NOW) known = later({ ...known, now: known.now + 11 * HOUR }, 'cdr_stream', 0)
    for (const wanted of [{}, { since: known.now - 2 * DAY }, { lookback: HOUR }, { look: true }]) {
      expect(gapsIn(later(known, 'cdr_feed', 0, wanted), false)).toEqual([])
    }
  })

  test('are what the service has no longer, with what may have come late before', () => {
    const known = later(knownAt(NOW - 40 * DAY), 'cdr_feed', 40 * DAY)
    expect(gapsIn(known, false)).toEqual([{ start: NOW - 40 * DAY - LATENESS, end: FEED.start }])
    const { windows } = planRun('cdr_feed', known, { look: true })
    expect(rangeOf(windows)).toEqual(FEED)
  })

  test('that the service still has in part are filled as far as that goes, and what has come since is left alone', () => {
    const known = later(later(knownAt(NOW - 40 * DAY), 'cdr_stream', 20 * DAY), 'cdr_stream', 20 * DAY)
    expect(planFill(knownAt(NOW), [])).toBeUndefined()
    const gaps = gapsIn(later(known, 'cdr_stream', 0), true)
    const plan = planFill(later(known, 'cdr_stream', 0), gaps)
    expect(plan).toMatchObject({ backfill: true })
    expect(plan?.windows[0]?.start).toBe(FEED.start)
    expect(plan?.windows.at(-1)?.end).toBe(STREAM.start + 1)
  })
})

test.each([
  ['cdr_feed', 15 * MINUTE],
  ['cdr_stream', 15 * MINUTE]
] as const)('%s every quarter of an hour for 30 days keeps fewer than a thousand rows', (source, every) => {
  let known = knownAt(NOW)
  let most = 0
  for (let now = NOW; now < NOW + 30 * DAY; now += every) {
    known = { ...known, now }
    const runs = source === 'cdr_stream' && isLookDue(known) ? ([source, 'cdr_feed'] as const) : [source]
    for (const each of runs) {
      known = knownAfter(known, each, planRun(each, known, { look: isLookDue(known) }))
      const complete = completeUntil(known.coverage, LATENESS, now) ?? now
      const old = Math.floor((complete - 7 * DAY) / DAY) * DAY
      known = { ...known, coverage: settle(known.coverage, [], old) }
    }
    const { feed, stream, settled } = known.coverage
    most = Math.max(most, feed.length + stream.length + settled.length)
  }
  expect(most).toBeLessThan(source === 'cdr_feed' ? 200 : 20)
  expect(known.coverage.settled).toHaveLength(1)
})

function cut<T extends Range>(row: T, hole: Range): T[] {
  return [
    { ...row, end: Math.min(row.end, hole.start) },
    { ...row, start: Math.max(row.start, hole.end) }
  ].filter(({ start, end }) => start < end)
}
