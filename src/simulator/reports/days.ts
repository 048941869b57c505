import { iso } from '../records/leg.js'

export const DAY = 86_400_000

/** The day of UTC at a time (milliseconds since 1970), YYYY-MM-DD. */
export function dayOf(time: number): string {
  return iso(time).slice(0, 10)
}

/**
 * When a day of UTC begins (milliseconds since 1970).
 *
 * @throws RangeError unless it is written as YYYY-MM-DD
 */
export function startOf(day: string): number {
  const time = Date.parse(day)
  // Comparing with the canonical form leaves exactly one way to write a day, and no 31st of February.
  if (dayOf(time) !== day) throw new RangeError(`${day} is no day`)
  return time
}
