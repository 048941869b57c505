import { describe, expect, test } from 'vitest'
import { FatalError, FileError, TemporaryError } from '../../src/errors.js'
import type { Fault } from '../../src/simulator/index.js'
import { historyBench as bench, PENDING, REACH } from '../support/history.js'
import { DAY } from '../support/sync.js'

const none: Fault = { kind: 'none' }

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
