import type { FieldKind } from '../entities/columns.js'

export type ColumnValue = string | number | boolean | Date | null

/** The value for a column, and what was lost on the way to it. */
export interface FieldValue {
  value: ColumnValue
  flaw?: 'unreadable' | 'cut'
}

/** The words of the service for nothing, in whatever letter case. */
export const WORDS_FOR_NOTHING: readonly string[] = ['', 'NA', 'N/A']
const NOTHING = new RegExp(`^\\s*(${WORDS_FOR_NOTHING.join('|')})\\s*$`, 'i')

export function saysNothing(raw: unknown): boolean {
  if (typeof raw !== 'string') return false
  // Nearly every text begins with something else, which is quicker to see.
  const first = raw.charCodeAt(0)
  const isOther = first > 32 && first < 127 && first !== CAPITAL_N && first !== SMALL_N
  return !isOther && NOTHING.test(raw)
}

const [CAPITAL_N, SMALL_N] = [78, 110]

export function isNothing(raw: unknown): boolean {
  return raw === undefined || raw === null || saysNothing(raw)
}

/**
 * Reads a value of the API for a column. The service writes nearly everything as text: "" is nothing, its other
 * words for nothing are text, and nothing where the column is typed. A value that cannot be read is NULL and said to
 * be so.
 */
export function fieldValue(raw: unknown, kind: FieldKind, length: number): FieldValue {
  if (raw === undefined || raw === null || raw === '') return { value: null }
  if (kind === 'text') return text(raw, length)
  if (kind === 'email') return { value: email(raw, length) }
  if (saysNothing(raw)) return { value: null }
  const value = READERS[kind](raw)
  return value === null ? { value, flaw: 'unreadable' } : { value }
}

const READERS = { time, integer, boolean, uuid }

/** The text of a scalar; undefined for anything else. */
export function textOf(raw: unknown): string | undefined {
  return typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean'
    ? String(raw)
    : undefined
}

/** undefined where the value is nested deeper than the stack goes, though JSON.parse took it. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function text(raw: unknown, length: number): FieldValue {
  const json = textOf(raw) ?? jsonOf(raw)
  if (json === undefined) return { value: null, flaw: 'unreadable' }
  const whole = wellFormed(json)
  if (whole.length <= length) return { value: whole || null }
  const cut = whole.slice(0, length)
  return { value: cut.isWellFormed() ? cut : cut.slice(0, -1), flaw: 'cut' }
}

/** Databases refuse or mangle NUL and halves of surrogate pairs. */
function wellFormed(text: string): string {
  return text.includes('\0') || !text.isWellFormed() ? text.replaceAll('\0', '').toWellFormed() : text
}

/** `User` holds a display name, for some users an e-mail address. */
function email(raw: unknown, length: number): string | null {
  const address = typeof raw === 'string' ? raw.trim() : ''
  return address.length <= length &&
    /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>.]+$/.test(address) &&
    address === wellFormed(address)
    ? address
    : null
}

const TIME = /^\s*(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?\s*$/i

/** No call was then. The driver for SQL Server takes the ends of year 1 and 9999 in some time zones only. */
const FIRST_YEAR = 2
const LAST_YEAR = 9998

/** ISO 8601; the reference also shows a blank for the T and no zone, which is UTC. To the millisecond. */
function time(raw: unknown): Date | null {
  const match = typeof raw === 'string' ? TIME.exec(raw) : null
  if (!match) return null
  const [, day, clock, fraction = '', zone = 'Z'] = match
  const local = `${day}T${clock}.${fraction.slice(0, 3).padEnd(3, '0')}`
  const asUtc = new Date(`${local}Z`)
  // A day or an hour that does not exist would roll over into another.
  if (Number.isNaN(asUtc.getTime()) || asUtc.toISOString() !== `${local}Z`) return null
  const moment = /^z$/i.test(zone) ? asUtc : new Date(`${local}${zone.replace(/(\d\d)(\d\d)$/, '$1:$2')}`)
  const year = moment.getUTCFullYear()
  return year >= FIRST_YEAR && year <= LAST_YEAR ? moment : null
}

const INT_MAX = 2 ** 31 - 1

function integer(raw: unknown): number | null {
  const number = typeof raw === 'string' && /^\s*[+-]?\d{1,12}\s*$/.test(raw) ? Number(raw) : raw
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= INT_MAX ? number : null
}

function boolean(raw: unknown): boolean | null {
  const word = textOf(raw)?.trim().toLowerCase()
  return word === 'true' ? true : word === 'false' ? false : null
}

const NIL = '00000000-0000-0000-0000-000000000000'

/** The nil UUID names nothing. */
function uuid(raw: unknown): string | null {
  const word = typeof raw === 'string' ? raw.trim().toLowerCase() : ''
  return word !== NIL && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(word) ? word : null
}
