import { describe, expect, test } from 'vitest'
import { DAY, HOUR, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const NONE = { kind: 'none' } as const
const EMPTY = { kind: 'withoutItems' } as const

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
