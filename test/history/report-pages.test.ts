import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { FileError, UsageError } from '../../src/errors.js'
import type { ReportPage } from '../../src/history/report-pages.js'
import { TimeZone } from '../../src/history/time-zone.js'
import { startSimulator } from '../../src/simulator/index.js'
import { inPieces } from './files.js'

chooseDialect('sqlite')
const { reportPages } = await import('../../src/history/report-pages.js')
const { folded } = await import('../../src/record/fields.js')
const { isNothing } = await import('../../src/record/values.js')
const { toRecord } = await import('../../src/record/record.js')

const now = Date.UTC(2026, 9, 2, 3)
const sim = await startSimulator({ recordsPerHour: 4, now: () => now })
const truth = sim.truth(now - 27 * 3_600_000, now - 3 * 3_600_000)
const reportOf = (form: '2022' | '2024' | '2026', timeZone = 'UTC') =>
  Buffer.concat([...sim.csv(form, '2026-10-01', '2026-10-01', { timeZone })])
await sim.close()

type Given = string | Uint8Array

async function pagesOf(pieces: Given | Given[], zone?: string, size = 10_000): Promise<ReportPage[]> {
  const all = [pieces].flat().map((piece) => Buffer.from(piece as string))
  const pages: ReportPage[] = []
  const named = zone === undefined ? undefined : new TimeZone(zone)
  for await (const page of reportPages(inPieces(all), named, size)) pages.push(page)
  return pages
}

async function itemsOf(pieces: Given | Given[], zone?: string) {
  return (await pagesOf(pieces, zone)).flatMap(({ items }) => items) as Record<string, unknown>[]
}

const HEADER = 'Start time,Report ID,Model'
const ROW = '2026-10-01T10:00:00.000Z,00000000-0000-3000-8000-000000000001,MPP'

describe('the items of a report', () => {
  test.each(['2022', '2024', '2026'] as const)('of %s say what cdr_feed says, and no more', async (form) => {
    const items = await itemsOf(reportOf(form))
    expect(items).toHaveLength(truth.size)
    expect(items.length).toBeGreaterThan(40)
    let compared = 0
    for (const item of items) {
      const api = truth.get(String(item['Report ID'])) ?? {}
      const said = new Map(Object.entries(api).map(([key, value]) => [folded(key), value]))
      for (const [key, value] of Object.entries(item)) {
        const expected = said.get(folded(key))
        expect(value, key).toBe(isNothing(expected) ? undefined : expected)
        compared += 1
      }
      const mapped = toRecord(item)
      expect('flaws' in mapped && mapped.flaws).toEqual([])
    }
    expect(compared).toBe(items.length * { 2022: 39, 2024: 56, 2026: 83 }[form])
  })

  test('are the same with the columns in another order and letter case, without a BOM', async () => {
    const [header = '', ...lines] = reportOf('2026').toString().replace('\ufeff', '').split('\r\n')
    const turned = [
      header.toUpperCase().split(',').reverse().join(','),
      ...lines.map((line) =>
        line
          .slice(1, -1)
          .split('","')
          .reverse()
          .map((cell) => `"${cell}"`)
          .join(',')
      )
    ]
    expect(await itemsOf(turned.slice(0, -1).join('\n').concat('\n'))).toEqual(
      await itemsOf(reportOf('2026'))
    )
  })

  test('of local times are those of UTC where the zone is told', async () => {
    expect(await itemsOf(reportOf('2026', 'Asia/Kolkata'), 'Asia/Kolkata')).toEqual(
      await itemsOf(reportOf('2026'))
    )
    await expect(itemsOf(reportOf('2026', 'Asia/Kolkata'))).rejects.toThrow(
      /^report.csv: the times have no time zone \(Start time “2026-10-01T.*--time-zone Europe\/Berlin$/
    )
    await expect(itemsOf(reportOf('2026', 'Asia/Kolkata'))).rejects.toBeInstanceOf(UsageError)
  })

  test('have times with an offset in UTC, whatever zone is told', async () => {
    const row = ROW.replace('10:00:00.000Z', '10:00:00.000+05:30')
    for (const zone of [undefined, 'America/New_York']) {
      const [item] = await itemsOf(`${HEADER}\n${row}\n`, zone)
      expect(item?.['Start time']).toBe('2026-10-01T04:30:00.000Z')
    }
  })

  test('keep what is no time, and a time that does not exist, as it is', async () => {
    for (const text of ['10/1/2026 8:00', '2026-02-30T10:00:00', '2026-01-01T24:00:00']) {
      const [item] = await itemsOf(`${HEADER}\n${ROW.replace(/^[^,]+/, text)}\n`, 'Europe/Berlin')
      expect(item?.['Start time']).toBe(text)
    }
  })

  test.each(['', 'NA', 'na', 'N/A', ' NA '])('do not tell “%s”', async (text) => {
    expect(await itemsOf(`${HEADER},New\n${ROW.replace('MPP', text)},${text}\n`)).toMatchObject([
      { Model: undefined, New: undefined }
    ])
  })

  test('have unknown, empty, repeated and dangerous names of columns under names of their own', async () => {
    const header = `${HEADER},,__proto__,model,constructor,New  one,`
    const [item] = await itemsOf(`${header}\n${ROW},1,2,3,4,5,6\n`)
    expect(Object.entries(item ?? {}).slice(2)).toEqual([
      ['Model', 'MPP'],
      ['(column 4)', '1'],
      ['__proto__', '2'],
      ['model (column 6)', '3'],
      ['constructor', '4'],
      ['New  one', '5'],
      ['(column 9)', '6']
    ])
  })

  test('have the cells of a row that does not fit the header, or whose quotes are no good', async () => {
    const rows = `${ROW},more\n${ROW}\n1,2\n${ROW.replace('MPP', '"M"P"')}\n`
    expect((await itemsOf(`${HEADER}\n${rows}`)).map((item) => Array.isArray(item))).toEqual([
      true,
      false,
      true,
      true
    ])
  })

  test('come in pages of so many, or of so many bytes', async () => {
    const report = `${HEADER}\n${`${ROW}\n`.repeat(25)}`
    const pages = await pagesOf(report, undefined, 10)
    expect(pages.map(({ items }) => items.length)).toEqual([10, 10, 5])
    const large = `${ROW}${'x'.repeat(900_000)}\n`
    const many = await pagesOf([`${HEADER}\n`, ...new Array<string>(25).fill(large)])
    expect(many.length).toBe(2)
    expect(many.reduce((sum, { items }) => sum + items.length, 0)).toBe(25)
  })

  test('are those of a header of very many columns', async () => {
    const wide = (columns: number) => {
      const names = Array.from({ length: columns - 3 }, (_, index) => `c${index}`).join(',')
      return `${HEADER},${names}\n${ROW}${',1'.repeat(columns - 3)}\n`
    }
    const items = await itemsOf(wide(1_000))
    expect(Object.keys(items[0] ?? {})).toHaveLength(1_000)
    await expect(itemsOf(wide(1_001))).rejects.toThrow('report.csv has 1001 columns: it is no report')
    await expect(itemsOf(`${HEADER}\n${ROW}${',1'.repeat(1_000)}\n`)).rejects.toThrow(
      'a row has 1003 columns'
    )
  })
})

describe('a report that is cut off', () => {
  const first = `"2026-10-01T10:00:00.000Z","00000000-0000-3000-8000-000000000001","Zürich, ""🙂""\r\nx"`
  const lines = [HEADER, first, ROW, ROW.replace('MPP', '"a""b"')]
  // Behind the first of two quotation marks the last value would seem to have ended.
  const whole = `\ufeff${lines.map((line, index) => `${line},${index === 0 ? 'Last' : '"z"'}\r\n`).join('')}`
  const bytes = Buffer.from(whole)

  test('anywhere gives whole rows and an error, never half a row', async () => {
    const rows = (await itemsOf(bytes)).map((item) => JSON.stringify(item))
    expect(rows).toHaveLength(3)
    for (let length = 0; length < bytes.length; length += 1) {
      const found: string[] = []
      let error: unknown
      try {
        for await (const { items } of reportPages(inPieces([bytes.subarray(0, length)]), undefined, 1)) {
          found.push(...items.map((item) => JSON.stringify(item)))
        }
      } catch (thrown) {
        error = thrown
      }
      expect(found, String(length)).toEqual(rows.slice(0, found.length))
      // Of a header that is cut off there is nothing to store.
      if (error !== undefined) expect(error).toBeInstanceOf(FileError)
      else if (found.length > 0)
        expect('\r\n"', String(length)).toContain(whole.at(length - bytes.length - 1))
    }
  })

  test('in pieces of one byte each is the same as at once', async () => {
    expect(await itemsOf([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(await itemsOf(bytes))
  })

  test('of its last line end has all rows, if a quotation mark ends it; else its last value may be cut', async () => {
    expect(await itemsOf(bytes.subarray(0, -2))).toHaveLength(3)
    for (const end of ['"z"\r\n', 'z"\r\n']) {
      await expect(itemsOf(Buffer.from(whole.slice(0, -end.length)))).rejects.toThrow(
        'report.csv ends within a row, without a line end: it was cut off; download it again'
      )
    }
    await expect(itemsOf(Buffer.from(`${whole}${ROW},z`))).rejects.toThrow('ends within a row')
  })
})

describe('is refused', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    ['another CSV', 'Call Queue,Location\nx,y\n', /no column “Report ID” \(its first one is “Call Queue”\)/],
    ['one without Start time', 'Report ID,Model\nx,y\n', /has no column “Start time”/],
    ['one with semicolons', `${HEADER.replaceAll(',', ';')}\n`, /does not separate its columns by commas/],
    ['one with tabs', `${HEADER.replaceAll(',', '\t')}\n`, /does not separate its columns by commas/],
    ['one with lines that end with CR', `${HEADER}\r${ROW}\r`, /ends its lines by CR alone/],
    ['one with a BOM and no more', '\ufeff', /report.csv has no header/],
    ['one of blank lines', '\n\r\n\n', /report.csv has no header/],
    ['one in Latin-1', Buffer.from(`${HEADER}\n${ROW}\xe9\n`, 'latin1'), /is not in UTF-8/],
    [
      'one whose last character is cut off',
      Buffer.from(`${HEADER}\n${ROW}é`).subarray(0, -1),
      /is not in UTF-8/
    ],
    ['a header that would write to the terminal', '\u001b[2Jx,y\n', /its first one is “ \[2Jx”/]
  ])('%s', async (_, bytes, message) => {
    const failing = itemsOf(bytes)
    await expect(failing).rejects.toThrow(message)
    await expect(failing).rejects.toBeInstanceOf(FileError)
  })
})
