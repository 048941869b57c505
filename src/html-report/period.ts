import { parseMoment } from '../config/moments.js'
import { UsageError } from '../errors.js'

/** What a report is about: calls whose Start time is in [since, until), in ms since 1970 UTC. */
export interface Period {
  since: number
  until: number
  /** Only these; of all where it is empty. */
  locations: readonly string[]
}

const DEFAULT_SINCE = '30d'

/**
 * @param asked as it was typed
 * @throws UsageError
 */
export function periodOf(
  asked: { since?: string | undefined; until?: string | undefined; locations: readonly string[] },
  now: number
): Period {
  const since = parseMoment(asked.since ?? DEFAULT_SINCE, '--since', now)
  const until = asked.until === undefined ? now : parseMoment(asked.until, '--until', now)
  if (since > now) throw new UsageError(`--since ${asked.since} is in the future`)
  if (since >= until) {
    throw new UsageError(
      `--until ${asked.until ?? 'now'} must be later than --since ${asked.since ?? DEFAULT_SINCE}`
    )
  }
  if (asked.locations.some((name) => name.trim() === '')) {
    throw new UsageError('--locations has an empty name')
  }
  return { since, until: Math.min(until, now), locations: [...new Set(asked.locations)] }
}
