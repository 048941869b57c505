import { getMetadataArgsStorage } from 'typeorm'
import { ReadableNamingStrategy } from '../../src/database/naming-strategy.js'
import { chooseDialect } from '../../src/entities/dialect.js'
import type { RawJson } from '../../src/entities/index.js'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'

chooseDialect('mssql')
export const entities = await import('../../src/entities/index.js')
export const { apiFields } = await import('../../src/entities/columns.js')
const { preparePage } = await import('../../src/record/page.js')

/** A column as SQL Server has it. */
export interface Column {
  property: string
  name: string
  /** bigint, nvarchar(64), nvarchar(max), datetime2(3) … */
  type: string
  nullable: boolean
}

const naming = new ReadableNamingStrategy()

export function columnsOf(entity: unknown): Column[] {
  return getMetadataArgsStorage()
    .columns.filter(({ target }) => target === entity)
    .map(({ propertyName, options: { type, length, precision, nullable } }) => ({
      property: propertyName,
      name: columnName(propertyName),
      type: `${String(type)}${(length ?? precision) ? `(${length ?? precision})` : ''}`,
      nullable: nullable === true
    }))
}

export interface Key {
  name: string
  columns: string[]
}

/** Indexes and unique constraints, without the primary key. */
export function keysOf(entity: unknown): Key[] {
  const { uniques, indices } = getMetadataArgsStorage()
  return [...uniques, ...indices]
    .filter(({ target }) => target === entity)
    .map(({ name, columns }) => ({ name: String(name), columns: (columns as string[]).map(columnName) }))
}

function columnName(property: string): string {
  return naming.columnName(property, undefined)
}

const columns = columnsOf(entities.CdrRecord)
const keys = keysOf(entities.CdrRecord)

/** Bytes that a value of a fixed-length type takes in a row, NULL or not. */
const FIXED: Record<string, number> = {
  bigint: 8,
  'binary(8)': 8,
  int: 4,
  bit: 1,
  uniqueidentifier: 16,
  datetime2: 8,
  'datetime2(3)': 7
}
const PAGE = 8_192
const ROOM = 8_096

export interface Estimate {
  records: number
  /** Average bytes of a record. */
  rawJson: number
  otherText: number
  fixed: number
  row: number
  /** Rows that share a page with another one. */
  rowsAPage: number
  /** Bytes a record on disk. */
  table: number
  indexes: number
  byIndex: Record<string, number>
}

export type Row = Record<string, unknown>

/** As RAW_JSON has them stored. */
export function rowsOf(items: readonly unknown[], rawJson: RawJson): Row[] {
  return [...preparePage(items, rawJson).rows()] as unknown as Row[]
}

/**
 * What records take in SQL Server, by its documentation (“Estimate the size of a table with a clustered index”, the
 * same of a nonclustered index): a row has 4 bytes of header, its fixed-length columns, a NULL bitmap, 2 + 2 a
 * variable-length column up to the last that is not NULL, and 2 in the page's table of rows. Rows lie in the order of
 * their id, as many a page as fit. Pages of an index are full where its keys ascend as calls come, else to three
 * quarters, as random keys leave them.
 *
 * With page compression (“Row compression implementation”, “Page compression implementation”): a row has 4 bytes, half a
 * byte a column, and what its values need: text a byte a character (SCSU; not nvarchar(max)), numbers their bytes without leading zeros; a
 * value of more than 8 bytes takes 2 more. A value that is in a page twice is in its dictionary once, with 2 bytes in
 * place of each. Prefixes are not counted; of index pages the rows are compressed only.
 */
export function estimate(rows: readonly Row[], { compressed = false } = {}): Estimate {
  const layout = compressed ? compressedPages : pages
  const json = average(rows, ({ rawJson: text }) => textSize(text))
  const text = average(rows, (row) => sum(variable.map(({ property }) => textSize(row[property]))))
  const byIndex = Object.fromEntries(keys.map((key) => [key.name, indexSize(key, rows, compressed)]))
  const count = rows.length
  const { pages: number, bytes } = layout(rows)
  return {
    records: count,
    rawJson: json,
    otherText: text - json,
    fixed,
    row: bytes / count,
    rowsAPage: count / number,
    table: (number * PAGE) / count,
    indexes: sum(Object.values(byIndex)),
    byIndex
  }
}

const fixed = sum(columns.map(({ type }) => fixedSize(type)))
const variable = columns.filter(({ type }) => fixedSize(type) === 0)

interface Pages {
  pages: number
  /** Of all rows. */
  bytes: number
}

function pages(rows: readonly Row[]): Pages {
  const bitmap = 2 + Math.floor((columns.length + 7) / 8)
  const filled = { pages: 0, bytes: 0 }
  let free = 0
  for (const row of rows) {
    const sizes = variable.map(({ property }) => textSize(row[property]))
    const present = sizes.findLastIndex((size) => size > 0) + 1
    const size = 4 + fixed + bitmap + 2 + 2 * present + sum(sizes)
    if (size > 8_060)
      throw new Error(`a row of ${size} bytes does not fit in a page: this is another calculation`)
    filled.bytes += size
    if (size + 2 > free) {
      filled.pages += 1
      free = ROOM
    }
    free -= size + 2
  }
  return filled
}

function compressedPages(rows: readonly Row[]): Pages {
  const filled = { pages: 1, bytes: 0 }
  let page = new Map<string, number>()
  let used = 0
  for (const row of rows) {
    let size = compressedSize(row, page)
    if (used + size > ROOM) {
      filled.pages += 1
      page = new Map()
      used = 0
      size = compressedSize(row, page)
    }
    used += size
    filled.bytes += size
  }
  return filled
}

/** What a row adds to its page. */
function compressedSize(row: Row, page: Map<string, number>): number {
  let size = 4 + 2 + columns.length / 2
  for (const { property, type } of columns) {
    const value = row[property]
    if (fixedSize(type) > 0) {
      size += property === 'id' ? 4 : compressedFixed(value, fixedSize(type))
    } else if (typeof value === 'string' && value !== '') {
      const bytes = (type === 'nvarchar(max)' ? 2 : 1) * value.length + (value.length > 8 ? 2 : 0)
      const times = page.get(value) ?? 0
      page.set(value, times + 1)
      // The second one brings the value into the dictionary, and the first one shrinks.
      size += times === 0 ? bytes : times === 1 ? 2 + 2 + 2 : 2
    }
  }
  return size
}

function compressedFixed(value: unknown, size: number): number {
  if (value === null || value === undefined || value === 0 || value === false) return 0
  if (typeof value === 'number') return value < 128 ? 1 : value < 32_768 ? 2 : 4
  return value === true ? 0 : size + (size > 8 ? 2 : 0)
}

/** Bytes a record of a nonclustered index: its key, the clustered key (id), and what belongs to a row. */
function indexSize(key: Key, rows: readonly Row[], compressed: boolean): number {
  const parts = key.columns.map((name) => columns.find((column) => column.name === name)!)
  const texts = parts.filter(({ type }) => fixedSize(type) === 0)
  const fixedParts = sum(parts.map(({ type }) => fixedSize(type)))
  const bitmap = 2 + Math.floor((parts.length + 1 + 7) / 8)
  const text = average(rows, (row) => sum(texts.map(({ property }) => textSize(row[property]))))
  const row = compressed
    ? 4 + 2 + (parts.length + 1) / 2 + fixedParts + 4 + text / 2 + 2 * texts.length
    : 8 + fixedParts + bitmap + 1 + 2 + (texts.length > 0 ? 2 + 2 * texts.length : 0) + text
  const isFull = key.columns[0] === 'start_time'
  return (row / (isFull ? 1 : 0.75)) * (PAGE / ROOM)
}

/** Deliveries of one simulated week. */
export function simulatedItems(): unknown[] {
  const start = Date.UTC(2026, 10, 16)
  return new GeneratedSource(1, 120).between(start, start + 7 * 86_400_000, 'start').map(({ item }) => item)
}

function fixedSize(type: string): number {
  return FIXED[type] ?? 0
}

function textSize(value: unknown): number {
  return typeof value === 'string' ? value.length * 2 : 0
}

function average(rows: readonly Row[], of: (row: Row) => number): number {
  return sum(rows.map(of)) / rows.length
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
