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
  /** How far behind what is complete one run a day begins, at least and at most: twice the latest record's lateness. */
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
  /** What the service had stored before this moment is here, from whichever source; undefined while nothing is. */
  completeUntil?: number | undefined
  since?: number | undefined
  /** With `since`: a backfill of just that range. */
  until?: number | undefined
  /** In ms, in place of the default. */
  lookback?: number | undefined
  /** The predecessor stored records here, and lost some: the first run asks for all that the service still has. */
  adopted?: boolean
  /** Where a run begins that looks for what came late, where one is due. */
  deepStart?: number | undefined
  /** How far before the time of its storage a record may have begun, as far as is known; in ms. */
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
  /**
   * At the start of the range, or before: what failed from here on lacks nothing more before the range. A gap tells of
   * it, or with `since` it has slid out of what the service keeps.
   */
  lapsedFrom: number
  /** With each window of the range all is complete that the service had stored before its end, gaps apart. */
  completes: boolean
}

/**
 * What a run asks for.
 * @throws UsageError when the range asked for is empty
 */
export function planRange(request: RangeRequest): Plan {
  const { now, since, until, lookback } = request
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
  const lostFrom = backfill
    ? Number.POSITIVE_INFINITY
    : Math.min(unseen(request), unfetched(request, wanted, oldest))
  const atEdge = wanted <= oldest
  const slides = !backfill && asksForAll(since, oldest)
  return {
    range,
    backfill,
    clamped: (since !== undefined || lookback !== undefined) && wanted < now - rules.kept,
    lapsedFrom: Math.min(range.start - (slides ? SLIDE : 0), lostFrom),
    completes: !backfill && (atEdge || goesOn(request, range.start)),
    ...(lostFrom < oldest ? { gap: { start: lostFrom, end: oldest } } : {})
  }
}

/** From where on something may be that nobody has stored: by Start time what came late begins before. */
function unseen({ source, completeUntil, lateness = 0 }: RangeRequest): number {
  if (completeUntil === undefined) return Number.POSITIVE_INFINITY
  return source === 'cdr_feed' ? completeUntil - lateness : completeUntil
}

/** Whether nothing can lie between what is complete and a range: what is later than 48 hours is looked for, not promised. */
function goesOn({ source, completeUntil }: RangeRequest, start: number): boolean {
  if (completeUntil === undefined) return true
  return start <= (source === 'cdr_feed' ? completeUntil - RULES[source].deepLookback : completeUntil)
}

/**
 * A start that counts from now lies later at the second try: it is moved back to where the failed one began, for
 * a first run however long ago that was.
 */
function resumed({ completeUntil, since, missing }: RangeRequest, wanted: number): number {
  if (missing === undefined || missing >= wanted) return wanted
  return completeUntil === undefined || (since !== undefined && wanted - missing <= SLIDE) ? missing : wanted
}

/** Whether --since asks for all that the service has: the oldest of it slips away meanwhile. */
function asksForAll(since: number | undefined, oldest: number): boolean {
  return since !== undefined && since <= oldest
}

/** Where a first run that was never made good began; with --since its edge just slid, which `clamped` tells. */
function unfetched({ completeUntil, since, missing }: RangeRequest, wanted: number, oldest: number): number {
  const isRepeated = completeUntil === undefined && missing === wanted
  const slid = asksForAll(since, oldest) && oldest - wanted <= SLIDE
  return isRepeated && !slid ? missing : Number.POSITIVE_INFINITY
}

function start(request: RangeRequest, rules: SourceRules): number {
  const { source, now, watermark, completeUntil, since, lookback, adopted } = request
  const deepStart = request.deepStart ?? Number.POSITIVE_INFINITY
  const newest = now - rules.settling
  // By time of storage it goes on where either source has brought all.
  const reached = source === 'cdr_stream' ? completeUntil : watermark
  if (reached === undefined) {
    const isAll = source === 'cdr_stream' || adopted
    return isAll ? now - historyOf(rules) : Math.min(since ?? now - FIRST_RUN, deepStart)
  }
  // After the clock was set back it can lie ahead.
  const from = Math.min(reached, newest)
  if (lookback !== undefined) return Math.min(from - lookback, deepStart)
  const windows = windowsFor(newest - (from - rules.lookback), rules)
  return Math.min(newest - (windows * rules.window - (windows - 1) * OVERLAP), deepStart)
}

/** How far the daily run looks back, by how far before the watermark the latest record began; in ms. */
export function deepLookbackFor(latest: number, { deepLookback, deepestLookback }: SourceRules): number {
  return Math.min(Math.max(deepLookback, 2 * latest), deepestLookback)
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
