import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, HOUR, RULES } from '../../src/coverage/rules.js'
import { filled, OVERLAP, planWindows } from '../../src/coverage/windows.js'

const FEED = RULES.cdr_feed
const ranges = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: 1, max: 31 * DAY }))
  .map(([start, length]) => ({ start, end: start + length }))

test('windows cover the range exactly, without a gap, and none is longer than 12 hours', () => {
  fc.assert(
    fc.property(ranges, (range) => {
      const windows = planWindows(range, FEED)
      expect(windows[0]?.start).toBe(range.start)
      expect(windows.at(-1)?.end).toBe(range.end)
      for (const [index, { start, end }] of windows.entries()) {
        expect(end - start).toBeGreaterThan(0)
        expect(end - start).toBeLessThanOrEqual(FEED.window)
        if (index > 0) expect(start).toBe((windows[index - 1]?.end ?? 0) - OVERLAP)
      }
    }),
    { numRuns: 1_000 }
  )
})

test('a filled range takes as many windows, each of full length', () => {
  fc.assert(
    fc.property(ranges, (range) => {
      const whole = filled(range, FEED)
      expect(whole.start).toBeLessThanOrEqual(range.start)
      expect(whole.end).toBe(range.end)
      const windows = planWindows(whole, FEED)
      expect(windows).toHaveLength(planWindows(range, FEED).length)
      for (const { start, end } of windows) expect(end - start).toBe(FEED.window)
    }),
    { numRuns: 1_000 }
  )
})

test('windows share a millisecond, as nobody knows whether the service counts the edges', () => {
  const [first, second] = planWindows({ start: 0, end: 20 * HOUR }, FEED)
  expect((first?.end ?? 0) - (second?.start ?? 0)).toBe(1)
})
