/** What somebody looks for, by the form of the text. */
export type Asked =
  /** A Report, Correlation, Interaction or Journey ID, or a user's. */
  | { kind: 'id'; text: string }
  /** A Call ID, an e-mail address or a SIP address. */
  | { kind: 'address'; text: string }
  /** @prop digits as typed, without blanks and the like; with its plus sign if it has one */
  | { kind: 'number'; text: string; digits: string }
  /** A part of a name; or a Correlation, Call or Local call ID of another form. */
  | { kind: 'name'; text: string }

export function askedFor(typed: string): Asked {
  const text = typed.trim()
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    return { kind: 'id', text: text.toLowerCase() }
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return { kind: 'address', text }
  const digits = text.replace(/^tel:|[\s()./-]|\u2011/gi, '')
  return /^\+?[\d*#]{2,32}$/.test(digits) ? { kind: 'number', text, digits } : { kind: 'name', text }
}

/** The same number as the records may have it: with and without its plus sign, the prefix 00 as one. */
export function formsOf(digits: string): string[] {
  const bare = digits.replace(/^\+/, '')
  const abroad = digits.startsWith('00') ? [`+${digits.slice(2)}`] : []
  return [...new Set([digits, bare, `+${bare}`, ...abroad])]
}

/** So many digits at the end of two numbers that are alike make them the same one, as far as one can say. */
const ENOUGH = 7

/** The digits that a number ends in however it is written: without the prefix that leads out of the country or town. */
export function endingOf(digits: string): string {
  const bare = digits.replace(/^\+/, '')
  const inner = bare.replace(/^0+/, '')
  return inner.length >= ENOUGH ? inner : bare
}

/** Shorter forms of a number, without its country, its area or what was dialled before it: `07115550123` and `5550123` of `+497115550123`. */
export function shorterForms(digits: string): string[] {
  const ending = endingOf(digits)
  const parts: string[] = []
  for (let at = 1; ending.length - at >= ENOUGH; at += 1) parts.push(ending.slice(at))
  return parts.flatMap((part) => [part, `0${part}`, `+${part}`])
}

/** Spellings of a text that differ in the case of letters only: SQLite compares no others than A to Z without regard to it. */
export function spellingsOf(text: string): string[] {
  const lower = text.toLowerCase()
  const capitalised = lower.replace(/(?<![\p{L}\p{M}])\p{L}/gu, (letter) => letter.toUpperCase())
  return [...new Set([text, lower, text.toUpperCase(), capitalised])]
}
