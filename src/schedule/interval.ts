import { parseDuration } from '../config/moments.js'
import { UsageError } from '../errors.js'

const HOUR = 60
const SHORTEST = 5
const LONGEST = 24 * HOUR

/**
 * “15m”, “1h” or “12h” in minutes.
 * @throws UsageError
 */
export function parseInterval(text: string): number {
  const minutes = parseDuration(text, '--every') / 60_000
  if (minutes < SHORTEST || minutes > LONGEST) {
    throw new UsageError(`--every ${text} is out of range: use ${SHORTEST}m to ${sayInterval(LONGEST)}`)
  }
  return minutes
}

export function sayInterval(minutes: number): string {
  return minutes % HOUR === 0 ? `${minutes / HOUR}h` : `${minutes}m`
}
