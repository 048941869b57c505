import { COLUMNS, fieldOf } from '../record/fields.js'
import { isNothing } from '../record/values.js'
import { NUMBERS } from './mask.js'

/** What tells of one person, in lower case; a number without its plus sign. */
export interface Person {
  /** Found within other text: e-mail addresses, UUIDs, telephone numbers, names of several words. */
  long: ReadonlySet<string>
  /** Found where they are all of a name or a number: names of one word and short numbers. */
  whole: ReadonlySet<string>
}

/** From so many digits on, a number is nobody else's. */
const DIGITS = 7

/** @param found whatever names the person, in any letter case; what says nothing does not count */
export function personOf(found: Iterable<string | null>): Person {
  const long = new Set<string>()
  const whole = new Set<string>()
  for (const text of found) {
    if (isNothing(text)) continue
    const word = withoutPlus(folded(String(text)))
    const isNumber = /^[\d*#]+$/.test(word)
    const isLong = isNumber ? word.length >= DIGITS : /[@ ]/.test(word) || isUuid(word)
    ;(isLong ? long : whole).add(word)
  }
  return { long, whole }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

/** Whether a value tells of the person, wherever it stands. */
export function tellsOf({ long }: Person, value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  const text = folded(value)
  return [...long].some((word) => contains(text, word))
}

/** Whether the value of a column does. */
export function columnTellsOf(person: Person, property: string, value: unknown): boolean {
  if (tellsOf(person, value)) return true
  return typeof value === 'string' && NAMED.has(property) && person.whole.has(withoutPlus(folded(value)))
}

/** Whether an item as JSON does, by any of its values; a text that is no JSON, by what is found within it. */
export function jsonTellsOf(person: Person, json: string | null): boolean {
  if (!json) return false
  try {
    return valueTellsOf(person, JSON.parse(json))
  } catch {
    return tellsOf(person, json)
  }
}

function valueTellsOf(person: Person, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return tellsOf(person, value)
  return Object.entries(value).some(([key, part]) => {
    const field = fieldOf(key)
    const properties = COLUMNS.filter((column) => column.field === field).map(({ property }) => property)
    const isNamed = properties.some((property) => columnTellsOf(person, property, part))
    return isNamed || tellsOf(person, key) || valueTellsOf(person, part)
  })
}

/** Where a name or a number stands; elsewhere, “60” is a time zone or a duration. */
const NAMED: ReadonlySet<string> = new Set([
  ...NUMBERS,
  'dialedDigits',
  'userName',
  'callingLineId',
  'calledLineId'
])

/** Not within a longer word or number. */
function contains(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = (text[at - 1] ?? ' ') + (text[at + word.length] ?? ' ')
    if (!/[\p{L}\p{N}]/u.test(around)) return true
  }
  return false
}

function withoutPlus(text: string): string {
  return text.replace(/^\+(?=\d)/, '')
}

/** One letter case, one form of each letter, one blank between words. */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim()
}
