import { hash } from 'node:crypto'
import { DriftCount } from './drift.js'
import { FIELDS, type Field, fieldOf, folded } from './fields.js'
import { isNothing, jsonOf } from './values.js'

/** What an item says. */
export interface Content {
  /** By the field's index. Where two keys differ in case only, the first that holds something counts. */
  values: unknown[]
  /** Keys that no field stands for, or another key stands for already, and their values; without empty ones. */
  others: [key: string, value: unknown][]
}

/** @param drift counts what of the item this program does not know */
export function contentOf(item: Record<string, unknown>, drift = new DriftCount()): Content {
  const content: Content = { values: new Array<unknown>(FIELDS.length), others: [] }
  const { values, others } = content
  for (const key of Object.keys(item)) {
    const value = item[key]
    const field = fieldOf(key)
    drift.add(key, field, value)
    if (!field) {
      if (!isEmpty(value)) others.push([key, value])
      continue
    }
    const first = values[field.index]
    if (isEmpty(first)) values[field.index] = value
    else if (isNothing(first) && !isNothing(value)) {
      values[field.index] = value
      others.push([key, first])
    } else if (!isEmpty(value)) others.push([key, value])
  }
  return content
}

export function isObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item)
}

/** Whether a value says as much as a key that is not there. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

const IN_ORDER: readonly Field[] = FIELDS.toSorted((a, b) => (a.folded < b.folded ? -1 : 1))

/**
 * The first 8 bytes of the SHA-256 of the keys and values, as a JSON array in UTF-8: keys without case and blanks, in
 * the order of their UTF-16 units, empty values left out. Two items have the same one if they say the same.
 * It is compared with that of the same record only, so 8 bytes are plenty.
 * @returns undefined where the content is nested deeper than the stack goes
 */
export function contentHash({ values, others }: Content): Buffer | undefined {
  let pairs: unknown[] = []
  for (const { folded, index } of IN_ORDER) {
    const value = values[index]
    if (!isEmpty(value)) pairs.push(folded, value)
  }
  if (others.length > 0) pairs = merged(pairs, others)
  const json = jsonOf(pairs)
  return json === undefined ? undefined : hash('sha256', json, 'buffer').subarray(0, 8)
}

/** Of the same key, the value that counts comes first, the others as they stand in the item. */
function merged(pairs: unknown[], others: Content['others']): unknown[] {
  const all: [string, unknown][] = []
  for (let i = 0; i < pairs.length; i += 2) all.push([String(pairs[i]), pairs[i + 1]])
  for (const [key, value] of others) all.push([folded(key), value])
  return all.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).flat()
}
