import type { DriftKind } from '../entities/index.js'
import { type Field, isKnownSpelling, isKnownValue } from './fields.js'
import type { JsonType } from './known-values.js'
import { isNothing, jsonOf, saysNothing } from './values.js'

/** A service that made up keys would fill memory: what is beyond is counted as one. */
const MOST_OF_A_PAGE = 200

/** A row of cdr_api_drift; `value` is '' where only the key counts. */
export interface Drift {
  kind: DriftKind
  name: string
  value: string
  occurrences: number
  example: string | null
}

/** How often the items of a page have what this program does not know. */
export class DriftCount {
  readonly counts = new Map<string, Drift>()
  /** Occurrences of what found no room among the counts. */
  more = 0

  /** @param field that of the key; undefined where this program knows none */
  add(key: string, field: Field | undefined, value: unknown): void {
    if (value === undefined) return
    if (!field) {
      this.count('key', key, '', value)
      return
    }
    if (key !== field.key && !isKnownSpelling(key)) this.count('spelling', field.key, key)
    const type = typeOf(value)
    if (!field.types.includes(type)) {
      if (saysNothing(value)) return
      // Of a scalar the type tells enough, and it may be somebody's number.
      this.count('type', field.key, type, type === 'object' || type === 'array' ? value : undefined)
    } else if (typeof value === 'string' && !isKnownValue(field, value)) this.count('value', field.key, value)
  }

  private count(kind: DriftKind, rawName: string, rawValue: string, example?: unknown): void {
    const name = legible(rawName, 128)
    const value = legible(rawValue, 128)
    const id = `${kind}\0${name}\0${value}`
    const counted = this.counts.get(id)
    if (counted) {
      counted.occurrences += 1
      counted.example ??= exampleOf(example)
    } else if (this.counts.size < MOST_OF_A_PAGE) {
      this.counts.set(id, { kind, name, value, occurrences: 1, example: exampleOf(example) })
    } else this.more += 1
  }
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : (typeof value as JsonType)
}

/** As JSON, cut; null where there is nothing in it. */
function exampleOf(value: unknown): string | null {
  if (isNothing(value)) return null
  const json = jsonOf(value)
  return json === undefined ? null : legible(json, 256)
}

/** What a terminal would obey or turn around, and what databases mangle: each becomes U+FFFD. */
const ILLEGIBLE = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu

/** @param length at most, in UTF-16 units */
function legible(text: string, length: number): string {
  const cut = text.slice(0, length)
  const whole = text.length > length && /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
  return whole.toWellFormed().replace(ILLEGIBLE, '\ufffd')
}
