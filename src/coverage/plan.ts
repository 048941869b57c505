import { UsageError } from '../errors.js'
import type { SourceName } from '../webex/cdr-source.js'
import {
  asking,
  byFeed,
  type Coverage,
  completeUntil,
  isContinued,
  latestRead,
  uncovered,
  unread,
  unsettled,
  without,
  withRead
} from './coverage.js'
import { before, intersect, type Range, subtract, union } from './intervals.js'
import { FIRST_RUN, LOOK_EVERY, RULES, reach } from './rules.js'
import { filled, OVERLAP, planWindows } from './windows.js'

/** What a run is planned from. Times are the service's, in ms since 1970 UTC. */
export interface Known {
  coverage: Coverage
  /** How long after a call's beginning its record is expected, in ms. */
  lateness: number
  /** Windows that the service has refused again and again, by source: they wait. */
  postponed: Record<SourceName, readonly Range[]>
  /** Where windows are cut, by source, so that what failed is asked for apart from what did not. */
  cuts: Record<SourceName, readonly number[]>
  now: number
}

/** What somebody wants beyond what is missing. */
export interface Wanted {
  since?: number | undefined
  /** With `since`: just that range. */
  until?: number | undefined
  /** How far before what was read a run starts again, in ms, in place of the default. */
  lookback?: number | undefined
  /** Of cdr_feed: looks for what came late. */
  look?: boolean
  /** How far back a first run begins, in ms, in place of 48 hours. */
  history?: number | undefined
}

/** What a run asks a source for. */
export interface Plan {
  /** Oldest first; there is one at least. */
  windows: readonly Range[]
  /** What of the windows is missing or due; the rest is read again. */
  needs: readonly Range[]
  /** Start times that are asked for from now on. */
  asks?: Range
  /** Given ranges: the watermark stays where it is. */
  backfill: boolean
  /** What was wanted began before what the service keeps. */
  clamped: boolean
}

/**
 * What is missing and can be had, the lookback, and what is wanted beyond.
 * @throws UsageError where the range asked for is empty
 */
export function planRun(source: SourceName, known: Known, wanted: Wanted): Plan {
  return wanted.until === undefined ? planNewest(source, known, wanted) : planBackfill(source, known, wanted)
}

/**
 * What of `gaps`, and of what was never read before the newest, cdr_feed can still fetch.
 * @returns undefined where that is nothing
 */
export function planFill({ coverage, lateness, cuts, now }: Known, gaps: readonly Range[]): Plan | undefined {
  const bounds = reach('cdr_feed', now)
  const missing = [
    ...subtract(unread(coverage, bounds.end), [newestOf(coverage)]),
    ...intersect(unsettled(coverage, lateness, bounds.end), gaps)
  ]
  const ranges = shared(intersect(missing, [bounds]))
  const windows = windowsOf('cdr_feed', intersect(ranges, [bounds]), cuts.cdr_feed)
  return windows.length > 0 ? { windows, needs: ranges, backfill: true, clamped: false } : undefined
}

/** What is known after a run that has read all of its windows, and of which the database knows nothing. */
export function knownAfter(known: Known, source: SourceName, { windows, asks }: Plan): Known {
  const read = known.now - RULES[source].settling
  const before = asks ? asking(known.coverage, asks) : known.coverage
  return {
    ...known,
    coverage: windows.reduce((coverage, window) => withRead(coverage, source, { ...window, read }), before)
  }
}

/** Whether cdr_stream can bring all that is missing. */
export function isStreamable(known: Known): boolean {
  const { start } = reach('cdr_stream', known.now)
  const missing = uncovered(viewOf(known), known.lateness, known.now)
  // What cdr_stream keeps refusing, cdr_feed may give.
  const unavailable = [before(start), ...known.postponed.cdr_stream]
  return isContinued(known.coverage) && intersect(missing, unavailable).length === 0
}

/** Whether cdr_feed is to look for what came late: a day after it has shown all. */
export function isLookDue(known: Known): boolean {
  const { end } = reach('cdr_feed', known.now)
  const shown = completeUntil(byFeed(viewOf(known)), known.lateness, end)
  return shown !== undefined && known.now - shown >= LOOK_EVERY
}

/**
 * Start times of which calls are missing that no run fetches by itself: the service has them no longer, or refuses them.
 * @param streamOnly what cdr_stream has no longer is not fetched from cdr_feed
 */
export function gapsIn({ coverage, lateness, postponed, now }: Known, streamOnly: boolean): Range[] {
  const lost = before(reach('cdr_feed', now).start)
  // What comes late to a range that only was asked for once is not promised.
  const continued = {
    ...coverage,
    asked: coverage.asked.filter(({ end }) => end === Number.POSITIVE_INFINITY)
  }
  return union([
    ...intersect([...unsettled(continued, lateness, now), ...unread(coverage, now)], [lost]),
    ...intersect(unsettled(coverage, lateness, lastRead(coverage)), postponed.cdr_feed),
    ...(streamOnly ? unsettled(coverage, lateness, reach('cdr_stream', now).start) : [])
  ])
}

function planBackfill(source: SourceName, { now }: Known, { since, until = now }: Wanted): Plan {
  const bounds = reach(source, now)
  const start = since ?? bounds.start
  const [range] = intersect([{ start, end: until }], [bounds])
  if (!range) throw nothingToAsk({ start, end: until }, bounds)
  // By time of storage a range says nothing of when its calls began.
  const asks = source === 'cdr_feed' ? { asks: range } : {}
  const clamped = start < now - RULES[source].kept
  return { windows: planWindows(range, RULES[source]), needs: [range], ...asks, backfill: true, clamped }
}

function planNewest(source: SourceName, known: Known, { since, lookback, look, history }: Wanted): Plan {
  const { now, lateness } = known
  const bounds = reach(source, now)
  const oldest = now - RULES[source].kept
  const { feed, settled } = known.coverage
  const isAdopted = source === 'cdr_feed' && history !== undefined && feed.length + settled.length === 0
  const isFirst = !isContinued(known.coverage) || isAdopted
  const first = source === 'cdr_stream' ? bounds.start : now - (history ?? FIRST_RUN)
  const begin = since ?? (isFirst ? first : undefined)
  const asks = begin !== undefined && { start: Math.max(begin, bounds.start), end: Number.POSITIVE_INFINITY }
  if (asks && isFirst && asks.start >= bounds.end)
    throw nothingToAsk({ ...bounds, start: asks.start }, bounds)
  const view = viewOf(asks ? { ...known, coverage: asking(known.coverage, asks) } : known)
  const missing =
    source === 'cdr_stream'
      ? subtract(uncovered(view, lateness, bounds.end), known.postponed.cdr_stream)
      : unread(view, bounds.end)
  const late = look ? unsettled(byFeed(view), lateness, bounds.end) : []
  const tail = missing.findLast(({ end }) => end === bounds.end)?.start ?? bounds.end
  const again = { start: tail - (lookback ?? RULES[source].lookback), end: bounds.end }
  const ranges = [
    ...intersect(shared(missing), [{ start: view.asked[0]?.start ?? 0, end: bounds.end }]),
    ...late,
    ...(asks && since !== undefined ? [asks] : []),
    ...(isFirst && missing.length > 0
      ? []
      : subtract([lookback === undefined ? filled(again, RULES[source]) : again], known.postponed[source]))
  ]
  const wanted = Math.min(since ?? bounds.start, lookback === undefined ? bounds.start : again.start)
  const asked = intersect(ranges, [bounds])
  return {
    // Where all waits, nothing is lost by asking for the newest.
    windows: windowsOf(source, asked.length > 0 ? asked : [again], known.cuts[source]),
    needs: union([...missing, ...late]),
    ...(asks ? { asks } : {}),
    backfill: false,
    clamped: wanted < oldest
  }
}

function windowsOf(source: SourceName, ranges: readonly Range[], cuts: readonly number[]): Range[] {
  const pieces = union(ranges).flatMap((range) => {
    const inside = cuts.filter((cut) => cut > range.start + OVERLAP && cut < range.end - OVERLAP)
    const bounds = [range.start, ...[...new Set(inside)].sort((a, b) => a - b), range.end]
    return bounds.slice(1).map((end, index) => {
      const start = bounds[index] ?? range.start
      return { start: index === 0 ? start : start - OVERLAP, end }
    })
  })
  return pieces.flatMap((piece) => planWindows(piece, RULES[source]))
}

/** Each with the millisecond that it shares with what was read beside it. */
function shared(ranges: readonly Range[]): Range[] {
  return ranges.map(({ start, end }) => ({ start: start - OVERLAP, end: end + OVERLAP }))
}

/** What has come since the last read. */
function newestOf(coverage: Coverage): Range {
  return { start: latestRead(coverage)?.end ?? Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY }
}

/** Without what no request can bring now. */
function viewOf({ coverage, postponed, now }: Known): Coverage {
  return without(coverage, [...postponed.cdr_feed, before(reach('cdr_feed', now).start)])
}

/** The latest moment before which something was read. */
function lastRead({ feed, stream }: Coverage): number {
  return Math.max(0, ...feed.map(({ read }) => read), ...stream.map(({ end }) => end))
}

function nothingToAsk(wanted: Range, bounds: Range): UsageError {
  return new UsageError(
    `no records to fetch from ${iso(wanted.start)} to ${iso(wanted.end)}: Webex has those from ${iso(bounds.start)} to ${iso(bounds.end)}`
  )
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
