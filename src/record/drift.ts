import { type EntityManager, Not } from 'typeorm'
import { NOW } from '../entities/columns.js'
import { CdrApiDrift, type DriftKind } from '../entities/index.js'
import { fieldOf, fieldSpelled, isKnownValue, type JsonType, type KnownField } from './known-values.js'
import { isNothing, jsonOf, saysNothing } from './values.js'

/** A service that made up keys would fill memory and the table: what is beyond is counted in one row. */
const MOST_OF_A_PAGE = 200
const MOST_ROWS = 1_000
const BEYOND = { kind: 'more', name: '(more)', value: '' } as const

interface Counted {
  kind: DriftKind
  name: string
  value: string
  occurrences: number
  example: string | null
}

/** How often the items of a page have what this program does not know. */
export class DriftCount {
  readonly counts = new Map<string, Counted>()
  /** Occurrences of what found no room among the counts. */
  more = 0

  add(item: unknown): void {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return
    const values = item as Record<string, unknown>
    for (const key of Object.keys(values)) {
      const field = fieldSpelled(key)
      if (field) this.addValue(field, values[key])
      else this.addKey(key, values[key])
    }
  }

  private addKey(key: string, value: unknown): void {
    const field = fieldOf(key)
    if (field) {
      this.count('spelling', field.key, key)
      this.addValue(field, value)
    } else this.count('key', key, '', value)
  }

  private addValue(field: KnownField, value: unknown): void {
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

/** Adds the counts of a page to those of cdr_api_drift. Part of the page's transaction. */
export async function saveDrift(manager: EntityManager, drift: DriftCount): Promise<void> {
  let room: number | undefined
  let { more } = drift
  for (const counted of drift.counts.values()) {
    if (await update(manager, counted)) continue
    room ??= await roomIn(manager)
    room -= 1
    if (room < 0) more += counted.occurrences
    else await insert(manager, counted)
  }
  const beyond = { ...BEYOND, occurrences: more, example: null }
  if (more > 0 && !(await update(manager, beyond))) await insert(manager, beyond)
}

/** For how many rows there is room, but for the one for what is beyond. */
async function roomIn(manager: EntityManager): Promise<number> {
  return MOST_ROWS - 1 - (await manager.countBy(CdrApiDrift, { kind: Not(BEYOND.kind) }))
}

/** @returns false where there is no such row */
async function update(manager: EntityManager, { kind, name, value, ...counted }: Counted): Promise<boolean> {
  const row = { kind, name, value }
  if (!(await manager.existsBy(CdrApiDrift, row))) return false
  await manager
    .createQueryBuilder()
    .update(CdrApiDrift)
    .set({
      occurrences: () => `occurrences + ${counted.occurrences}`,
      lastSeenUtc: () => NOW,
      ...(counted.example === null ? {} : { example: () => 'COALESCE(example, :example)' })
    })
    .where(row)
    .setParameter('example', counted.example)
    .execute()
  return true
}

async function insert(manager: EntityManager, counted: Counted): Promise<void> {
  await manager
    .createQueryBuilder()
    .insert()
    .into(CdrApiDrift)
    .values({ ...counted, firstSeenUtc: () => NOW, lastSeenUtc: () => NOW })
    .updateEntity(false)
    .execute()
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
