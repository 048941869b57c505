import type { SourceName } from '../webex/cdr-source.js'
import type { Range } from './intervals.js'

const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** What a source has and how it may be asked; in ms. */
export interface SourceRules {
  /** The longest range that one request may ask for. */
  window: number
  /** How old the newest must be that is asked for, with 30 s for clocks that differ. */
  settling: number
  /** What the service keeps. */
  kept: number
  /** The same in words. */
  keptFor: string
  /** The least that every run reads again; what its last request covers beyond comes for free. */
  lookback: number
}

export const RULES: Record<SourceName, SourceRules> = {
  // By Start time.
  cdr_feed: {
    window: 12 * HOUR,
    settling: 330_000,
    kept: 30 * DAY,
    keptFor: '30 days',
    lookback: HOUR
  },
  // By time of storage.
  cdr_stream: {
    window: 2 * HOUR,
    settling: 90_000,
    kept: 12 * HOUR,
    keptFor: '12 hours',
    lookback: HOUR / 2
  }
}

/** How long after its beginning a call's record is expected at the service, in ms. */
export const LATENESS = { least: 48 * HOUR, most: 7 * DAY }

/** How often cdr_feed looks for what came late, in ms. */
export const LOOK_EVERY = DAY

/** What the first run of a scope asks for, in ms. */
export const FIRST_RUN = 48 * HOUR

/** How long a window waits that was refused so often, in ms: the next run asks once more, then it takes hours. */
export function pauseAfter(refusals: number): number {
  return refusals < 2 ? 0 : Math.min(HOUR * 2 ** (refusals - 2), DAY)
}

/** The edge of what the service keeps moves while a run waits its turn, so it stays away from it. */
const EDGE = 5 * MINUTE

/** What a source can be asked for now. */
export function reach(source: SourceName, now: number): Range {
  const { kept, settling } = RULES[source]
  return { start: now - kept + EDGE, end: now - settling }
}
