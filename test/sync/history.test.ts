import { describe, expect, test } from 'vitest'
import { StoppedError, TemporaryError } from '../../src/errors.js'
import { at, historyBench as bench, MINUTE, NOW, OPEN_GAPS, PENDING, REACH } from '../support/history.js'
import { killedAfter } from '../support/killed.js'
import { DAY, HOUR, SETTLING } from '../support/sync.js'

describe('--history', () => {
  test('has reports made of a year, the oldest first, one at a time, and the next sync brings the rest', async () => {
    const { history, run, sim, clock, days, made, stored, lost, all, told, requests } = await bench({
      recordsPerHour: 0.2
    })
    let most = 0
    const since = at('2026-01-01')
    await history(since, { waiting: () => (most = Math.max(most, sim.reports.length)) })
    expect(days()).toEqual([
      '2026-01-01 to 2026-04-03',
      '2026-04-03 to 2026-07-04',
      '2026-07-04 to 2026-10-04',
      '2026-10-04 to 2026-11-20'
    ])
    expect(most).toBe(1)
    expect(sim.reports).toEqual([])
    expect(stored).toHaveLength(4)
    expect(stored.every(({ inserted, notes }) => inserted > 50 && notes === '')).toBe(true)
    expect(told()).toEqual([])

    await run()
    expect(lost(since, clock.now - SETTLING)).toEqual([])
    expect(all(OPEN_GAPS)).toEqual([])
    const before = requests().length
    await history(since)
    expect(made()).toBe(4)
    expect(requests()).toHaveLength(before)
  })

  test('cuts by the days that the template names, and tells once what it does not reach', async () => {
    const { history, days, told, all, run } = await bench({ reports: { maxDays: 31, daysBack: 60 } })
    await history(at('2026-01-01'))
    expect(days()).toEqual(['2026-09-24 to 2026-10-25', '2026-10-25 to 2026-11-20'])
    expect(told()).toEqual([
      'Webex has reports from 2026-09-24 on only: calls that began before stay missing'
    ])
    await run()
    expect(all(OPEN_GAPS)).toEqual([])
  })

  test('asks for no day that is here already', async () => {
    const { history, run, days } = await bench()
    await run({ since: NOW - 10 * DAY })
    await history(NOW - 20 * DAY)
    expect(days()).toEqual(['2026-11-03 to 2026-11-14'])
  })

  test('of the last days alone asks for no report: the next sync brings them', async () => {
    const { history, run, requests, lost, clock } = await bench()
    const since = NOW - 3 * DAY
    await history(since)
    expect(requests()).toEqual([])
    await run()
    expect(lost(since, clock.now - SETTLING)).toEqual([])
  })

  test('in a dry run names the days and asks for none', async () => {
    const { rehearse, made, all } = await bench()
    expect(await rehearse(at('2026-08-01'))).toEqual([
      ['2026-08-01', '2026-10-31'],
      ['2026-11-01', '2026-11-19']
    ])
    expect(made()).toBe(0)
    expect(all('SELECT * FROM cdr_coverage')).toEqual([])
  })

  test('waits longer and longer, and after a day leaves it to the next command', async () => {
    const { history, waits, made, stored, told, all, sim } = await bench({ reports: { takes: 30 * HOUR } })
    const since = REACH - 5 * DAY
    await expect(history(since)).rejects.toThrow(TemporaryError)
    expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
    expect(Math.max(...waits)).toBe(HOUR)
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(23 * HOUR)
    expect(all(PENDING)).toEqual([{ n: 1 }])
    // Then another day has become due, whose report takes as long.
    await expect(history(since)).rejects.toThrow(TemporaryError)
    expect(stored).toHaveLength(1)
    expect(made()).toBe(2)
    expect(sim.reports).toHaveLength(1)
    expect(told()).toEqual([])
  })

  test('does not ask for the days that become due while it waits', async () => {
    const { history, days } = await bench({ reports: { takes: 20 * HOUR, maxDays: 10 } })
    await history(REACH - 15 * DAY)
    expect(days()).toEqual(['2026-11-05 to 2026-11-15', '2026-11-15 to 2026-11-20'])
  })

  test('asks for the file of a report again soon', async () => {
    const { history, waits, stored, told } = await bench({
      reports: { takes: 10 * HOUR, downloadRefusals: 2 }
    })
    await history(REACH - DAY)
    expect(waits.slice(-2)).toEqual([30_000, 60_000])
    expect(stored).toHaveLength(1)
    expect(told()).toHaveLength(2)
    expect(told()[0]).toMatch(/^the file of the report is not there yet: the service answered 403/)
  })

  test('that is stopped while it waits ends at once, and goes on the next time', async () => {
    const { history, made, stored, waits, all, sim } = await bench()
    const since = REACH - 3 * DAY
    const error = new StoppedError('SIGTERM')
    await expect(history(since, { waiting: (stop) => stop.abort(error) })).rejects.toBe(error)
    expect(waits).toHaveLength(1)
    expect(all(PENDING)).toEqual([{ n: 1 }])
    expect(sim.reports).toHaveLength(1)
    await history(since)
    expect([made(), stored.length]).toEqual([1, 1])
    expect(sim.reports).toEqual([])
  })

  test('that is killed at any moment goes on the next time, and all is there once', async () => {
    const since = REACH - 4 * DAY
    let [deaths, again] = [0, 0]
    for (let transactions = -1; ; transactions++) {
      const { history, sim, lost, all, told, made } = await bench()
      const isKilled = await killedAfter(transactions, () => history(since)).then(
        () => true,
        () => false
      )
      if (!isKilled) break
      deaths++
      await history(since)
      expect(lost(since, REACH)).toEqual([])
      expect(all('SELECT COUNT(*) - COUNT(DISTINCT report_id) AS n FROM cdr_records')).toEqual([{ n: 0 }])
      expect(all(PENDING)).toEqual([{ n: 0 }])
      expect(sim.reports).toEqual([])
      // What was made and could not be written down is deleted.
      again += made() - 1
      expect(told().filter((line) => !/no longer at Webex/.test(line))).toEqual([])
    }
    expect(deaths).toBeGreaterThan(4)
    expect(again).toBe(1)
  })

  test('goes on after what it told of a stored report has failed', async () => {
    const { history, made, stored, sim } = await bench()
    const since = REACH - 2 * DAY
    const fail = () => {
      throw new Error('the pipe is closed')
    }
    await expect(history(since, { stored: fail })).rejects.toThrow('the pipe is closed')
    await history(since)
    expect(made()).toBe(1)
    expect(stored).toMatchObject([{ inserted: 0, updated: 0 }])
    expect(sim.reports).toEqual([])
  })
})

describe('while a report is waited for', () => {
  test('a sync can run', async () => {
    const { history, run, stored, lost, clock } = await bench({ reports: { takes: 10 * MINUTE } })
    const since = REACH - 4 * DAY
    const syncs: string[] = []
    await history(since, {
      waiting: async () => void syncs.push((await run()).status)
    })
    expect(syncs.length).toBeGreaterThan(2)
    expect(new Set(syncs)).toEqual(new Set(['succeeded']))
    // It has asked for these days, and cdr_feed has them too.
    expect(stored).toMatchObject([{ inserted: 0 }])
    expect(lost(since, clock.now - HOUR)).toEqual([])
  })

  test('it waits for another sync that runs', async () => {
    const { history, execute, stored, made, sim } = await bench()
    execute(`INSERT INTO cdr_sync_lease (name, holder, host, process_id, acquired_utc, heartbeat_utc, expires_utc)
      VALUES ('sync', '11111111-1111-4111-8111-111111111111', 'web02', 4711, '2026-01-01 00:00:00.000',
              '2026-01-01 00:00:00.000', '2999-01-01 00:00:00.000')`)
    let waits = 0
    const waiting = () => {
      waits++
      if (waits < 3) expect(sim.requests).toEqual([])
      if (waits === 3) execute('UPDATE cdr_sync_lease SET expires_utc = acquired_utc')
    }
    await history(REACH - DAY, { waiting })
    expect(waits).toBeGreaterThan(3)
    expect([made(), stored.length]).toEqual([1, 1])
  })

  test('another one like it asks for no report twice', async () => {
    const { history, made, lost, sim, all, days } = await bench({ reports: { maxDays: 4 } })
    const since = REACH - 8 * DAY
    await Promise.all([history(since), history(since)])
    expect(made()).toBe(2)
    expect(days()).toEqual(['2026-11-12 to 2026-11-16', '2026-11-16 to 2026-11-20'])
    expect(lost(since, REACH)).toEqual([])
    expect(all(PENDING)).toEqual([{ n: 0 }])
    expect(sim.reports).toEqual([])
  })
})

describe('by Webex’s clock', () => {
  test.each([-5, 5])('a machine that is %i hours off plans and remembers the same', async (hours) => {
    const now = Date.UTC(2026, 10, 23, hours > 0 ? 22 : 2)
    const { history, clock, days, all } = await bench({ now })
    clock.ahead = hours * HOUR
    await history(REACH - 2 * DAY)
    expect(days()).toEqual(['2026-11-18 to 2026-11-20'])
    const [{ requested_utc } = {}] = all('SELECT requested_utc FROM cdr_reports')
    expect(Math.abs(Date.parse(`${requested_utc}Z`) - now)).toBeLessThan(2_000)
    const [{ read_utc } = {}] = all("SELECT read_utc FROM cdr_coverage WHERE source = 'cdr_feed'")
    expect(Math.abs(Date.parse(`${read_utc}Z`) - now + DAY)).toBeLessThan(2_000)
  })
})
