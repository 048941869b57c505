import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  asking,
  type Coverage,
  completeUntil,
  latestRead,
  NOTHING_COVERED,
  settle,
  uncovered,
  unread,
  unsettled,
  without,
  withRead
} from '../../src/coverage/coverage.js'
import { type Range, union } from '../../src/coverage/intervals.js'
import { amount } from '../support/long.js'

/** Every function of the coverage against counting cells: Start times by times of storage. */

const SIZE = 40
const CELLS = Array.from({ length: SIZE }, (_, index) => index)

const range = fc
  .tuple(fc.nat(SIZE - 1), fc.nat(SIZE))
  .map(([a, b]): Range => ({ start: Math.min(a, b), end: Math.max(a, b) }))
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('asked' as const), range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('open' as const), range }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('cdr_feed' as const),
      range,
      after: fc.integer({ min: 0, max: 20 })
    })
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cdr_stream' as const), range }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('accepted' as const), range }) }
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The same in the plainest way: what of each Start time and time of storage is known. */
class Grid {
  private readonly asked = new Set<number>()
  private readonly read = new Map<number, number>()
  private readonly stream = new Set<number>()
  private readonly accepted = new Set<number>()

  take(step: Step): void {
    for (const cell of cellsOf(step.range)) {
      if (step.kind === 'asked') this.asked.add(cell)
      if (step.kind === 'cdr_feed') this.read.set(cell, step.range.end + step.after)
      if (step.kind === 'cdr_stream') this.stream.add(cell)
      if (step.kind === 'accepted') this.accepted.add(cell)
    }
    if (step.kind === 'open') for (const cell of CELLS) if (cell >= step.range.start) this.asked.add(cell)
  }

  unread(until: number): number[] {
    return this.open(until).filter((s) => !this.read.has(s) && !this.stream.has(s))
  }

  unsettled(lateness: number, until: number): number[] {
    return this.open(until).filter((s) => this.holes(s, lateness, until).length > 0)
  }

  uncovered(lateness: number, until: number): number[] {
    const holes = this.open(until).flatMap((s) => this.holes(s, lateness, until))
    return [...new Set(holes)].sort((a, b) => a - b)
  }

  get isAsked(): boolean {
    return this.asked.size > 0
  }

  private open(until: number): number[] {
    return CELLS.filter((s) => s < until && this.asked.has(s) && !this.accepted.has(s))
  }

  private holes(s: number, lateness: number, until: number): number[] {
    const times = Array.from({ length: lateness + 1 }, (_, index) => s + index)
    return times.filter((w) => w < until && w >= (this.read.get(s) ?? 0) && !this.stream.has(w))
  }
}

function taken(coverage: Coverage, step: Step): Coverage {
  const { start, end } = step.range
  if (step.kind === 'asked') return asking(coverage, step.range)
  if (step.kind === 'open') return asking(coverage, { start, end: Number.POSITIVE_INFINITY })
  if (step.kind === 'accepted') return without(coverage, [step.range])
  const read = step.kind === 'cdr_feed' ? end + step.after : end
  return withRead(coverage, step.kind, { start, end, read })
}

const history = fc.array(step, { minLength: 1, maxLength: 12 })
const lateness = fc.integer({ min: 0, max: 12 })
const moment = fc.integer({ min: 1, max: SIZE })

test('unread, unsettled, uncovered and completeUntil are what counting cells says, in random histories', () => {
  fc.assert(
    fc.property(history, lateness, moment, (steps, lateness, until) => {
      const grid = new Grid()
      let coverage = NOTHING_COVERED
      for (const step of steps) {
        grid.take(step)
        coverage = taken(coverage, step)
      }
      expect(cellsOf(...unread(coverage, until))).toEqual(grid.unread(until))
      expect(cellsOf(...unsettled(coverage, lateness, until))).toEqual(grid.unsettled(lateness, until))
      const missing = grid.uncovered(lateness, until)
      expect(cellsOf(...uncovered(coverage, lateness, until))).toEqual(missing)
      expect(completeUntil(coverage, lateness, until)).toBe(grid.isAsked ? (missing[0] ?? until) : undefined)
    }),
    { numRuns: amount('HISTORIES', 3_000, 10_000) }
  )
}, 120_000)

test('what is settled is missing neither then nor under a greater lateness, and everything newer is as it was', () => {
  fc.assert(
    fc.property(history, lateness, moment, (steps, lateness, until) => {
      const coverage = steps.reduce(taken, NOTHING_COVERED)
      const complete = completeUntil(coverage, lateness, until)
      if (complete === undefined) return
      const moment = complete - lateness
      const settled = settle(coverage, [], moment)
      const newer = (ranges: Range[]) => cellsOf(...ranges).filter((cell) => cell >= moment)
      for (const more of [lateness, lateness + 5]) {
        expect(cellsOf(...unsettled(settled, more, until))).toEqual(newer(unsettled(coverage, more, until)))
        expect(cellsOf(...unread(settled, until))).toEqual(newer(unread(coverage, until)))
      }
    }),
    { numRuns: amount('HISTORIES', 600, 2_000) }
  )
})

test('reads of cdr_feed do not overlap, and touch only where they were made at different times', () => {
  fc.assert(
    fc.property(history, (steps) => {
      const { feed, stream } = steps.reduce(taken, NOTHING_COVERED)
      for (const [index, row] of feed.entries()) {
        const next = feed[index + 1]
        expect(row.start).toBeLessThan(row.end)
        if (next)
          expect(row.end < next.start || (row.end === next.start && row.read !== next.read)).toBe(true)
      }
      expect(stream).toEqual(union(stream))
    })
  )
})

test('the latest range read without a hole begins behind the last hole', () => {
  expect(latestRead(NOTHING_COVERED)).toBeUndefined()
  const one = withRead(NOTHING_COVERED, 'cdr_feed', { start: 0, end: 10, read: 10 })
  const two = withRead(one, 'cdr_stream', { start: 10, end: 20, read: 20 })
  expect(latestRead(two)?.start).toBe(0)
  expect(latestRead(withRead(two, 'cdr_stream', { start: 21, end: 30, read: 30 }))?.start).toBe(21)
})

function cellsOf(...ranges: Range[]): number[] {
  return CELLS.filter((cell) => ranges.some(({ start, end }) => cell >= start && cell < end))
}
