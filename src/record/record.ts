import type { CdrRecord, RawJson } from '../entities/index.js'
import { contentHash, contentOf, isObject } from './content.js'
import { derivedKey, uuidOfHash } from './derived-key.js'
import { DriftCount } from './drift.js'
import { COLUMNS, knownField } from './fields.js'
import { rawJsonOf } from './raw-json.js'
import { type ColumnValue, fieldValue, isNothing, jsonOf } from './values.js'

/** What a record brings to cdr_records; the database adds the rest. */
export type CdrRow = Omit<CdrRecord, 'id' | 'ingestionTimestamp' | 'updatedTimestamp' | 'maskedUtc'>

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

/**
 * A row's shape from the start: growing one property by property costs as much as all the rest. A literal that spreads it
 * and adds a property would give each row a shape of its own, which makes all that reads rows several times slower. In the
 * order of the columns: see `binder`.
 */
const EMPTY = {
  ...Object.fromEntries(COLUMNS.map(({ property }) => [property, null])),
  rawJson: null,
  contentHash: null,
  journeyId: null
} as unknown as CdrRow

const START_TIME = knownField('Start time')

/**
 * Turns one item of cdr_feed, whatever it is, into a row or into the reason why it cannot be one.
 * @param keeping what of the item raw_json has
 * @param drift counts what of the item this program does not know
 */
export function toRecord(item: unknown, keeping: RawJson = 'all', drift = new DriftCount()): Mapped {
  if (Array.isArray(item)) return unstorable(item, 'The row of a report does not fit its header.')
  if (!isObject(item)) return unstorable(item, 'The item is not an object.')
  const content = contentOf(item, drift)
  const hash = contentHash(content)
  if (!hash) return tooDeep(item)
  const { values } = content
  const flaws: Flaw[] = []
  const row: CdrRow = { ...EMPTY }
  row.contentHash = hash
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
    const missing = isNothing(values[START_TIME.index])
    // Without a Report ID only the whole tells one such item from another.
    return unstorable(item, `Start time ${missing ? 'is missing' : 'cannot be read'}.`, reportId)
  }
  const rawJson = rawJsonOf(item, content, columns, keeping)
  if (rawJson === undefined) return tooDeep(item)
  row.rawJson = rawJson
  return { row, flaws }
}

function unstorable(item: unknown, reason: string, reportId: string | null = null): Mapped {
  const payload = jsonOf(item)
  if (payload === undefined) return tooDeep(item)
  return { unstorable: { key: reportId ?? uuidOfHash(payload), payload, reason } }
}

function tooDeep(item: unknown): Mapped {
  const shallow = Object.entries(item ?? {}).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? 'nested too deeply' : value
  ])
  const payload = JSON.stringify(Object.fromEntries(shallow))
  return { unstorable: { key: uuidOfHash(payload), payload, reason: 'The item is nested too deeply.' } }
}
