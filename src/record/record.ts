import { createHash } from 'node:crypto'
import type { CdrRecord } from '../entities/index.js'
import { DriftCount } from './drift.js'
import { COLUMNS, FIELDS, fieldOf, knownField } from './fields.js'
import { type ColumnValue, fieldValue, isNothing, jsonOf, textOf } from './values.js'

/** What a record brings to cdr_records; the database adds the rest. */
export type CdrRow = Omit<CdrRecord, 'id' | 'ingestionTimestamp' | 'updatedTimestamp'>

/** A value that its column could not take: NULL or cut there, whole in raw_json. */
export interface Flaw {
  key: string
  kind: 'unreadable' | 'cut'
}

/** A record that cdr_records cannot hold. */
export interface Unstorable {
  /** Its Report ID; where there is none, or another leg has it, a hash of what there is. */
  key: string
  /** The item as JSON. */
  payload: string
  reason: string
}

export type Mapped = { row: CdrRow; flaws: Flaw[] } | { unstorable: Unstorable }

type Columns = Record<string, ColumnValue>

/** A row's shape from the start: growing one property by property costs as much as all the rest. */
const EMPTY = Object.fromEntries(COLUMNS.map(({ property }) => [property, null])) as unknown as CdrRow

const START_TIME = knownField('Start time')

/**
 * Turns one item of cdr_feed, whatever it is, into a row or into the reason why it cannot be one.
 * @param drift counts what of the item this program does not know
 */
export function toRecord(item: unknown, drift = new DriftCount()): Mapped {
  const values = isObject(item) ? valuesByField(item, drift) : undefined
  const payload = jsonOf(item)
  if (payload === undefined) return tooDeep(item)
  if (!values)
    return { unstorable: { key: uuidOfHash(payload), payload, reason: 'The item is not an object.' } }
  const flaws: Flaw[] = []
  const row: CdrRow = { ...EMPTY, rawJson: payload }
  const columns = row as unknown as Columns
  for (const { property, kind, length, field } of COLUMNS) {
    const { value, flaw } = fieldValue(values[field.index], kind, length)
    columns[property] = value
    if (flaw) flaws.push({ key: field.key, kind: flaw })
  }
  row.callId ??= ''
  const reportId: string | null = row.reportId
  row.reportId ??= derivedKey(values)
  if (!row.startTime) {
    const found = values[START_TIME.index]
    const reason = isNothing(found) ? 'Start time is missing.' : 'Start time cannot be read.'
    // Without a Report ID only the whole tells one such item from another.
    return { unstorable: { key: reportId ?? uuidOfHash(payload), payload, reason } }
  }
  return { row, flaws }
}

function isObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

/** By the field's index. Where two keys differ in case only, the first that holds something counts. */
function valuesByField(item: Record<string, unknown>, drift: DriftCount): unknown[] {
  const values = new Array<unknown>(FIELDS.length)
  for (const key of Object.keys(item)) {
    const value = item[key]
    const field = fieldOf(key)
    drift.add(key, field, value)
    if (field && isNothing(values[field.index])) values[field.index] = value
  }
  return values
}

function tooDeep(item: unknown): Mapped {
  const shallow = Object.entries(item ?? {}).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? 'nested too deeply' : value
  ])
  const payload = JSON.stringify(Object.fromEntries(shallow))
  return { unstorable: { key: uuidOfHash(payload), payload, reason: 'The item is nested too deeply.' } }
}

const IDENTITY = [
  'Correlation ID',
  'Local call ID',
  'Network call ID',
  'Direction',
  'User UUID',
  'Start time',
  'Call ID'
].map(knownField)

/** The key of a record without a usable Report ID. The migration that fills report_id derives the same in SQL. */
function derivedKey(values: readonly unknown[]): string {
  return uuidOfHash(IDENTITY.map(({ index }) => textOf(values[index]) ?? '').join('\u001f'))
}

/** SHA-256 over UTF-16LE, as SQL Server's HASHBYTES sees nvarchar, in the form of a version 8 UUID (RFC 9562). */
export function uuidOfHash(text: string): string {
  const hex = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
