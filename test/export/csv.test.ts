import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Column, Kind } from '../../src/export/columns.js'
import { csv } from '../../src/export/csv.js'
import { duckdb } from '../support/lake.js'

function csvOf(columns: [name: string, kind: Kind][], ...rows: unknown[][]): string {
  let text = ''
  const named = columns.map(([name, kind]) => ({ name, kind }) as Column)
  const writer = csv.open({} as never, named, (part) => (text += part))
  writer.add(rows)
  writer.end()
  return text
}

const cells = (...values: unknown[]) =>
  csvOf([['x', 'text']], ...values.map((value) => [value]))
    .replace(/^\ufeffx\r\n/, '')
    .split('\r\n')
    .slice(0, -1)

test('is UTF-8 with a byte order mark, a header, and a line ended by CR LF each', () => {
  const text = csvOf(
    [
      ['start_time', 'time'],
      ['answered', 'boolean'],
      ['duration', 'integer'],
      ['user_name', 'text']
    ],
    [new Date('2026-11-28T10:00:00.120Z'), true, -5, 'Zoë 📞'],
    [new Date('2026-11-28T10:00:01.000Z'), false, null, null]
  )
  expect(text).toBe(
    '\ufeffstart_time,answered,duration,user_name\r\n' +
      '2026-11-28 10:00:00.120,true,-5,Zoë 📞\r\n' +
      '2026-11-28 10:00:01.000,false,,\r\n'
  )
})

test('quotes what would end a cell or a line', async () => {
  const values = ['a,b', 'say “hi"', 'two\nlines', 'two\r\nlines', '"', ' blank ', "'"]
  const folder = mkdtempSync(join(tmpdir(), 'csv-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'x.csv')
  writeFileSync(
    path,
    csvOf(
      [
        ['x', 'text'],
        ['y', 'integer']
      ],
      ...values.map((value, index) => [value, index])
    )
  )
  const read = await duckdb(
    `SELECT x, y FROM read_csv('${path}', header = true, quote = '"', escape = '"') ORDER BY y`
  )
  expect(read.map(({ x }) => x)).toEqual(values)
})

test.each([
  '=1+1',
  '=cmd|’/c calc’!A0',
  '+4930123456',
  '+15555550xxx',
  '-2+3',
  '@SUM(A1)',
  '\t=1+1',
  '＝1+1'
])('%j is no formula', (text) => {
  expect(cells(text)).toEqual([`'${text}`])
})

test.each(['\r=1+1', '\n=1+1', '=1,2', '="x"'])('%j is none between quotes either', (text) => {
  expect(csvOf([['x', 'text']], [text])).toBe(`\ufeffx\r\n"'${text.replaceAll('"', '""')}"\r\n`)
})

test('keeps digits as they are: leading zeros, more than 15, and an e between them', () => {
  expect(cells('0049301234', '12345678901234567', '12E34', '007')).toEqual([
    "'0049301234",
    "'12345678901234567",
    "'12E34",
    "'007"
  ])
  expect(cells('0', '77', '15555550100', '1.5', 'SSE12', '0x')).toEqual([
    '0',
    '77',
    '15555550100',
    '1.5',
    'SSE12',
    '0x'
  ])
})

test('leaves numbers alone', () => {
  expect(cells(-1, 0, 7n, '9007199254740993')).toEqual(['-1', '0', '7', "'9007199254740993"])
})
