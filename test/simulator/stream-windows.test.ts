import { describe, expect, it } from 'vitest'
import type { SimulatorOptions } from '../../src/simulator/index.js'
import type { Delivery } from '../../src/simulator/records/delivery.js'
import { hourRecords } from '../../src/simulator/records/hour.js'
import {
  type Api,
  accessToken,
  allPages,
  ask,
  fixed,
  HOUR,
  type Item,
  items,
  MINUTE,
  NOW,
  nextUrl,
  type Query,
  range,
  reportIds,
  start
} from './caller.js'

const LATEST_END = NOW - MINUTE

/** The windows that cover all that cdr_stream has at NOW. */
const windows = [12, 10, 8, 6, 4, 2].map((hours) => {
  const from = NOW - hours * HOUR
  return { from, to: Math.min(from + 2 * HOUR, LATEST_END) }
})

/** Enough for several pages a window. */
const BUSY: SimulatorOptions = { seed: 1, recordsPerHour: 400 }
const deliveries = Array.from({ length: 60 }, (_, i) => hourRecords(1, NOW / HOUR - 60 + i, 400))
  .flat()
  .sort((a, b) => a.stored - b.stored)

function storedIn(from: number, to: number): Delivery[] {
  return deliveries.filter(({ stored }) => from <= stored && stored < to)
}

/** A simulator with a token, and what its APIs serve in a window. */
async function served(options: SimulatorOptions = {}) {
  const simulator = await start(options)
  const token = await accessToken(simulator)
  const rows = async (api: Api, from: number, to: number) =>
    (await allPages(simulator, token, range(from, to), api)).flat()
  return { simulator, token, rows }
}

describe('the windows of cdr_stream', () => {
  it('bring each delivery of 12 h exactly once, in the order of storage', async () => {
    const { rows } = await served(BUSY)
    const all: Item[] = []
    for (const { from, to } of windows) all.push(...(await rows('cdr_stream', from, to)))
    expect(all).toEqual(storedIn(NOW - 12 * HOUR, LATEST_END).map(({ item }) => item))
  })

  it('bring the same in small pages, which repeat the last millisecond of the one before', async () => {
    const { simulator, token } = await served(BUSY)
    for (const { from, to } of windows) {
      const all: Item[] = []
      let next: Query | string | undefined = { ...range(from, to), max: '500' }
      while (next !== undefined) {
        const response = await ask(simulator, token, next, 'cdr_stream')
        all.push(...(await items(response)))
        next = nextUrl(response)
        if (next === undefined) break
        const cursor = Date.parse(new URL(next).searchParams.get('startTimeForNextFetch') as string)
        const repeated = storedIn(cursor, cursor + 1).length
        expect(repeated).toBeGreaterThan(0)
        all.splice(all.length - repeated)
      }
      expect(all).toEqual(storedIn(from, to).map(({ item }) => item))
    }
  })

  it.each([
    ['long calls', ({ start, report }: Delivery) => report - start > 10 * HOUR],
    ['late records', ({ report, stored }: Delivery) => stored - report > 5 * HOUR]
  ])('hold %s where they were stored, and cdr_feed where they started', async (_case, matches) => {
    const { rows } = await served(BUSY)
    const found = storedIn(NOW - 12 * HOUR, LATEST_END).filter(matches)
    expect(found.length).toBeGreaterThan(1)
    for (const { from, to } of windows) {
      const ids = reportIds(await rows('cdr_stream', from, to))
      const here = found.filter(({ item }) => ids.includes(String(item['Report ID'])))
      expect(here).toEqual(found.filter(({ stored }) => from <= stored && stored < to))
    }
    for (const { item, start } of found) {
      expect(reportIds(await rows('cdr_feed', start, start + 1))).toContain(item['Report ID'])
      expect(reportIds(await rows('cdr_feed', start + 1, start + MINUTE))).not.toContain(item['Report ID'])
    }
  })

  it('never change, though versions are replaced in cdr_feed', async () => {
    let now = NOW
    const { rows } = await served({ ...BUSY, now: () => now })
    const [from, to] = [NOW - 3 * HOUR, NOW - HOUR]
    const before = await rows('cdr_stream', from, to)
    now += 8 * HOUR
    expect(await rows('cdr_stream', from, to)).toEqual(before)
    const replaced = storedIn(from, to).filter(
      ({ hiddenFrom }) => NOW < hiddenFrom && hiddenFrom < now - MINUTE
    )
    expect(replaced.length).toBeGreaterThan(1)
    for (const { item, start, hiddenFrom } of replaced) {
      expect(before).toContainEqual(item)
      expect(await rows('cdr_feed', start, start + 1)).not.toContainEqual(item)
      const newer = await rows('cdr_stream', hiddenFrom, hiddenFrom + 1)
      expect(reportIds(newer)).toContain(item['Report ID'])
    }
  })

  it('hold given records at their Report time, or else Release time, and undated ones always', async () => {
    const at = (hours: number) => new Date(NOW - hours * HOUR).toISOString()
    const reported = { ...fixed(1, NOW - 90 * HOUR), 'Report time': at(5), 'Release time': at(9) }
    const released = { ...fixed(2, NOW - 90 * HOUR), 'Report time': '', 'Release time': at(9) }
    const undated = { ...fixed(3, NOW - 5 * HOUR), 'Report time': '' }
    const { rows } = await served({ records: [released, reported, undated] })
    expect(await rows('cdr_stream', NOW - 6 * HOUR, NOW - 5 * HOUR)).toEqual([undated])
    expect(await rows('cdr_stream', NOW - 5 * HOUR, NOW - 4 * HOUR)).toEqual([reported, undated])
    expect(await rows('cdr_stream', NOW - 10 * HOUR, NOW - 8 * HOUR)).toEqual([undated, released])
  })
})
