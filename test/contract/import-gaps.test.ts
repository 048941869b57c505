import { expect, test } from 'vitest'
import { withRead } from '../../src/coverage/coverage.js'
import { scopeOf } from '../../src/coverage/scope.js'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { importing, reportOf } from '../support/imports.js'
import { killedAfter } from '../support/killed.js'
import { item, live } from '../support/live.js'
import { SETTLING } from '../support/sync.js'

useDatabase()

const HOUR = 3_600_000
const DAY = 24 * HOUR

const LACKING = ['External customer ID', 'Transfer type', 'Transfer type context', 'Answer reason']
/** Of the report of 2026. */
const COLUMNS = Object.keys(live).filter((key) => !LACKING.includes(key))

contract('a gap', () => {
  const scopes = [[], ['Main Office']]

  /** A run, 40 days without one, and one that has all that the service still had; in two scopes. */
  async function withGaps(): Promise<ContractBench & { gaps: () => Promise<string[][]> }> {
    const bench = await setUp()
    const { changeCoverage } = await import('../../src/coverage/table.js')
    for (const locations of scopes) await bench.run({ locations })
    bench.clock.now += 40 * DAY
    const read = bench.clock.now - SETTLING
    for (const locations of scopes) {
      await changeCoverage(bench.dataSource.manager, scopeOf(locations), (coverage) =>
        withRead(coverage, 'cdr_feed', { start: Date.parse(LAST), end: read, read })
      )
      await bench.run({ locations })
    }
    const gaps = async () =>
      (await bench.errors()).flatMap(({ errorType, recovered, rangeStartUtc, rangeEndUtc }) =>
        errorType === 'Gap' && !recovered
          ? [[rangeStartUtc, rangeEndUtc].map((time) => time?.toISOString() ?? '')]
          : []
      )
    return { ...bench, gaps }
  }

  const day = (text: string) => Date.parse(`${text}T00:00:00.000Z`)
  const onDay = (text: string) => reportOf([item(1, { 'Start time': `${text}T10:00:00.000Z` })], COLUMNS)
  const FIRST = '2026-09-22T10:00:00.000Z'
  const LAST = '2026-10-04T10:05:00.000Z'
  const WHOLE = [
    [FIRST, LAST],
    [FIRST, LAST]
  ]

  test('is closed for the days that are covered, in all scopes, and for no others', async () => {
    const bench = await withGaps()
    expect(await bench.gaps()).toEqual(WHOLE)
    const covers = { start: day('2026-09-28'), end: day('2026-09-30'), read: bench.clock.now }
    const result = await importing(bench, [onDay('2026-09-29')], { covers })
    expect(result.closed).toEqual([{ start: '2026-09-28T00:00:00.000Z', end: '2026-09-30T00:00:00.000Z' }])
    expect(result.notes).toMatch(/no call began on 2026-09-28/)
    const left = [
      [FIRST, '2026-09-28T00:00:00.000Z'],
      ['2026-09-30T00:00:00.000Z', LAST]
    ]
    const sorted = async () => (await bench.gaps()).sort()
    expect(await sorted()).toEqual([...left, ...left].sort())
    // What is closed stays so.
    for (const locations of scopes) await bench.run({ locations })
    expect(await sorted()).toEqual([...left, ...left].sort())
    const all = { start: day('2026-09-22'), end: day('2026-10-06'), read: bench.clock.now }
    await importing(bench, [onDay('2026-10-01')], { covers: all })
    expect(await bench.gaps()).toEqual([])
    for (const locations of scopes) await bench.run({ locations })
    expect(await bench.gaps()).toEqual([])
  }, 120_000)

  test('stays open for a long time without calls, whatever is said of it, and for what cdr_feed still has', async () => {
    const bench = await withGaps()
    const covers = { start: day('2026-09-22'), end: day('2026-10-08'), read: bench.clock.now }
    const { closed, notes } = await importing(bench, [onDay('2026-10-01')], { covers, isClaimed: true })
    const [quiet, until] = ['2026-10-01T00:00:00.000Z', LAST]
    expect(closed).toEqual([{ start: quiet, end: until }])
    expect(notes).toMatch(
      /no call began from 2026-09-22 to 2026-09-30: these days do not count as complete; no call began from 2026-10-02 to 2026-10-07; calls since \S+ are left to cdr_feed/
    )
    expect(await bench.gaps()).toEqual([
      [FIRST, quiet],
      [FIRST, quiet]
    ])
    const { readCoverage } = await import('../../src/coverage/table.js')
    const { feed } = await readCoverage(bench.dataSource.manager, 'all locations')
    const ends = feed.filter(({ read }) => read === covers.read).map(({ end }) => end)
    expect(Math.max(...ends)).toBe(Date.parse(LAST))
  }, 120_000)

  test('stays where the call of the file began on the UTC day before, which is another one there', async () => {
    const bench = await withGaps()
    // 2026-09-29 in Berlin.
    const start = Date.parse('2026-09-28T22:00:00.000Z')
    const covers = { start, end: start + DAY, read: bench.clock.now }
    await expect(importing(bench, [onDay('2026-09-28')], { covers, isClaimed: true })).rejects.toThrow(
      /no call began from 2026-09-28T22/
    )
    expect(await bench.gaps()).toEqual(WHOLE)
    const { closed } = await importing(bench, [onDay('2026-09-29')], { covers, isClaimed: true })
    expect(closed).toEqual([{ start: '2026-09-28T22:00:00.000Z', end: '2026-09-29T22:00:00.000Z' }])
  }, 120_000)

  test('stays where calls are stored without --covers, where no call was read, or none of those days', async () => {
    const bench = await withGaps()
    const without = await importing(bench, [onDay('2026-09-29')])
    expect(without).toMatchObject({ inserted: 1, closed: [] })
    expect(without.notes).toMatch(/there are gaps in this time, which stay open: --covers tells/)
    const covers = { start: day('2026-09-28'), end: day('2026-09-30'), read: bench.clock.now }
    const [header = ''] = onDay('2026-09-29').split('\r\n')
    const empty = await importing(bench, [`${header}\r\n`], { covers })
    expect(empty).toMatchObject({ fetched: 0, closed: [], range: null })
    expect(empty.notes).toMatch(/report 1 has a header and no calls; no call was read, so no day counts/)
    await expect(importing(bench, [onDay('2026-10-01')], { covers })).rejects.toThrow(
      /no call began from 2026-09-28\S+ to \S+, the days that count as complete, but from 2026-10-01/
    )
    const unread = onDay('2026-09-29').replace('2026-09-29T10:00:00.000Z', '09/29/2026 10:00')
    await importing(bench, [unread], { covers })
    expect(await importing(bench, [onDay('2026-09-29')], { covers, dryRun: true })).toMatchObject({
      closed: []
    })
    expect(await bench.gaps()).toEqual(WHOLE)
  }, 120_000)

  test('stays where the import is killed before its end', async () => {
    const bench = await withGaps()
    const covers = { start: day('2026-09-28'), end: day('2026-09-30'), read: bench.clock.now }
    await killedAfter(1, () => importing(bench, [onDay('2026-09-29')], { covers }))
    expect(await bench.records()).toHaveLength(1)
    expect(await bench.gaps()).toEqual(WHOLE)
    await importing(bench, [onDay('2026-09-29')], { covers })
    expect(await bench.gaps()).toHaveLength(4)
  }, 120_000)
})
