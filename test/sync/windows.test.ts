import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { historyOf, OVERLAP, planRange, planWindows, RULES, SLIDE } from '../../src/coverage/windows.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const now = Date.UTC(2026, 10, 23, 10, 0, 0)
const FEED = RULES.cdr_feed
const STREAM = RULES.cdr_stream
const WINDOW = FEED.window
const newest = now - FEED.settling
const plain = { source: 'cdr_feed', now, watermark: undefined } as const

describe('planWindows', () => {
  const ranges = fc
    .tuple(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 1, max: 31 * DAY }))
    .map(([start, length]) => ({ start, end: start + length }))

  test('covers the range exactly, without a gap, and no window is longer than 12 hours', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const windows = planWindows(range, FEED)
        expect(windows[0]?.start).toBe(range.start)
        expect(windows.at(-1)?.end).toBe(range.end)
        for (const [index, { start, end }] of windows.entries()) {
          expect(end - start).toBeGreaterThan(0)
          expect(end - start).toBeLessThanOrEqual(WINDOW)
          if (index > 0) expect(start).toBe((windows[index - 1]?.end ?? 0) - OVERLAP)
        }
      }),
      { numRuns: 1_000 }
    )
  })

  test('windows share a millisecond, as nobody knows whether the service counts the edges', () => {
    const [first, second] = planWindows({ start: 0, end: 20 * HOUR }, FEED)
    expect((first?.end ?? 0) - (second?.start ?? 0)).toBe(1)
  })

  test('needs one window for 12 hours, and four for the 48 hours of a first run', () => {
    expect(planWindows({ start: 0, end: WINDOW }, FEED)).toEqual([{ start: 0, end: WINDOW }])
    expect(planWindows(planRange(plain).range, FEED)).toHaveLength(4)
  })
})

describe('planRange', () => {
  test('the first run takes 48 hours ago to 330 s ago', () => {
    expect(planRange(plain)).toEqual({
      range: { start: now - 48 * HOUR, end: newest },
      backfill: false,
      clamped: false,
      lapsedFrom: now - 48 * HOUR,
      completes: true
    })
  })

  test('--since widens the first run', () => {
    expect(planRange({ ...plain, since: now - 7 * DAY }).range).toEqual({ start: now - 7 * DAY, end: newest })
  })

  test('--since beyond what the service keeps is clamped, not refused', () => {
    const plan = planRange({ ...plain, since: now - 90 * DAY })
    expect(plan.range.start).toBe(now - historyOf(FEED))
    expect(plan.clamped).toBe(true)
    expect(plan.lapsedFrom).toBe(plan.range.start - SLIDE)
    expect(plan.gap).toBeUndefined()
    expect(planRange({ ...plain, since: now - 30 * DAY }).clamped).toBe(false)
  })

  test('a later run fills the 12 hours of its one request', () => {
    const { range } = planRange({ ...plain, watermark: newest - HOUR })
    expect(range).toEqual({ start: newest - WINDOW, end: newest })
    expect(planWindows(range, FEED)).toHaveLength(1)
  })

  test('an hour is read again even where the last window would end at the watermark', () => {
    const watermark = newest - 11.5 * HOUR
    expect(planRange({ ...plain, watermark }).range.start).toBeLessThanOrEqual(watermark - HOUR)
  })

  test('a watermark ahead of the clock is not waited for', () => {
    const { range } = planRange({ ...plain, watermark: now + 2 * HOUR, lookback: HOUR / 2 })
    expect(range.start).toBe(newest - HOUR / 2)
  })

  test('an explicit lookback is taken as said', () => {
    const watermark = newest - HOUR
    const { range } = planRange({
      ...plain,
      watermark,
      lookback: HOUR / 2,
      completeUntil: watermark
    })
    expect(range).toEqual({ start: watermark - HOUR / 2, end: newest })
  })

  test('a deep run begins 48 hours before all was complete, or earlier, and only such a run completes more', () => {
    const completeUntil = newest - 25 * HOUR
    const known = { ...plain, watermark: newest - HOUR, completeUntil }
    const deep = planRange({ ...known, deepStart: completeUntil - 48 * HOUR })
    expect(deep.range).toEqual({ start: completeUntil - 48 * HOUR, end: newest })
    expect(deep.completes).toBe(true)
    expect(planRange({ ...known, since: completeUntil - 48 * HOUR }).completes).toBe(true)
    expect(planRange({ ...known, since: completeUntil - 48 * HOUR + 1 }).completes).toBe(false)
    expect(planRange({ ...known, lookback: 20 * HOUR }).completes).toBe(false)
    expect(planRange(known).completes).toBe(false)
    expect(planRange(plain).completes).toBe(true)
  })

  test('--since on a later run starts at the earlier of the two and never skips', () => {
    const watermark = newest - 10 * DAY
    const late = planRange({ ...plain, watermark, since: now - DAY })
    expect(late.range.start).toBeLessThan(watermark)
    const early = planRange({ ...plain, watermark, since: now - 20 * DAY })
    expect(early.range.start).toBe(now - 20 * DAY)
  })

  test('what counts from now begins where the run before it failed', () => {
    const missing = now - 50 * HOUR
    expect(planRange({ ...plain, missing }).range.start).toBe(missing)
    const later = { ...plain, missing, watermark: newest, completeUntil: newest }
    expect(planRange({ ...later, since: now - 49 * HOUR }).range.start).toBe(missing)
    expect(planRange({ ...later, since: now - DAY }).range.start).toBe(now - DAY)
    expect(planRange(later).range.start).toBe(newest - WINDOW)
    expect(planRange({ ...plain, missing: now - HOUR }).range.start).toBe(now - 48 * HOUR)
  })

  test('--since with --until is a backfill of just that', () => {
    const since = now - 5 * DAY
    const until = now - 4 * DAY
    expect(planRange({ ...plain, watermark: newest - HOUR, since, until })).toEqual({
      range: { start: since, end: until },
      backfill: true,
      clamped: false,
      lapsedFrom: since,
      completes: false
    })
  })

  test('--until in the future ends where the service does', () => {
    expect(planRange({ ...plain, since: now - DAY, until: now + DAY }).range.end).toBe(newest)
  })

  test('what may have come late before the oldest that the service keeps is a gap', () => {
    const watermark = now - 40 * DAY
    const lateness = 48 * HOUR
    const plan = planRange({ ...plain, watermark, completeUntil: watermark, lateness })
    expect(plan.gap).toEqual({ start: watermark - lateness, end: now - historyOf(FEED) })
    expect(plan.lapsedFrom).toBe(watermark - lateness)
    expect(plan.range).toEqual({ start: now - historyOf(FEED), end: newest })
    expect(plan.completes).toBe(true)
    const completeUntil = now - 29 * DAY
    expect(planRange({ ...plain, watermark: newest, completeUntil, lateness }).gap?.end).toBe(
      now - historyOf(FEED)
    )
  })

  test('an empty range is refused with what the service has', () => {
    expect(() => planRange({ ...plain, since: now - 1_000, until: now })).toThrow(
      /nothing to ask for .* the service has/
    )
    expect(() => planRange({ ...plain, since: now - 50 * DAY, until: now - 40 * DAY })).toThrow(
      /nothing to ask for/
    )
  })

  test.each(['cdr_feed', 'cdr_stream'] as const)(
    '%s: whatever the watermark, a later run leaves nothing between it and the newest unread',
    (source) => {
      const rules = RULES[source]
      const edge = now - historyOf(rules)
      const latest = now - rules.settling
      const ages = fc.integer({ min: -2 * HOUR, max: historyOf(rules) - rules.settling })
      const durations = fc.option(fc.integer({ min: 60_000, max: 3 * DAY }), { nil: undefined })
      const lateness = 48 * HOUR
      fc.assert(
        fc.property(ages, durations, durations, fc.boolean(), (age, lookback, ago, deep) => {
          const watermark = latest - age
          const completeUntil = Math.min(watermark, latest)
          const since = ago === undefined ? undefined : now - ago
          const seenFrom = source === 'cdr_feed' ? completeUntil - lateness : completeUntil
          const deepStart = deep && source === 'cdr_feed' ? seenFrom : undefined
          const request = { source, now, watermark, completeUntil, since, lookback, deepStart, lateness }
          const { range, gap, completes } = planRange(request)
          // What came late behind the watermark may be lost with the edge.
          expect(gap).toEqual(seenFrom < edge ? { start: seenFrom, end: edge } : undefined)
          expect(completes).toBe(range.start <= Math.max(seenFrom, edge))
          expect(range.start).toBeLessThanOrEqual(watermark)
          expect(range.start).toBeGreaterThanOrEqual(edge)
          expect(range.end).toBe(latest)
          if (lookback === undefined)
            expect(watermark - range.start).toBeGreaterThanOrEqual(Math.min(rules.lookback, watermark - edge))
        })
      )
    }
  )
})

describe('cdr_stream', () => {
  const stream = { ...plain, source: 'cdr_stream' } as const
  const latest = now - STREAM.settling

  test('is asked in windows of 2 hours, up to 90 s ago', () => {
    const { range } = planRange({ ...stream, completeUntil: latest - 5 * HOUR })
    expect(range.end).toBe(latest)
    const windows = planWindows(range, STREAM)
    expect(windows).toHaveLength(3)
    for (const { start, end } of windows) expect(end - start).toBe(2 * HOUR)
  })

  test('begins with all of its 12 hours, five minutes from their edge', () => {
    const { range, completes } = planRange(stream)
    expect(range).toEqual({ start: now - 12 * HOUR + 5 * MINUTE, end: latest })
    expect(completes).toBe(true)
  })

  test('goes on half an hour before either source has brought all', () => {
    const { range, gap, completes } = planRange({ ...stream, completeUntil: latest - 1.75 * HOUR })
    expect(range).toEqual({ start: latest - 4 * HOUR + 1, end: latest })
    expect(gap).toBeUndefined()
    expect(completes).toBe(true)
  })

  test('has a gap where that was earlier than it has records', () => {
    const completeUntil = now - 20 * HOUR
    const plan = planRange({ ...stream, watermark: now - 30 * HOUR, completeUntil })
    const edge = now - 12 * HOUR + 5 * MINUTE
    expect(plan.gap).toEqual({ start: completeUntil, end: edge })
    expect(plan.range).toEqual({ start: edge, end: latest })
    expect(plan.completes).toBe(true)
  })
})
