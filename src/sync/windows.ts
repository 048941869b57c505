import { UsageError } from '../errors.js'
import type { SourceName } from '../webex/cdr-source.js'

/** [start, end) in ms since 1970 UTC. */
export interface Range {
  start: number
  end: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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
  /** What one run a day reads again, at least and at most: twice the lateness of the latest record. */
  deepLookback: number
  deepestLookback: number
}

export const RULES: Record<SourceName, SourceRules> = {
  // By Start time. Calls of many hours and records that come late lie far behind the watermark.
  cdr_feed: {
    window: 12 * HOUR,
    settling: 330_000,
    kept: 30 * DAY,
    keptFor: '30 days',
    lookback: HOUR,
    deepLookback: 48 * HOUR,
    deepestLookback: 7 * DAY
  },
  // By time of storage: whatever comes late is in a later window by itself.
  cdr_stream: {
    window: 2 * HOUR,
    settling: 90_000,
    kept: 12 * HOUR,
    keptFor: '12 hours',
    lookback: HOUR / 2,
    deepLookback: HOUR / 2,
    deepestLookback: HOUR / 2
  }
}

/** Whether the service counts a window's first and last millisecond is not documented, so windows share one. */
export const OVERLAP = 1
/** The edge of what the service keeps moves while a run waits its turn, so it stays away from it. */
const EDGE = 5 * MINUTE
const FIRST_RUN = 48 * HOUR

/** How far back a run asks, in ms. */
export function historyOf({ kept }: SourceRules): number {
  return kept - EDGE
}

/** How much later the same command may be tried again and still mean the same range. */
export const SLIDE = DAY

export interface RangeRequest {
  source: SourceName
  now: number
  /** undefined before the track's first checkpoint. */
  watermark: number | undefined
  /** What was stored in this time has just been fetched from the other source. */
  fetched?: Range | undefined
  /** The other source has stored everything before this moment. */
  covered?: number | undefined
  since?: number | undefined
  /** With `since`: a backfill of just that range. */
  until?: number | undefined
  /** In ms, in place of the default. */
  lookback?: number | undefined
  /** The predecessor stored records here, and lost some: the first run asks for all that the service still has. */
  adopted?: boolean
  /** Where the daily run begins, where it is due. */
  dailyStart?: number | undefined
  /** How far before the time of its storage a record may have begun, in ms. */
  lateness?: number
  /** Where the oldest run began that failed, or before any checkpoint was killed, and is not made good. */
  missing?: number | undefined
}

export interface Plan {
  range: Range
  /** Stores the range and leaves the watermark alone. */
  backfill: boolean
  /** What was to be fetched, or lies behind the watermark, and the service no longer has: lost to this API. */
  gap?: Range
  /** The range asked for began before what the service keeps. */
  clamped: boolean
  /** The range begins with the oldest that the service still has. */
  atEdge: boolean
}

/**
 * What a run asks for.
 * @throws UsageError when the range asked for is empty
 */
export function planRange(request: RangeRequest): Plan {
  const { now, fetched, since, until, lookback } = request
  const rules = RULES[request.source]
  const backfill = until !== undefined
  const newest = now - rules.settling
  const oldest = now - historyOf(rules)
  const end = Math.min(until ?? newest, newest)
  const wanted = backfill
    ? (since ?? oldest)
    : resumed(request, Math.min(start(request, rules), since ?? Number.POSITIVE_INFINITY))
  const range = { start: Math.max(wanted, oldest), end }
  if (range.start >= range.end) {
    throw new UsageError(
      `nothing to ask for from ${iso(wanted)} to ${iso(until ?? newest)}: the service has what is between ${iso(oldest)} and ${iso(newest)}`
    )
  }
  const isCovered = backfill || fetched !== undefined
  const lostFrom = isCovered
    ? oldest
    : Math.min(unseen(request) ?? oldest, unfetched(request, wanted, oldest))
  return {
    range,
    backfill,
    clamped: (since !== undefined || lookback !== undefined) && wanted < now - rules.kept,
    atEdge: wanted <= oldest,
    ...(lostFrom < oldest ? { gap: { start: lostFrom, end: oldest } } : {})
  }
}

/** From where on something may be that nobody has stored: by Start time what came late begins before the watermark. */
function unseen({ source, watermark, covered, dailyStart, lateness = 0 }: RangeRequest): number | undefined {
  const isBehind = covered !== undefined && covered > (watermark ?? Number.NEGATIVE_INFINITY)
  if (source === 'cdr_stream') return isBehind ? covered : watermark
  if (isBehind) return covered - lateness
  return watermark === undefined ? undefined : Math.min(watermark, dailyStart ?? watermark)
}

/**
 * A start that counts from now lies later at the second try: it is moved back to where the failed one began, for
 * a first run however long ago that was.
 */
function resumed({ watermark, fetched, since, missing }: RangeRequest, wanted: number): number {
  if (missing === undefined || missing >= wanted || fetched !== undefined) return wanted
  return watermark === undefined || (since !== undefined && wanted - missing <= SLIDE) ? missing : wanted
}

/** Where a run that was never made good began; with --since its edge just slid, which `clamped` tells. */
function unfetched({ watermark, since, missing }: RangeRequest, wanted: number, oldest: number): number {
  const slid = since !== undefined && oldest - wanted <= SLIDE
  return watermark === undefined && missing === wanted && !slid ? missing : oldest
}

function start(request: RangeRequest, rules: SourceRules): number {
  const { source, now, watermark, fetched, since, lookback, dailyStart, adopted } = request
  const newest = now - rules.settling
  const reached = Math.max(watermark ?? Number.NEGATIVE_INFINITY, fetched?.end ?? Number.NEGATIVE_INFINITY)
  if (reached === Number.NEGATIVE_INFINITY) {
    return source === 'cdr_feed' && !adopted ? (since ?? now - FIRST_RUN) : now - historyOf(rules)
  }
  // After the clock was set back the watermark can lie ahead.
  const from = Math.min(reached, newest)
  if (lookback !== undefined) return from - lookback
  const windows = windowsFor(newest - (from - rules.lookback), rules)
  const filled = newest - (windows * rules.window - (windows - 1) * OVERLAP)
  return dailyStart === undefined ? filled : Math.min(filled, dailyStart)
}

/** How far the daily run looks back, by how far before the watermark the latest record began; in ms. */
export function deepLookbackFor(latest: number, { deepLookback, deepestLookback }: SourceRules): number {
  return Math.min(Math.max(deepLookback, 2 * latest), deepestLookback)
}

/** Whether a run over `range` that ended just now looked back that far. A first run of 48 hours did. */
export function isDeep(range: Range, deepLookback: number): boolean {
  return range.end - range.start >= deepLookback - RULES.cdr_feed.settling
}

/** Cuts a range into windows, oldest first, that cover it without a gap. */
export function planWindows({ start, end }: Range, rules: SourceRules): Range[] {
  const step = rules.window - OVERLAP
  return Array.from({ length: windowsFor(end - start, rules) }, (_, index) => ({
    start: start + index * step,
    end: Math.min(start + index * step + rules.window, end)
  }))
}

function windowsFor(length: number, { window }: SourceRules): number {
  return Math.max(1, Math.ceil((length - OVERLAP) / (window - OVERLAP)))
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
