import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { SimulatorOptions } from '../../src/simulator/index.js'
import { hourRecords } from '../../src/simulator/records/hour.js'
import {
  accessToken,
  allPages,
  ask,
  fixed,
  HOUR,
  type Item,
  items,
  MINUTE,
  NOW,
  range,
  reportIds,
  start
} from './caller.js'
import { grouped } from './grouped.js'

/** The newest version of each item, as a client would keep it. */
function newest(list: readonly Item[]): Map<string, Item> {
  const byId = new Map<string, Item>()
  for (const item of list) {
    const known = byId.get(String(item['Report ID']))
    if (!known || String(known['Report time']) <= String(item['Report time'])) {
      byId.set(String(item['Report ID']), item)
    }
  }
  return byId
}

describe('pages', () => {
  it.each<SimulatorOptions>([{}, { linkForm: 'rfc8288' }])(
    'cover the truth, and overlap: %o',
    async (options) => {
      const simulator = await start({ recordsPerHour: 120, maxPageSize: 100, ...options })
      const token = await accessToken(simulator)
      const from = NOW - 5 * MINUTE - 12 * HOUR
      const pages = await allPages(simulator, token, range(from))
      expect(pages.length).toBeGreaterThan(8)
      expect(newest(pages.flat())).toEqual(simulator.truth(from, from + 12 * HOUR))
      pages.slice(1).forEach((page, i) => {
        const before = reportIds(pages[i] as Item[])
        expect(reportIds(page).filter((id) => before.includes(id))).not.toEqual([])
      })
    }
  )

  it('bring both versions of a record, repeats, and empty Call IDs of one moment', async () => {
    const simulator = await start({ recordsPerHour: 600 })
    const from = NOW - 60 * HOUR
    const [page] = await allPages(simulator, await accessToken(simulator), range(from, from + 6 * HOUR))
    const byId = grouped(page as Item[], (item) => item['Report ID'])
    const versions = byId.map((list) => new Set(list.map((item) => item['Report time'])).size)
    expect(versions.filter((count) => count === 2).length).toBeGreaterThan(3)
    expect(byId.filter((list) => list.length > 1).length).toBeGreaterThan(
      versions.filter((n) => n === 2).length
    )
    const empty = (page as Item[]).filter((item) => item['Call ID'] === '').map((item) => item['Start time'])
    expect(new Set(empty).size).toBeLessThan(empty.length)
  })

  it('drop the older version, half of the time, once the newer one is there', async () => {
    let now = NOW
    const simulator = await start({ recordsPerHour: 600, now: () => now })
    const token = await accessToken(simulator)
    const window = range(NOW - 7 * HOUR, NOW - HOUR)
    const before = (await allPages(simulator, token, window)).flat()
    now += 40 * HOUR
    const after = (await allPages(simulator, token, window)).flat()
    const latest = newest(after)
    const changed = before.filter((item) => !isDeepStrictEqual(latest.get(String(item['Report ID'])), item))
    const texts = new Set(after.map((item) => JSON.stringify(item)))
    const kept = changed.filter((item) => texts.has(JSON.stringify(item)))
    expect(kept.length).toBeGreaterThan(3)
    expect(changed.length - kept.length).toBeGreaterThan(3)
  })

  it('belong to the window asked for, not to the one before', async () => {
    const simulator = await start({ records: [fixed(1, NOW - 3 * HOUR), fixed(2, NOW - HOUR)] })
    const token = await accessToken(simulator)
    const sizes: number[] = []
    for (const [from, to] of [
      [4, 2],
      [4, 0.5],
      [2, 0.5],
      [4, 2]
    ] as const) {
      const pages = await allPages(simulator, token, range(NOW - from * HOUR, NOW - to * HOUR))
      sizes.push(pages.flat().length)
    }
    expect(sizes).toEqual([1, 2, 1, 1])
  })

  it('are sorted by the filter time and bounded by it: start included, end excluded', async () => {
    const at = NOW - 2 * HOUR
    const records = [fixed(3, at + HOUR), fixed(2, at + HOUR - 1), fixed(1, at), fixed(0, at - 1)]
    const simulator = await start({ records })
    const pages = await allPages(simulator, await accessToken(simulator), range(at, at + HOUR))
    expect(pages).toEqual([[records[2], records[1]]])
    expect([...simulator.truth(at, at + HOUR).values()]).toEqual(pages[0])
  })

  it('filter on Report time when told so', async () => {
    const record = { ...fixed(1, NOW - 20 * HOUR), 'Report time': new Date(NOW - HOUR).toISOString() }
    const byStart = await start({ records: [record] })
    expect(await allPages(byStart, await accessToken(byStart), range())).toEqual([])
    const byReport = await start({ records: [record], filterBy: 'report' })
    expect(await allPages(byReport, await accessToken(byReport), range())).toEqual([[record]])
  })

  it.each(['start', 'report'] as const)(
    'hold everything generated that falls into the window, by %s',
    async (by) => {
      const simulator = await start({ filterBy: by, recordsPerHour: 100 })
      const hours = Array.from({ length: 80 }, (_, i) => hourRecords(1, NOW / HOUR - 80 + i, 100)).flat()
      const visible = hours.filter(({ visibleAt, hiddenFrom }) => visibleAt <= NOW && NOW < hiddenFrom)
      const to = visible.filter((delivery) => delivery[by] < NOW - 12 * HOUR).at(-1)?.[by] as number
      const from = to - 12 * HOUR
      const expected = visible.filter((delivery) => from <= delivery[by] && delivery[by] < to)
      const pages = await allPages(simulator, await accessToken(simulator), range(from, to))
      const field = by === 'start' ? 'Start time' : 'Report time'
      const times = pages.flat().map((item) => String(item[field]))
      expect(times).toEqual(times.toSorted())
      expect(reportIds(pages.flat()).toSorted()).toEqual(
        reportIds(expected.map(({ item }) => item)).toSorted()
      )
    }
  )

  it('go on although more rows than fit on a page share a millisecond', async () => {
    const at = NOW - 2 * HOUR
    const crowd = Array.from({ length: 7 }, (_, i) => fixed(10 + i, at + 5))
    for (const records of [
      [fixed(1, at), fixed(2, at + 1), ...crowd, fixed(90, at + 9), fixed(91, at + 9)],
      crowd,
      [...crowd, fixed(90, at + 9)]
    ]) {
      const simulator = await start({ records, minPageSize: 3 })
      const pages = await allPages(simulator, await accessToken(simulator), {
        ...range(at, at + HOUR),
        max: '3'
      })
      expect(pages.length).toBeLessThan(8)
      expect(new Set(reportIds(pages.flat()))).toEqual(new Set(reportIds(records)))
    }
  })

  it('serve an item without a time once a window, and leave it out of the truth', async () => {
    const at = NOW - 2 * HOUR
    const dated = Array.from({ length: 6 }, (_, i) => fixed(i, at + i))
    for (const value of [undefined, '', 'yesterday', null, 5]) {
      const undated = { ...fixed(99, at), 'Start time': value }
      const simulator = await start({ records: [...dated, undated], minPageSize: 2 })
      const pages = await allPages(simulator, await accessToken(simulator), {
        ...range(at, at + HOUR),
        max: '2'
      })
      expect(reportIds(pages.flat()).filter((id) => id.endsWith('99'))).toHaveLength(1)
      expect(new Set(reportIds(pages.flat())).size).toBe(7)
      expect(simulator.truth().size).toBe(6)
    }
  })

  it('have 500 to 5,000 rows, whatever max says', async () => {
    const records = Array.from({ length: 6_000 }, (_, i) => fixed(i, NOW - 3 * HOUR + i))
    const simulator = await start({ records })
    const token = await accessToken(simulator)
    const sizeOf = async (max: Record<string, string>) =>
      (await items(await ask(simulator, token, { ...range(), ...max }))).length
    expect(await sizeOf({})).toBe(5_000)
    expect(await sizeOf({ max: '10' })).toBe(500)
    expect(await sizeOf({ max: '800' })).toBe(800)
    expect(await sizeOf({ max: '9999' })).toBe(5_000)
  })

  it('have fewer where a test wants more of them', async () => {
    const records = Array.from({ length: 20 }, (_, i) => fixed(i, NOW - 3 * HOUR + i))
    const simulator = await start({ records, maxPageSize: 8 })
    const token = await accessToken(simulator)
    for (const asked of [range(), { ...range(), max: '500' }]) {
      const pages = await allPages(simulator, token, asked)
      expect(pages[0]).toHaveLength(8)
      expect(new Set(reportIds(pages.flat()))).toEqual(new Set(reportIds(records)))
    }
  })
})
