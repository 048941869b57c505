import { expect, test } from 'vitest'
import { live } from '../support/live.js'
import { HOUR, setUp } from '../support/sync.js'

const MINUTE = 60_000
const LATE = 'SELECT records_late, latest_seconds FROM cdr_sync_state ORDER BY id DESC LIMIT 1'

/** A record whose call began then. */
function began(id: number, moment: number): Record<string, unknown> {
  const time = new Date(moment).toISOString()
  return {
    ...live,
    'Report ID': `00000000-0000-3000-8000-${String(id).padStart(12, '0')}`,
    'Start time': time
  }
}

const deliver = (...items: unknown[]) => ({ kind: 'body' as const, body: JSON.stringify({ items }) })
const hoursOf = ({ range }: { range: { start: string; end: string } }) =>
  Math.round((Date.parse(range.end) - Date.parse(range.start)) / HOUR)

test('a run tells how many records came late and how late, and a first run that none did', async () => {
  const { run, all, clock, sim } = await setUp({ records: [] })
  const { watermark } = await run()
  expect(all(LATE)).toEqual([{ records_late: null, latest_seconds: null }])
  const reached = Date.parse(watermark ?? '')
  clock.now += HOUR
  sim.failNext(
    deliver(began(1, reached - 30 * MINUTE), began(2, reached - 3 * HOUR), began(3, reached + MINUTE))
  )
  await run()
  expect(all(LATE)).toEqual([{ records_late: 2, latest_seconds: 3 * 3_600 }])
  sim.failNext(deliver(began(2, reached - 3 * HOUR)))
  await run()
  expect(all(LATE)).toEqual([{ records_late: 0, latest_seconds: 0 }])
})

test('what lies before all that was ever read is not late', async () => {
  const { run, all, clock, sim } = await setUp({ records: [] })
  await run()
  const first = clock.now - 48 * HOUR
  clock.now += 25 * HOUR
  sim.failNext(deliver(began(1, first - MINUTE)))
  await run()
  expect(all(LATE)).toEqual([{ records_late: 0, latest_seconds: 0 }])
})

test('the daily run looks back twice as far as the latest record of 14 days, for 14 days', async () => {
  const { run, clock, sim } = await setUp({ records: [] })
  await run({ since: clock.now - 20 * 24 * HOUR })
  clock.now += 25 * HOUR
  expect(hoursOf(await run())).toBe(48 + 25)
  clock.now += 25 * HOUR
  const reached = clock.now - 25 * HOUR - 330_000
  sim.failNext(deliver(began(1, reached - 40 * HOUR)))
  const found = await run()
  expect(found.notes).toBe(
    'a record came 40 h behind the watermark: the daily run looks back 80 h for the next 14 days'
  )
  // What was found today is reason enough to look again today, as far back as nothing was looked for so late.
  clock.now += HOUR
  const { start } = (await run()).range
  expect(Date.parse(start)).toBeLessThanOrEqual(reached - 80 * HOUR)
  clock.now += HOUR
  expect(hoursOf(await run())).toBe(12)
  clock.now += 25 * HOUR
  expect(hoursOf(await run())).toBe(80 + 26)
  clock.now += 15 * 24 * HOUR
  await run()
  clock.now += 25 * HOUR
  expect(hoursOf(await run())).toBe(48 + 25)
})

test('what a run found before it failed is late for the next one too', async () => {
  const { run, all, clock, sim } = await setUp({ records: [] })
  const { watermark } = await run({ since: clock.now - 10 * 24 * HOUR })
  clock.now += 25 * HOUR
  sim.failNext(deliver(began(1, Date.parse(watermark ?? '') - 40 * HOUR)), { kind: 'status', status: 403 })
  await expect(run()).rejects.toThrow(/spark-admin:calling_cdr_read/)
  expect(all(LATE)).toEqual([{ records_late: 1, latest_seconds: 40 * 3_600 }])
  clock.now += HOUR
  expect(hoursOf(await run())).toBe(80 + 26)
})

test('it looks back 7 days at most, and says where that is not enough', async () => {
  const { run, clock, sim } = await setUp({ records: [] })
  await run({ since: clock.now - 20 * 24 * HOUR })
  clock.now += HOUR
  sim.failNext(deliver(began(1, clock.now - 5 * 24 * HOUR)))
  expect((await run({ lookback: 6 * 24 * HOUR })).notes).toMatch(
    /^a record came \d+ h behind the watermark, and the daily run looks back 168 h at most/
  )
  clock.now += 25 * HOUR
  expect(hoursOf(await run())).toBe(7 * 24 + 26)
})
