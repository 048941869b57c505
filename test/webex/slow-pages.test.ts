import { expect, onTestFinished, test } from 'vitest'
import { type Fault, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js'
import { pagesOf, testClient } from '../support/client.js'
import { HOUR, SETTLING, setUp } from '../support/sync.js'

const NOW = Date.UTC(2026, 10, 23, 16)
const end = NOW - SETTLING
const window = { start: end - 12 * HOUR, end }
const none: Fault = { kind: 'none' }
const slow: Fault = { kind: 'status', status: 504 }
const SLOW = [slow, slow, slow]

/** A sync of one window of some 1,900 records, in pages of `maxPerPage`. */
async function bench(maxPerPage: number, options: Pick<SimulatorOptions, 'slowAbove'> = {}) {
  const made = await setUp({ recordsPerHour: 160, ...options })
  made.settings.webex.maxPerPage = maxPerPage
  const { start } = window
  return {
    ...made,
    sync: () => made.run({ since: start, until: end }),
    missing: () => made.lost(start, end),
    asked: () =>
      made.sim.requests
        .filter(({ path }) => path === '/v1/cdr_feed')
        .map(({ query, status }) => [Number(query.max), query.startTimeForNextFetch !== undefined, status]),
    told: () => made.lines.filter((line) => line.includes('timed out'))
  }
}

test('a service that takes too long is asked for half as many records, told once, for that window only', async () => {
  const { sync, missing, asked, told, run } = await bench(5_000, { slowAbove: 700 })
  expect(await sync()).toMatchObject({ status: 'succeeded', incomplete: 0, notes: 'backfill' })
  expect(missing()).toEqual([])
  expect(asked()).toEqual([
    ...Array(3).fill([5_000, false, 504]),
    ...Array(3).fill([2_500, false, 504]),
    ...Array(3).fill([1_250, false, 504]),
    [625, false, 200],
    ...Array(asked().length - 10).fill([625, true, 200])
  ])
  expect(asked().length).toBeGreaterThan(11)
  expect(told()).toHaveLength(1)
  expect(told()[0]).toMatch(/cdr_feed.*504.*5000 records a page/)
  await run({ since: window.start - 2 * HOUR, until: window.start })
  expect(asked().filter(([max]) => max === 5_000)).toHaveLength(6)
})

test('in the middle of a window too: it is read again from its start, and each record stored once', async () => {
  const { sim, sync, missing, asked, all, told } = await bench(1_200)
  sim.failNext(none, ...SLOW)
  expect(await sync()).toMatchObject({ incomplete: 0, notes: 'backfill' })
  expect(missing()).toEqual([])
  expect(asked().slice(0, 5)).toEqual([
    [1_200, false, 200],
    ...Array(3).fill([1_200, true, 504]),
    [600, false, 200]
  ])
  const [counts] = all('SELECT COUNT(*) AS n, COUNT(DISTINCT report_id) AS ids FROM cdr_records')
  expect(counts?.n).toBe(counts?.ids)
  expect(all('SELECT records_inserted AS n FROM cdr_sync_state')).toEqual([{ n: counts?.n }])
  expect(told()).toHaveLength(1)
})

test('what came before it began again does not make up for what is missing afterwards', async () => {
  const { sim, sync } = await bench(1_200)
  sim.failNext(none, ...SLOW, none, none, { kind: 'body', body: '{"items":[]}' })
  const { incomplete, notes } = await sync()
  expect(incomplete).toBe(1)
  expect(notes).toMatch(/\d{4} records were announced, \d{4} came$/)
})

test('with the smallest pages it fails, and the next run makes it good', async () => {
  const { sim, start, run, missing, asked, all } = await bench(700)
  sim.failNext(...SLOW, ...SLOW)
  const request = { since: window.start }
  await expect(start(request)).rejects.toThrow(/answered 504.*, after 3 attempts; the next run tries again/)
  expect(asked()).toEqual([...Array(3).fill([700, false, 504]), ...Array(3).fill([500, false, 504])])
  expect(all('SELECT recovered FROM cdr_sync_errors')).toEqual([{ recovered: 0 }])
  await run(request)
  expect(missing()).toEqual([])
  expect(all('SELECT recovered FROM cdr_sync_errors')).toEqual([{ recovered: 1 }])
})

test('a smaller page than the service has is not asked for, and other errors ask for no less', async () => {
  const small = await bench(500)
  small.sim.failNext(...SLOW)
  await expect(small.sync()).rejects.toThrow(/504/)
  const other = await bench(5_000)
  other.sim.failNext(...Array(3).fill({ kind: 'status', status: 502 }))
  await expect(other.sync()).rejects.toThrow(/502/)
  for (const { asked } of [small, other]) expect(asked()).toHaveLength(3)
})

test('the window that begins again waits its turn', async () => {
  const present = NOW
  const clock: { now: () => number } = { now: () => present }
  const sim = await startSimulator({ recordsPerHour: 300, now: () => clock.now() })
  onTestFinished(() => sim.close())
  const client = testClient(sim.url, { maxPerPage: 2_000, requestsPerMinute: 1, present })
  clock.now = client.now
  sim.failNext(none, ...SLOW)
  await pagesOf(client.feed, window)
  expect(client.sleeps.filter((ms) => ms > 50_000)).toHaveLength(1)
})
