import { UsageError } from '../errors.js'

/** [start, end) in ms since 1970 UTC. */
export interface Range {
  start: number
  end: number
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The longest range that one cdr_feed request may ask for. */
export const WINDOW = 12 * HOUR
/** Whether the service counts a window's first and last millisecond is not documented, so windows share one. */
export const OVERLAP = 1
/** The newest that may be asked for: 5 minutes ago, and 30 s for clocks that differ. */
export const SETTLING = 330_000
/** What the service keeps. */
const KEPT = 30 * DAY
/** How far back a run asks: the edge moves while it waits its turn, so it stays 5 minutes away. */
export const HISTORY = KEPT - 5 * MINUTE
const FIRST_RUN = 48 * HOUR
/** The least that every run reads again; what its last request covers beyond comes for free. */
const LOOKBACK = HOUR
/** Once a day: only then do calls of many hours and records that come late show up. */
export const DEEP_LOOKBACK = 48 * HOUR

/** How much later the same command may be tried again and still mean the same range. */
export const SLIDE = DAY

export interface RangeRequest {
  now: number
  /** undefined before the scope's first checkpoint. */
  watermark: number | undefined
  since?: number | undefined
  /** With `since`: a backfill of just that range. */
  until?: number | undefined
  /** In ms, in place of the default. */
  lookback?: number | undefined
  /** The predecessor stored records here, and lost some: the first run asks for all that the service still has. */
  adopted?: boolean
  /** No run of the last day looked back over 48 hours. */
  deepDue: boolean
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
  const { now, watermark, since, until, lookback } = request
  const backfill = until !== undefined
  const newest = now - SETTLING
  const oldest = now - HISTORY
  const end = Math.min(until ?? newest, newest)
  const wanted = backfill
    ? (since ?? oldest)
    : resumed(request, Math.min(start(request, newest), since ?? Number.POSITIVE_INFINITY))
  const range = { start: Math.max(wanted, oldest), end }
  if (range.start >= range.end) {
    throw new UsageError(
      `nothing to ask for from ${iso(wanted)} to ${iso(until ?? newest)}: the service has what is between ${iso(oldest)} and ${iso(newest)}`
    )
  }
  const lostFrom = backfill ? oldest : Math.min(watermark ?? oldest, unfetched(request, wanted, oldest))
  return {
    range,
    backfill,
    clamped: (since !== undefined || lookback !== undefined) && wanted < now - KEPT,
    atEdge: wanted <= oldest,
    ...(lostFrom < oldest ? { gap: { start: lostFrom, end: oldest } } : {})
  }
}

/**
 * A start that counts from now lies later at the second try: it is moved back to where the failed one began, for
 * a first run however long ago that was.
 */
function resumed({ watermark, since, missing }: RangeRequest, wanted: number): number {
  if (missing === undefined || missing >= wanted) return wanted
  return watermark === undefined || (since !== undefined && wanted - missing <= SLIDE) ? missing : wanted
}

/** Where a run that was never made good began; with --since its edge just slid, which `clamped` tells. */
function unfetched({ watermark, since, missing }: RangeRequest, wanted: number, oldest: number): number {
  const slid = since !== undefined && oldest - wanted <= SLIDE
  return watermark === undefined && missing === wanted && !slid ? missing : oldest
}

function start(request: RangeRequest, newest: number): number {
  const { now, watermark, since, lookback, adopted, deepDue } = request
  if (watermark === undefined) return adopted ? now - HISTORY : (since ?? now - FIRST_RUN)
  // After the clock was set back the watermark can lie ahead.
  const from = Math.min(watermark, newest)
  if (lookback !== undefined) return from - lookback
  const windows = windowsFor(newest - (from - LOOKBACK))
  const filled = newest - (windows * WINDOW - (windows - 1) * OVERLAP)
  return deepDue ? Math.min(filled, from - DEEP_LOOKBACK) : filled
}

/** Whether a run over `range` that ended just now looked back over what the daily one is for. */
export function isDeep(range: Range): boolean {
  return range.end - range.start >= FIRST_RUN - SETTLING
}

/** Cuts a range into windows, oldest first, that cover it without a gap. */
export function planWindows({ start, end }: Range): Range[] {
  const step = WINDOW - OVERLAP
  return Array.from({ length: windowsFor(end - start) }, (_, index) => ({
    start: start + index * step,
    end: Math.min(start + index * step + WINDOW, end)
  }))
}

function windowsFor(length: number): number {
  return Math.max(1, Math.ceil((length - OVERLAP) / (WINDOW - OVERLAP)))
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
