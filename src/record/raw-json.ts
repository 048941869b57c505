import type { CdrRecord, RawJson } from '../entities/index.js'
import { type Content, contentHash, contentOf, isEmpty, isObject } from './content.js'
import { derivedKey } from './derived-key.js'
import { COLUMNS, FIELDS, type Field, fieldOf, knownField } from './fields.js'
import { jsonOf } from './values.js'

type Columns = Readonly<Record<string, unknown>>

/** A row of cdr_records, or what a record brings to it. A UUID may be in upper case, as SQL Server has it. */
type Row = Omit<CdrRecord, 'id' | 'ingestionTimestamp' | 'updatedTimestamp' | 'maskedUtc'>

/** @returns undefined where something in the item is nested deeper than the stack goes */
export function rawJsonOf(
  item: Record<string, unknown>,
  { others }: Content,
  columns: Columns,
  keeping: RawJson
): string | null | undefined {
  if (keeping === 'all') return jsonOf(item)
  const saidTwice = new Set(others.map(([key]) => fieldOf(key)))
  const rest = Object.entries(item).filter(([key, value]) => {
    if (isEmpty(value)) return false
    const field = fieldOf(key)
    return !field || saidTwice.has(field) || saidBy(columns, field) !== value
  })
  return rest.length === 0 ? null : jsonOf(Object.fromEntries(rest))
}

/** The item that a row was made of, whatever of it raw_json has; without empty values. */
export function itemOf(row: Row): Record<string, unknown> {
  const columns = row as unknown as Columns
  const kept = Object.entries(parsed(row.rawJson) ?? {}).filter(([, value]) => !isEmpty(value))
  const { values } = contentOf(Object.fromEntries(kept))
  const missing = FIELDS.filter(({ index }) => values[index] === undefined)
  for (const field of missing) values[field.index] = saidBy(columns, field)
  const said = missing.filter(
    (field) =>
      values[field.index] !== undefined &&
      !(field === REPORT_ID && values[field.index] === derivedKey(values))
  )
  return Object.fromEntries([...said.map(({ key, index }) => [key, values[index]] as const), ...kept])
}

/** What raw_json of a row has by another setting. A text that is no item stays. */
export function rawJsonFor(row: Row, keeping: RawJson): string | null {
  const { rawJson, contentHash: hash } = row
  const isWhole = rawJson !== null && (hash === null || hash.equals(hashOfJson(rawJson)))
  const isNoItem = rawJson === null ? hash === null : parsed(rawJson) === undefined
  if (isNoItem || (isWhole && keeping === 'all')) return rawJson
  const item = itemOf(row)
  const converted = rawJsonOf(item, contentOf(item), row as unknown as Columns, keeping)
  return converted === undefined ? rawJson : converted
}

/** The item that a row was made of as one line of JSON: as the service sent it, where the row still has it all. */
export function jsonLineOf(row: Row): string {
  const { rawJson, contentHash: hash } = row
  const item = parsed(rawJson)
  if (rawJson !== null && item && (hash === null || hash.equals(hashOf(item)))) {
    return rawJson.includes('\n') ? JSON.stringify(item) : rawJson
  }
  return JSON.stringify(itemOf(row))
}

/** The content hash of an item as JSON; of another text, one that no item has. */
export function hashOfJson(rawJson: string): Buffer {
  return hashOf(parsed(rawJson))
}

function hashOf(item: Record<string, unknown> | undefined): Buffer {
  return (item && contentHash(contentOf(item))) ?? Buffer.alloc(8)
}

function parsed(rawJson: string | null): Record<string, unknown> | undefined {
  try {
    const item: unknown = JSON.parse(rawJson ?? '')
    return isObject(item) ? item : undefined
  } catch {
    return undefined
  }
}

const REPORT_ID = knownField('Report ID')

/** By the field's index: the column that has all of its value. */
const COLUMN_OF = FIELDS.map((field) =>
  COLUMNS.find((column) => column.field === field && column.kind !== 'email')
)

/** The value of a key that the columns would come of if the service spelled it as it does; undefined for none. */
function saidBy(columns: Columns, field: Field): unknown {
  const { property = '', kind } = COLUMN_OF[field.index] ?? {}
  const value = columns[property]
  if (isEmpty(value)) return undefined
  if (kind === 'time') return (value as Date).toISOString()
  if (kind === 'uuid') return String(value).toLowerCase()
  return field.types[0] === 'number' ? value : String(value)
}
