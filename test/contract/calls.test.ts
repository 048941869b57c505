import { expect, test } from 'vitest'
import type { CdrRecord } from '../../src/entities/index.js'
import { Draw } from '../../src/simulator/records/draw.js'
import { hourRecords } from '../../src/simulator/records/hour.js'
import { callsByRecords, callsOf, type PlainCall, storePages } from '../support/calls.js'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { item } from '../support/live.js'

useDatabase()

const HOUR = 3_600_000
/** 2026-09-24T08:00Z. */
const BEGIN = Date.parse('2026-09-24T08:00:00.000Z')

/** Deliveries of a few hours as they come: in any order, in pages of any size, some twice. */
function delivered(seed: number, perHour: number): object[][] {
  const draw = new Draw(`pages ${seed}`)
  const hours = [0, 1, 2].flatMap((hour) => hourRecords(seed, BEGIN / HOUR + hour, perHour))
  const items = [...hours, ...hours.filter(() => draw.chance(0.1))].map(({ item }) => item)
  const shuffled = items
    .map((one) => ({ one, place: draw.fraction() }))
    .sort((a, b) => a.place - b.place)
    .map(({ one }) => one)
  const pages: object[][] = []
  for (let at = 0; at < shuffled.length; ) {
    const size = draw.whole(1, 80)
    pages.push(shuffled.slice(at, at + size))
    at += size
  }
  return pages
}

async function rebuild({ dataSource }: ContractBench, all: boolean): Promise<number> {
  const { rebuildCalls } = await import('../../src/store/rebuild-calls.js')
  const progress = { begins: () => {}, looked: () => {} }
  const log = { warn: () => {} } as never
  return rebuildCalls(all, { dataSource, log, sleep: async () => {}, progress })
}

/** A leg of a call from outside to somebody. */
function leg(id: number, changes: object = {}): Record<string, unknown> {
  return item(id, {
    'Correlation ID': '11111111-1111-4111-8111-111111111111',
    'Interaction ID': '',
    'Transfer related call ID': '',
    'Local call ID': `${id}00:0`,
    'Remote call ID': '',
    'Network call ID': `BW${id}@192.0.2.1`,
    'Org UUID': 'aaaaaaaa-0000-4000-8000-000000000001',
    ...changes
  })
}

const OTHER = { 'Correlation ID': '22222222-2222-4222-8222-222222222222' }

async function journeys(bench: ContractBench): Promise<number[][]> {
  const byJourney = new Map<string | null, number[]>()
  for (const { journeyId, reportId } of (await bench.records()) as CdrRecord[]) {
    const ids = byJourney.get(journeyId) ?? []
    byJourney.set(journeyId, [...ids, Number(reportId.slice(-1))].sort())
  }
  return [...byJourney.values()].sort()
}

contract('calls', () => {
  test.each([1, 2])('are the same in whatever order, late or twice their legs come (%i)', async (seed) => {
    const bench = await setUp()
    const pages = delivered(seed, 150)
    await storePages(bench.dataSource, pages)
    const calls = await callsOf(bench.dataSource)
    expect(calls.length).toBeGreaterThan(100)
    expect(calls).toEqual(await callsByRecords(bench.dataSource))
    expect((await bench.records()).every(({ journeyId }) => journeyId)).toBe(true)
  })

  test('rebuilt from scratch are the same', async () => {
    const bench = await setUp()
    await storePages(bench.dataSource, delivered(3, 100))
    const calls = await callsOf(bench.dataSource)
    expect(await rebuild(bench, false)).toBe(0)
    expect(await rebuild(bench, true)).toBeGreaterThan(200)
    expect(await callsOf(bench.dataSource)).toEqual(calls)
    await bench.dataSource.query(
      `UPDATE ${bench.dataSource.options.type === 'mssql' ? 'dbo.' : ''}cdr_records SET journey_id = NULL`
    )
    expect(await rebuild(bench, false)).toBeGreaterThan(200)
    expect(await callsOf(bench.dataSource)).toEqual(calls)
  })

  test('rebuilt lose those whose records somebody has deleted', async () => {
    const bench = await setUp()
    await storePages(bench.dataSource, [[leg(1), leg(2, OTHER)]])
    const records = bench.dataSource.options.type === 'mssql' ? 'dbo.cdr_records' : 'cdr_records'
    await bench.execute(`DELETE FROM ${records} WHERE correlation_id LIKE '2%'`)
    await rebuild(bench, true)
    expect(await callsOf(bench.dataSource)).toHaveLength(1)
  })

  test('become one when a leg comes that joins them, and two when it no longer does', async () => {
    const bench = await setUp()
    const joint = { 'Interaction ID': '33333333-3333-4333-8333-333333333333' }
    await storePages(bench.dataSource, [[leg(1)], [leg(2, { ...OTHER, ...joint })]])
    expect(await journeys(bench)).toEqual([[1], [2]])
    await storePages(bench.dataSource, [[leg(3, joint)]])
    expect(await journeys(bench)).toEqual([[1, 2, 3]])
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
    await storePages(bench.dataSource, [
      [leg(3, { 'Interaction ID': '', 'Report time': '2026-09-24T09:30:00.000Z' })]
    ])
    expect(await journeys(bench)).toEqual([[1, 3], [2]])
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
  })

  test.each([1, 2])('become two when leg %i of two no longer says what joined them', async (changed) => {
    const bench = await setUp()
    const joint = { 'Interaction ID': '33333333-3333-4333-8333-333333333333' }
    const legs = [leg(1, joint), leg(2, { ...OTHER, ...joint })]
    await storePages(bench.dataSource, [legs])
    expect(await journeys(bench)).toEqual([[1, 2]])
    const apart = { 'Interaction ID': '', 'Report time': '2026-09-24T09:30:00.000Z' }
    await storePages(bench.dataSource, [[{ ...legs[changed - 1], ...apart }]])
    expect(await journeys(bench)).toEqual([[1], [2]])
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
  })

  test('are joined by a transfer of the same day and organisation, whichever leg comes first', async () => {
    const from = { ...OTHER, 'Transfer related call ID': '100:0' }
    for (const pages of [[[leg(1)], [leg(2, from)]], [[leg(2, from)], [leg(1)]], [[leg(2, from), leg(1)]]]) {
      const bench = await setUp()
      await storePages(bench.dataSource, pages)
      expect(await journeys(bench)).toEqual([[1, 2]])
      expect(await callsOf(bench.dataSource)).toHaveLength(1)
    }
    const bench = await setUp()
    await storePages(bench.dataSource, [
      [leg(1)],
      [
        leg(2, { ...from, 'Org UUID': 'bbbbbbbb-0000-4000-8000-000000000002' }),
        leg(3, { ...from, 'Correlation ID': '', 'Start time': '2026-09-22T07:00:00.000Z' })
      ]
    ])
    expect(await journeys(bench)).toEqual([[1], [2], [3]])
  })

  test('are not joined by words for nothing, nor by a Correlation ID of another day', async () => {
    const bench = await setUp()
    const nothing = { 'Correlation ID': 'NA', 'Local call ID': 'NA', 'Transfer related call ID': 'NA' }
    await storePages(bench.dataSource, [
      [
        leg(1, nothing),
        leg(2, nothing),
        leg(3, { 'Start time': '2026-09-10T07:49:10.000Z' }),
        leg(4),
        leg(5, { 'Start time': '2026-09-26T07:49:10.000Z' }),
        leg(6, { 'Org UUID': 'bbbbbbbb-0000-4000-8000-000000000002' })
      ]
    ])
    expect(await journeys(bench)).toEqual([[1], [2], [3], [4, 5], [6]])
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
  })

  test('that are masked stay as they are, when all calls are made anew, too', async () => {
    const bench = await setUp()
    await storePages(bench.dataSource, [hourRecords(4, BEGIN / HOUR, 150).map(({ item }) => item)])
    const { retain } = await import('../../src/retention/retain.js')
    const progress = { begins: () => {}, looked: () => {} }
    const log = { warn: () => {} } as never
    const tools = { dataSource: bench.dataSource, log, sleep: async () => {}, pause: 0, progress }
    const policy = { numbers: 3, mask: { count: 1, unit: 'day' } } as const
    const outcomes = (calls: PlainCall[]) => calls.map(({ call }) => call.outcome)
    const before = await callsOf(bench.dataSource)
    await retain({ policy, rawJson: 'all' }, { ...tools, now: () => BEGIN + 72 * HOUR })
    const masked = await callsOf(bench.dataSource)
    expect(masked).not.toEqual(before)
    expect(outcomes(masked)).toEqual(outcomes(before))
    await rebuild(bench, true)
    expect(await callsOf(bench.dataSource)).toEqual(masked)
  })

  test('stand again where somebody deleted a record by hand', async () => {
    const bench = await setUp()
    await storePages(bench.dataSource, [[leg(1)]])
    const records = bench.dataSource.options.type === 'mssql' ? 'dbo.cdr_records' : 'cdr_records'
    await bench.execute(`DELETE FROM ${records}`)
    await storePages(bench.dataSource, [[leg(1)]])
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
  })

  test('have the largest overage of route lists that a leg tells', async () => {
    const bench = await setUp()
    const overages = ['', '2', '11', 'NA', 'many']
    await bench.deliver(
      ...overages.map((overage, index) => leg(index + 1, { 'Route list calls overage': overage })),
      leg(9, OTHER)
    )
    const { CdrCall } = await import('../../src/entities/index.js')
    const calls = await bench.dataSource.manager.find(CdrCall, { order: { legs: 'ASC' } })
    expect(calls.map(({ legs, routeListOverage }) => [legs, routeListOverage])).toEqual([
      [1, null],
      [5, 11]
    ])
  })
})
