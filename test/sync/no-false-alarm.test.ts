import { DataSource } from 'typeorm'
import { describe, expect, test, vi } from 'vitest'
import { killedAfter } from '../support/killed.js'
import { DAY, HOUR, setUp, sqlTime } from '../support/sync.js'

/** Each of these was once told of, though nothing was lost. */

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const NONE = { kind: 'none' } as const
const EMPTY = { kind: 'withoutItems' } as const
const DOWN = { kind: 'status', status: 400 } as const
/** Two windows, and the newest. */
const OUT = [DOWN, DOWN, DOWN]

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
    const { run, all, clock } = await setUp({ records: [] })
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
    const { run, clock, all } = await setUp({ records: [] })
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
    const { run, start, clock, sim, all, lines } = await setUp({ records: [] })
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

test('what came late to a backfill, and is out of reach, does not hold back what is complete', async () => {
  const { run, clock, all } = await setUp({ records: [] })
  await run({ since: clock.now - 3 * DAY, until: clock.now - DAY })
  clock.now += 30 * DAY
  for (let day = 0; day < 3; day += 1) {
    await run()
    clock.now += DAY
  }
  await run()
  const [newest] = all('SELECT complete_until_utc FROM cdr_sync_state ORDER BY id DESC LIMIT 1')
  expect(all(OPEN)).toEqual([])
  expect(Date.parse(`${newest?.complete_until_utc}Z`)).toBeGreaterThan(clock.now - HOUR)
})
