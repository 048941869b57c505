import { getMetadataArgsStorage } from 'typeorm'
import { ReadableNamingStrategy } from '../../src/database/naming-strategy.js'
import { chooseDialect } from '../../src/entities/dialect.js'
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

/**
 * What records take in SQL Server, by its documentation (“Estimate the size of a table with a clustered index”, the
 * same of a nonclustered index): a row has 4 bytes of header, its fixed-length columns, a NULL bitmap, 2 + 2 a
 * variable-length column up to the last that is not NULL, and 2 in the page's table of rows. Rows lie in the order of
 * their id, as many a page as fit; the pages of other indexes are full to three quarters, as random keys leave them.
 */
export function estimate(items: readonly unknown[], { rawJson: withRawJson = true } = {}): Estimate {
  const rows = preparePage(items).rows as unknown as Record<string, unknown>[]
  if (!withRawJson) for (const row of rows) row.rawJson = null
  const fixed = sum(columns.map(({ type }) => fixedSize(type)))
  const variable = columns.filter(({ type }) => fixedSize(type) === 0)
  const bitmap = 2 + Math.floor((columns.length + 7) / 8)
  let pages = 0
  let free = 0
  let rawJson = 0
  let otherText = 0
  let total = 0
  for (const row of rows) {
    const sizes = variable.map(({ property }) => textSize(row[property]))
    const present = sizes.findLastIndex((size) => size > 0) + 1
    const json = textSize(row.rawJson)
    const size = 4 + fixed + bitmap + 2 + 2 * present + sum(sizes)
    if (size > 8_060)
      throw new Error(`a row of ${size} bytes does not fit in a page: this is another calculation`)
    rawJson += json
    otherText += sum(sizes) - json
    total += size
    if (size + 2 > free) {
      pages += 1
      free = ROOM
    }
    free -= size + 2
  }
  const byIndex = Object.fromEntries(keys.map((key) => [key.name, indexSize(key, rows)]))
  const count = rows.length
  return {
    records: count,
    rawJson: rawJson / count,
    otherText: otherText / count,
    fixed,
    row: total / count,
    rowsAPage: count / pages,
    table: (pages * PAGE) / count,
    indexes: sum(Object.values(byIndex)),
    byIndex
  }
}

/** Bytes a record of a nonclustered index: its key, the clustered key (id), and what belongs to a row. */
function indexSize(key: Key, rows: readonly Record<string, unknown>[]): number {
  const parts = key.columns.map((name) => columns.find((column) => column.name === name)!)
  const texts = parts.filter(({ type }) => fixedSize(type) === 0)
  const fixed = 8 + sum(parts.map(({ type }) => fixedSize(type)))
  const bitmap = 2 + Math.floor((parts.length + 1 + 7) / 8)
  const average =
    sum(rows.map((row) => sum(texts.map(({ property }) => textSize(row[property]))))) / rows.length
  const row = fixed + bitmap + 1 + 2 + (texts.length > 0 ? 2 + 2 * texts.length : 0) + average
  return (row / 0.75) * (PAGE / ROOM)
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

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
