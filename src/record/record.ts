import { createHash } from 'node:crypto'
import { apiFields } from '../entities/columns.js'
import { CdrRecord } from '../entities/index.js'
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

/** Each record brings the same 87 keys; the bound is for a service that would not. */
const MOST_FOLDED_KEYS = 1_000
const foldedKeys = new Map<string, string>()

const FIELDS = apiFields(CdrRecord).map((field) => ({ ...field, name: folded(field.key) }))

type Columns = Record<string, ColumnValue>

/** A row's shape from the start: growing one property by property costs as much as all the rest. */
const EMPTY = Object.fromEntries(FIELDS.map(({ property }) => [property, null])) as unknown as CdrRow

/** Turns one item of cdr_feed, whatever it is, into a row or into the reason why it cannot be one. */
export function toRecord(item: unknown): Mapped {
  const payload = jsonOf(item)
  if (payload === undefined) return tooDeep(item)
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    return { unstorable: { key: uuidOfHash(payload), payload, reason: 'The item is no object.' } }
  }
  const values = valuesByKey(item)
  const flaws: Flaw[] = []
  const row: CdrRow = { ...EMPTY, rawJson: payload }
  const columns = row as unknown as Columns
  for (const { property, kind, length, key, name } of FIELDS) {
    const { value, flaw } = fieldValue(values.get(name), kind, length)
    columns[property] = value
    if (flaw) flaws.push({ key, kind: flaw })
  }
  row.callId ??= ''
  const reportId: string | null = row.reportId
  row.reportId ??= derivedKey(values)
  if (!row.startTime) {
    const found = values.get(folded('Start time'))
    const reason = isNothing(found) ? 'Start time is missing.' : 'Start time cannot be read.'
    // Without a Report ID only the whole tells one such item from another.
    return { unstorable: { key: reportId ?? uuidOfHash(payload), payload, reason } }
  }
  return { row, flaws }
}

function tooDeep(item: unknown): Mapped {
  const shallow = Object.entries(item ?? {}).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? 'nested too deeply' : value
  ])
  const payload = JSON.stringify(Object.fromEntries(shallow))
  return { unstorable: { key: uuidOfHash(payload), payload, reason: 'The item is nested too deeply.' } }
}

/** The values by folded key. Where two keys differ in case only, the first that holds something counts. */
function valuesByKey(item: object): Map<string, unknown> {
  const values = new Map<string, unknown>()
  for (const [key, value] of Object.entries(item)) {
    const name = folded(key)
    if (isNothing(values.get(name))) values.set(name, value)
  }
  return values
}

/** The service, its reference and its CSV spell keys alike but for case and blanks. */
export function folded(key: string): string {
  let name = foldedKeys.get(key)
  if (name === undefined) {
    name = key.toLowerCase().replace(/\s+/g, '')
    if (foldedKeys.size < MOST_FOLDED_KEYS) foldedKeys.set(key, name)
  }
  return name
}

const IDENTITY = [
  'Correlation ID',
  'Local call ID',
  'Network call ID',
  'Direction',
  'User UUID',
  'Start time',
  'Call ID'
].map(folded)

/** The key of a record without a usable Report ID. The migration that fills report_id derives the same in SQL. */
function derivedKey(values: Map<string, unknown>): string {
  return uuidOfHash(IDENTITY.map((name) => textOf(values.get(name)) ?? '').join('\u001f'))
}

/** SHA-256 over UTF-16LE, as SQL Server's HASHBYTES sees nvarchar, in the form of a version 8 UUID (RFC 9562). */
export function uuidOfHash(text: string): string {
  const hex = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
