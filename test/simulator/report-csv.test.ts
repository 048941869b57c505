import { readFileSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import type { ReportForm, Simulator } from '../../src/simulator/index.js'
import { zip } from '../../src/simulator/reports/zip.js'
import { fixed, HOUR, type Item, start } from './caller.js'
import { readCsv, unzipped } from './report-files.js'

const DAY = 24 * HOUR
const HEADERS = JSON.parse(readFileSync('test/fixtures/report-headers.json', 'utf8')) as Record<
  string,
  string
>
const FORMS = ['2022', '2024', '2026'] as const

type CsvOptions = Parameters<Simulator['csv']>[3]

function csv(simulator: Simulator, form: ReportForm, from: string, to: string, options?: CsvOptions): Buffer {
  return Buffer.concat([...simulator.csv(form, from, to, options)])
}

/** What a report writes for a value of an item. */
function written(key: string, value: unknown): string {
  if (value !== '') return String(value)
  return key === 'Model' ? '' : key === 'OS type' ? 'na' : 'NA'
}

/** The items of a truth with the columns of a header, by its own names. */
function expected(truth: Map<string, Item>, header: string): Record<string, string>[] {
  return [...truth.values()].map((item) => {
    const keys = new Map(Object.keys(item).map((key) => [key.toLowerCase(), key]))
    return Object.fromEntries(
      header.split(',').map((name) => {
        const key = keys.get(name.toLowerCase()) ?? ''
        return [name, written(key, item[key])]
      })
    )
  })
}

describe('the CSV of a report', () => {
  it.each(FORMS)('has the header of %s to the letter, after a byte order mark', async (form) => {
    const bytes = csv(await start({ records: [] }), form, '2026-10-01', '2026-10-31')
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    expect(bytes.subarray(3).toString()).toBe(`${HEADERS[form]}\r\n`)
  })

  it.each(FORMS)('of %s has the records of its days as cdr_feed has them', async (form) => {
    const simulator = await start({ recordsPerHour: 20 })
    for (const [from, to] of [
      ['2026-11-18', '2026-11-19'],
      // Before the 30 days of cdr_feed, and the 29th of February among them.
      ['2024-02-28', '2024-03-01']
    ] as const) {
      const truth = simulator.truth(Date.parse(from), Date.parse(to) + DAY)
      expect(truth.size).toBeGreaterThan(600)
      const { rows } = readCsv(csv(simulator, form, from, to))
      expect(rows).toEqual(expected(truth, HEADERS[form] as string))
    }
  })

  it('has the versions that were visible when it was made', async () => {
    const simulator = await start({ recordsPerHour: 80 })
    const day = Date.parse('2026-10-05')
    const made = day + DAY
    const now = await start({ recordsPerHour: 80, now: () => made })
    const rows = (simulator: Simulator, options?: CsvOptions) =>
      readCsv(csv(simulator, '2026', '2026-10-05', '2026-10-05', options)).rows
    const early = rows(simulator, { made })
    expect(early).toEqual(expected(now.truth(day, day + DAY), HEADERS['2026'] as string))
    expect(early).toEqual(rows(now))
    const late = rows(simulator)
    expect(late.length).toBeGreaterThan(early.length)
    const before = new Map(early.map((row) => [row['Report ID'], row['Report time']]))
    expect(
      late.some((row) => row['Report time'] !== (before.get(row['Report ID']) ?? row['Report time']))
    ).toBe(true)
  })

  it('quotes every value, doubles quotes, and says NA where there is nothing', async () => {
    const time = Date.parse('2026-11-10T23:59:59.999Z')
    const item = {
      ...fixed(1, time),
      User: 'Front "Lobby", <1>\r\n2nd line',
      'OS type': '',
      Model: '',
      Duration: 0
    }
    const records = [item, fixed(2, time + 1), fixed(3, time - DAY)]
    const text = csv(await start({ records }), '2024', '2026-11-10', '2026-11-10').toString()
    const line = text.slice(text.indexOf('\r\n') + 2)
    const beginning = '"2026-11-10T23:59:59.999Z","NA","0","NA","NA","Front ""Lobby"", <1>\r\n2nd line","NA"'
    expect(line.startsWith(beginning)).toBe(true)
    expect(line).toContain(',"na","NA","","NA",')
    expect(line.endsWith(`,"NA","${new Date(time).toISOString()}"\r\n`)).toBe(true)
    expect(readCsv(Buffer.from(text)).rows).toHaveLength(1)
  })

  it('in another time zone has the same days in local times without an offset, summer time or not', async () => {
    const records = ['2026-10-31T23:30:00.000Z', '2026-11-01T05:30:00.000Z', '2026-11-01T06:30:00.000Z']
    const items = records.map((time, i) => ({
      ...fixed(i, Date.parse(time)),
      'Answer time': ['', 'Z', '2026-11-01 06:30'][i]
    }))
    const simulator = await start({ records: items })
    const options = { timeZone: 'America/New_York' }
    const { rows } = readCsv(csv(simulator, '2026', '2026-10-31', '2026-11-01', options))
    const local = ['2026-10-31T19:30:00.000', '2026-11-01T01:30:00.000', '2026-11-01T01:30:00.000']
    expect(rows.map((row) => row['Start time'])).toEqual(local)
    expect(rows.map((row) => row['Report time'])).toEqual(local)
    expect(rows.map((row) => row['Answer time'])).toEqual(['NA', 'Z', '2026-11-01 06:30'])
    expect(readCsv(csv(simulator, '2026', '2026-11-01', '2026-11-01', options)).rows).toHaveLength(2)
  })

  it('comes an hour at a time: of 400 days only what is read is made', async () => {
    const simulator = await start({ recordsPerHour: 1_000 })
    const sizes: number[] = []
    for (const piece of simulator.csv('2026', '2025-10-17', '2026-11-19')) {
      sizes.push(piece.length)
      if (sizes.length === 4) break
    }
    expect(Math.max(...sizes)).toBeLessThan(2_500_000)
  })

  it.each([
    ['2026-02-31', '2026-03-01', 'UTC'],
    ['2026-02-01', 'tomorrow', 'UTC'],
    ['2026-02-01', '2026-02-01', 'Mars/Olympus']
  ])('is none of %s to %s in %s', async (from, to, timeZone) => {
    const simulator = await start()
    expect(() => csv(simulator, '2026', from, to, { timeZone })).toThrow(RangeError)
  })
})

describe('zip', () => {
  it('packs several files, empty and large ones, under names in any script', async () => {
    const large = Array.from({ length: 300 }, (_, i) => Buffer.alloc(10_007, `${i} `))
    const entries = [
      { name: 'a.csv', content: large },
      { name: 'Zoë 田中.csv', content: [Buffer.from('x')] },
      { name: 'empty.csv', content: [] }
    ]
    const archive = await buffer(zip(entries))
    expect(archive.length).toBeLessThan(200_000)
    const files = unzipped(archive)
    expect([...files.keys()]).toEqual(entries.map(({ name }) => name))
    for (const { name, content } of entries)
      expect(files.get(name)?.equals(Buffer.concat(content))).toBe(true)
  })

  it('passes on what goes wrong with a file', async () => {
    const content = (function* () {
      yield Buffer.from('x')
      throw new Error('no more')
    })()
    await expect(buffer(zip([{ name: 'a.csv', content }]))).rejects.toThrow('no more')
  })
})
