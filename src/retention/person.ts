import { isNothing } from '../record/values.js'

/** What tells of one person. */
export interface Person {
  /** Found within other text: e-mail addresses, UUIDs and telephone numbers. */
  long: ReadonlySet<string>
  /** Found where they are the whole value: names and short numbers. */
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
    const word = String(text).trim().toLowerCase()
    const isLong = /^[^\s@]+@[^\s@]+$/.test(word) || isUuid(word) || word.replace(/\D/g, '').length >= DIGITS
    ;(isLong ? long : whole).add(word)
  }
  return { long, whole }
}

export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

/** Whether a value of a column tells of the person. */
export function tellsOf({ long, whole }: Person, value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  const text = value.toLowerCase()
  if (whole.has(text.trim()) || [...long].some((word) => contains(text, word))) return true
  // A name of several words may stand in a sentence.
  return [...whole].some((word) => word.includes(' ') && contains(text, word))
}

/** Whether JSON, or a text that quotes values, tells of the person. */
export function textTellsOf({ long, whole }: Person, text: string | null): boolean {
  if (!text) return false
  const lower = unescaped(text).toLowerCase()
  return [...long, ...whole].some((word) => contains(lower, word))
}

/** Not within a longer word or number. */
function contains(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const around = (text[at - 1] ?? ' ') + (text[at + word.length] ?? ' ')
    if (!/[\p{L}\p{N}]/u.test(around)) return true
  }
  return false
}

/** The Python tool wrote other letters than ASCII as \u00fc. */
function unescaped(json: string): string {
  return json.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
