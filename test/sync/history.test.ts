import { describe, expect, test } from 'vitest'
import { FatalError, FileError, ForbiddenError, StoppedError, TemporaryError } from '../../src/errors.js'
import type { Fault, ReportsOptions, SimulatorOptions } from '../../src/simulator/index.js'
import type { ImportResult } from '../../src/sync/import-run.js'
import { rehearseHistory, syncHistory } from '../../src/sync/sync-history.js'
import { killedAfter } from '../support/killed.js'
import { memoryLog } from '../support/log.js'
import { demoSecrets } from '../support/secrets.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
/** Monday; reports reach to Thursday, the 19th, in whole. */
const NOW = Date.UTC(2026, 10, 23, 16)
const REACH = Date.UTC(2026, 10, 20)
const none: Fault = { kind: 'none' }
const OPEN_GAPS = `SELECT scope, range_start_utc, range_end_utc FROM cdr_sync_errors
                   WHERE error_type = 'Gap' AND recovered = 0 ORDER BY range_start_utc`
const PENDING = 'SELECT COUNT(*) AS n FROM cdr_reports WHERE ended_utc IS NULL'

type Waiting = (stop: AbortController) => unknown

/** Reports that take a minute, unless told otherwise, and a clock that the waits move. */
async function bench({ reports, ...options }: Omit<SimulatorOptions, 'now'> & { now?: number } = {}) {
  const made = await setUp({
    now: NOW,
    recordsPerHour: 0.5,
    reports: { takes: MINUTE, ...reports },
    ...options
  })
  const { sim, settings, clock } = made
  const { log, lines } = memoryLog()
  const stored: ImportResult[] = []
  const waits: number[] = []
  const tools = (waiting: Waiting = () => {}) => {
    const stop = new AbortController()
    return {
      secrets: demoSecrets(log),
      log,
      now: () => clock.now + clock.ahead,
      signal: stop.signal,
      async sleep(ms: number, signal?: AbortSignal) {
        waits.push(ms)
        clock.now += ms
        await waiting(stop)
        if (signal?.aborted) throw new Error('the wait was ended')
      },
      looked: () => {},
      stored: (result: ImportResult) => void stored.push(result)
    }
  }
  return {
    ...made,
    stored,
    waits,
    /** `--history`; without a moment what `--fill-gaps` asks reports for. */
    history: (since?: number, more: { waiting?: Waiting; stored?: () => void } = {}) =>
      syncHistory(
        settings,
        { since },
        { ...tools(more.waiting), ...(more.stored ? { stored: more.stored } : {}) }
      ),
    rehearse: (since: number) => rehearseHistory(settings, { since }, tools()),
    /** Warnings and errors. */
    told: () =>
      lines
        .map((line) => JSON.parse(line))
        .filter(({ level }) => level >= 40)
        .map(({ msg }) => msg as string),
    /** Requests of the Reports API. */
    requests: () =>
      sim.requests
        .filter(({ path }) => /report|^\/api/.test(path))
        .map(({ method, path }) => `${method} ${path.replace(/(reports)\/.+/, '$1/…')}`),
    made: () => sim.requests.filter(({ method, path }) => `${method} ${path}` === 'POST /v1/reports').length,
    days: () =>
      made
        .all('SELECT start_utc, end_utc FROM cdr_reports ORDER BY requested_utc')
        .map(({ start_utc, end_utc }) => [day(start_utc), day(end_utc)].join(' to '))
  }
}

function day(moment: unknown): string {
  return String(moment).slice(0, 10)
}

const at = (text: string) => Date.parse(`${text}T00:00:00Z`)

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

describe('a report', () => {
  test('that could not be made is deleted, told at the end, and asked for by the next command', async () => {
    const { history, days, told, stored, sim, lost } = await bench({
      reports: { maxDays: 5, ends: ['failed'] }
    })
    const since = REACH - 10 * DAY
    await expect(history(since)).rejects.toThrow(
      'Webex has made no report of 2026-11-10 to 2026-11-14: run the command again, and it asks once more'
    )
    expect(told()).toEqual(['the report 2026-11-10 to 2026-11-14 could not be made'])
    expect(days()).toEqual(['2026-11-10 to 2026-11-15', '2026-11-15 to 2026-11-20'])
    expect(stored).toHaveLength(1)
    expect(sim.reports).toEqual([])
    await history(since)
    expect(days()[2]).toBe('2026-11-10 to 2026-11-15')
    expect(lost(since, REACH)).toEqual([])
  })

  test('that somebody deleted is asked for by the next command', async () => {
    const { history, made, told, sim, settings } = await bench()
    const since = REACH - 2 * DAY
    const waiting = async () => {
      const token = sim.requests.find(({ authorization }) => authorization?.startsWith('Bearer'))
      const headers = { authorization: token?.authorization ?? '' }
      for (const { id } of sim.reports)
        await fetch(`${settings.webex.apiUrl}/reports/${id}`, { method: 'DELETE', headers })
    }
    await expect(history(since, { waiting })).rejects.toThrow(TemporaryError)
    expect(told()).toEqual(['the report 2026-11-18 to 2026-11-19 is no longer at Webex'])
    expect(made()).toBe(1)
    await history(since)
    expect(made()).toBe(2)
  })

  test('that is never done is given up after three days, and asked for by the next command', async () => {
    const { history, made, told, sim, clock, lost } = await bench({ reports: { takes: 10 * DAY } })
    const since = REACH - 2 * DAY
    await expect(history(since)).rejects.toThrow(/has not made the report within a day/)
    expect(sim.reports).toHaveLength(1)
    clock.now += 2 * DAY
    await expect(history(since)).rejects.toThrow(/has not made the report within a day/)
    expect(made()).toBe(2)
    expect(told()).toContain('the report 2026-11-18 to 2026-11-19 could not be made')
    expect(lost(since, REACH).length).toBeGreaterThan(0)
  })

  test('whose file is at an unknown host is deleted, and blocks no later command', async () => {
    const { history, sim, all } = await bench({ reports: { takes: 0 } })
    const since = REACH - 2 * DAY
    const id = 'Y2lz'
    const elsewhere = { items: [{ Id: id, status: 'done', downloadURL: 'https://files.example.com/1' }] }
    sim.failNextReport({ kind: 'status', status: 404 })
    await expect(history(since)).rejects.toThrow()
    const waiting = () => sim.failNextReport({ kind: 'body', body: JSON.stringify(elsewhere) })
    await expect(history(since, { waiting })).rejects.toThrow(
      /files.example.com, which is no known host of Webex, so the token was not sent there/
    )
    expect(all(PENDING)).toEqual([{ n: 0 }])
    expect(sim.reports).toEqual([])
    await history(since)
  })

  test('that is blank closes nothing, says so, and is asked for once in a command', async () => {
    const { history, made, stored, sim, all } = await bench({
      records: [],
      reports: { maxDays: 5 }
    })
    const since = REACH - 10 * DAY
    await history(since)
    expect(made()).toBe(2)
    expect(stored).toHaveLength(2)
    expect(stored.every(({ notes }) => /no call was read, so no day counts as complete/.test(notes))).toBe(
      true
    )
    expect(all("SELECT * FROM cdr_coverage WHERE source = 'cdr_feed'")).toEqual([])
    expect(sim.reports).toEqual([])
    await history(since)
    expect(made()).toBe(4)
  })

  test.each<[string, (csv: Buffer) => string, RegExp]>([
    ['is a damaged ZIP', () => 'PK\u0003\u0004 and then nothing', /damaged|ZIP/],
    ['is a web page', () => '<html>Please sign in</html>', /is a web page and no report/],
    ['is something else', () => '{"message":"not yet"}', /./],
    ['is empty', () => '', /is empty/],
    ['is cut off', (csv) => csv.toString().slice(0, -700), /cut off|incomplete/],
    ['has other days', (csv) => csv.toString(), /no call began from .* but from/]
  ])('whose file %s is deleted, and asked for by the next command', async (_, bodyOf, message) => {
    const { history, made, sim, lost, all, stored } = await bench({ reports: { takes: 0 } })
    const since = REACH - 3 * DAY
    const body = bodyOf(Buffer.concat([...sim.csv('2026', '2026-09-01', '2026-09-03')]))
    // The template, the list, a new report, what became of it.
    sim.failNextReport(...Array(4).fill(none), { kind: 'body', body })
    const error = await history(since).catch((reason) => reason)
    expect(error).toBeInstanceOf(FileError)
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/; run the command again, and it asks Webex for another one$/)
    expect(error.exitCode).toBe(1)
    expect(all("SELECT * FROM cdr_coverage WHERE source = 'cdr_feed'")).toEqual([])
    expect(sim.reports).toEqual([])
    await history(since)
    expect(made()).toBe(2)
    expect(stored).toHaveLength(1)
    expect(lost(since, REACH)).toEqual([])
  })

  test('may be one of fifty at most: those of others are left alone', async () => {
    const { history, sim, made, all } = await bench()
    const others = Array.from({ length: 50 }, (_, index) => ({ Id: `R${index}` }))
    sim.failNextReport(none, { kind: 'body', body: JSON.stringify({ items: others }) })
    await expect(history(REACH - DAY)).rejects.toThrow(FatalError)
    expect(made()).toBe(0)
    expect(sim.requests.filter(({ method }) => method === 'DELETE')).toEqual([])
    expect(all('SELECT * FROM cdr_reports')).toEqual([])
    expect(all('SELECT * FROM cdr_coverage')).toEqual([])
  })

  test('that cannot be deleted stays at Webex, which is told', async () => {
    const { history, sim, told, stored, all } = await bench({ reports: { takes: 0 } })
    const forbidden: Fault = { kind: 'status', status: 403 }
    sim.failNextReport(...Array(5).fill(none), forbidden)
    await history(REACH - DAY)
    expect(stored).toHaveLength(1)
    expect(told()).toHaveLength(1)
    expect(told()[0]).toMatch(/^the report stays at Webex: .*403/)
    expect(all(PENDING)).toEqual([{ n: 0 }])
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
