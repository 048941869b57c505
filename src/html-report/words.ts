import { count } from '../count.js'
import { legible } from '../legible.js'

const LONGEST = 80

/** What a call says of somebody, as it may be shown. */
export function named(text: string | null, longest = LONGEST): string {
  const letters = [...legible(text ?? '').trim()]
  if (letters.length === 0) return NAMELESS
  return letters.length > longest ? `${letters.slice(0, longest - 1).join('')}…` : letters.join('')
}

/** A masked record has no names, and some never had one. */
export const NAMELESS = '(no name)'

/** Where it was, or what else a call may say or not. */
export function placed(text: string | null): string {
  return text === null ? '–' : named(text)
}

/** “12.3 %”; a dash of nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–'
  const share = (100 * part) / whole
  return share > 0 && share < 0.05 ? 'under 0.1 %' : `${share.toFixed(1)} %`
}

/** “48 s”, “3:05 min” */
export function sayWait(seconds: number | undefined): string {
  if (seconds === undefined) return '–'
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  return `${count(Math.floor(whole / 60))}:${String(whole % 60).padStart(2, '0')} min`
}

export function sayMinutes(seconds: number): string {
  return count(Math.round(seconds / 60))
}

/** “1,234 calls” */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** “Tue 3 Nov”, of ms as if local time were UTC; “Tue 3 Nov 2026” where that is not clear. */
export function sayDay(moment: number, hasYear = false): string {
  return dated(moment, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    ...(hasYear ? { year: 'numeric' } : {})
  })
}

/** “3 Nov” */
export function sayShortDay(moment: number): string {
  return dated(moment, { day: 'numeric', month: 'short' })
}

/** “3 Nov 2026, 14:05” */
export function sayTime(moment: number): string {
  return `${dated(moment, { day: 'numeric', month: 'short', year: 'numeric' })}, ${new Date(moment).toISOString().slice(11, 16)}`
}

function dated(moment: number, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(moment).replace(/,/g, '')
}
