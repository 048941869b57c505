import { count } from '../../count.js'
import { type Frame, lengthOf } from '../frame.js'

/** What the hatched parts of a chart are; nothing where there are none. */
export function sayHatched(frame: Frame): string {
  if (frame.missingLocal.length === 0) return ''
  return frame.missing.length === 0 ? 'not in the period' : 'no data, or incomplete'
}

/** “12 of 720 hours lack data”; nothing where none does. */
export function sayLacking({ missing, period }: Frame): string {
  if (missing.length === 0) return ''
  const hours = lengthOf(missing)
  const whole = Math.round(lengthOf([{ start: period.since, end: period.until }]))
  return `${hours < 1 ? 'less than one' : count(Math.round(hours))} of ${count(whole)} hours lack data`
}
