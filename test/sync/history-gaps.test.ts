import { describe, expect, test } from 'vitest'
import { ForbiddenError } from '../../src/errors.js'
import type { ReportsOptions } from '../../src/simulator/index.js'
import { at, historyBench as bench, MINUTE, NOW, OPEN_GAPS } from '../support/history.js'
import { DAY, HOUR, sqlTime } from '../support/sync.js'

describe('gaps that cdr_feed cannot fill', () => {
  /** No sync for 40 days, of all locations or of some. */
  async function withGap(options: { locations?: string[]; reports?: ReportsOptions } = {}) {
    const { locations = [], reports } = options
    const made = await bench({ ...(reports ? { reports } : {}) })
    const { run, clock } = made
    await run({ locations })
    clock.now += 40 * DAY
    await run({ locations })
    const [gap] = made.all(OPEN_GAPS)
    const start = NOW - HOUR
    expect(Date.parse(`${gap?.range_end_utc}Z`)).toBe(NOW + 10 * DAY + 5 * MINUTE)
    return { ...made, gap, start, end: NOW + 10 * DAY + 5 * MINUTE }
  }

  test('are closed by reports of their days, and nothing else is asked for', async () => {
    const { history, days, all, lost, stored, start, end, gap } = await withGap()
    expect(lost(start, end).length).toBeGreaterThan(50)
    await history()
    expect(days()).toEqual(['2026-11-21 to 2026-12-04'])
    expect(lost(start, end)).toEqual([])
    expect(all(OPEN_GAPS)).toEqual([])
    const [closed, ...others] = stored[0]?.closed ?? []
    expect(others).toEqual([])
    expect(sqlTime(Date.parse(closed?.start ?? ''))).toBe(gap?.range_start_utc)
    expect(sqlTime(Date.parse(closed?.end ?? ''))).toBe(gap?.range_end_utc)
  })

  test('stay open beyond what a report has', async () => {
    const { history, days, all, end } = await withGap({ reports: { daysBack: 32 } })
    await history()
    expect(days()).toEqual(['2026-12-01 to 2026-12-04'])
    expect(all(OPEN_GAPS)).toMatchObject([{ range_end_utc: sqlTime(at('2026-12-01')) }])
    expect(end).toBeGreaterThan(at('2026-12-01'))
  })

  test('of chosen locations stay open: a report has the calls of all', async () => {
    const { history, all, gap, requests } = await withGap({ locations: ['Main Office'] })
    expect(gap?.scope).toBe('["Main Office"]')
    await history()
    expect(requests()).toEqual([])
    expect(all(OPEN_GAPS)).toEqual([gap])
  })

  test('of some locations are closed too where all are synced', async () => {
    const { history, all, run } = await withGap({ locations: ['Main Office'] })
    await run()
    await history()
    expect(all(OPEN_GAPS)).toEqual([])
  })

  test('of chosen locations are closed by --history, which promises no more of the others', async () => {
    const { history, all, gap } = await withGap({ locations: ['Main Office'] })
    await history(Date.parse(`${gap?.range_start_utc}Z`))
    expect(all(OPEN_GAPS)).toEqual([])
    expect(all("SELECT scope FROM cdr_coverage WHERE source = 'asked' AND end_utc IS NULL")).toEqual([
      { scope: '["Main Office"]' }
    ])
  })

  test('stay open where there are no reports for us', async () => {
    const { history, all, gap, sim } = await withGap()
    sim.refuseReports(403)
    await expect(history()).rejects.toThrow(ForbiddenError)
    expect(all(OPEN_GAPS)).toEqual([gap])
  })

  test('are asked for by reports only if there are some', async () => {
    const { history, run, requests } = await bench()
    await run()
    await history()
    expect(requests()).toEqual([])
  })
})
