import { parseRange } from '../config/moments.js'
import { UsageError } from '../errors.js'

/** What a report is about: calls whose Start time is in [since, until), in ms since 1970 UTC. */
export interface Period {
  since: number
  until: number
  /** Only these; of all where it is empty. */
  locations: readonly string[]
}

/** In ms. */
const USUAL = 30 * 86_400_000

/**
 * @param asked as it was typed
 * @throws UsageError
 */
export function periodOf(
  asked: { since?: string | undefined; until?: string | undefined; locations: readonly string[] },
  now: number
): Period {
  const { since = now - USUAL, until = now } = parseRange(asked, now)
  if (since >= until) {
    throw new UsageError(`--until ${asked.until} is earlier than 30 days ago: specify --since, too`)
  }
  if (asked.locations.some((name) => name.trim() === '')) {
    throw new UsageError('--locations has an empty name')
  }
  return { since, until: Math.min(until, now), locations: [...new Set(asked.locations)] }
}
