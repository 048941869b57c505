import type { SourceName } from '../webex/cdr-source.js'
import { before, intersect, type Range, subtract, union } from './intervals.js'

/** Start times that cdr_feed, or a report, was read for. */
export interface FeedRead extends Range {
  /** Of these calls all is here that the service had stored before this moment, in ms since 1970 UTC. */
  read: number
}

/**
 * What was asked for in a scope, and what was read. A record is a point: s, when its call began, and w, when the service
 * had stored it, s ≤ w ≤ s + lateness. Asked for are the points whose s lies in `asked`; what none of the other lists
 * covers is missing. Each list is in order and does not overlap itself.
 */
export interface Coverage {
  /** Of s. The last range of a scope that is synced again and again has no end. */
  asked: readonly Range[]
  /** Of s: each covers w < read. */
  feed: readonly FeedRead[]
  /** Of w, whatever s. */
  stream: readonly Range[]
  /** Of s, whatever w: read long ago, nothing more is expected. */
  settled: readonly Range[]
  /** Of s, whatever w: somebody has accepted that calls are missing. */
  accepted: readonly Range[]
}

export const NOTHING_COVERED: Coverage = { asked: [], feed: [], stream: [], settled: [], accepted: [] }

/** Start times before a moment that were never read: they have to be asked for. */
export function unread(coverage: Coverage, until: number): Range[] {
  return subtract(open(coverage, until), [...coverage.feed, ...coverage.stream])
}

/** Start times of which records may be missing that the service had stored before a moment. */
export function unsettled(coverage: Coverage, lateness: number, until: number): Range[] {
  const holes = subtract([before(until)], coverage.stream)
  return union(
    segments(coverage, until).flatMap(({ start, end, read }) =>
      holes
        .filter((hole) => read < hole.end)
        .map((hole) => ({
          start: Math.max(start, Math.max(hole.start, read) - lateness),
          end: Math.min(end, hole.end)
        }))
    )
  )
}

/** Times of storage before a moment of which records may be missing. */
export function uncovered(coverage: Coverage, lateness: number, until: number): Range[] {
  const stored = segments(coverage, until).map(({ start, end, read }) => ({
    start: Math.max(start, read),
    end: Math.min(end + lateness, until)
  }))
  return subtract(stored, coverage.stream)
}

/** The latest moment before which all is here that the service had stored; undefined where nothing was asked for. */
export function completeUntil(coverage: Coverage, lateness: number, now: number): number | undefined {
  if (coverage.asked.length === 0) return undefined
  return uncovered(coverage, lateness, now)[0]?.start ?? now
}

/** Asks for start times. */
export function asking(coverage: Coverage, range: Range): Coverage {
  return { ...coverage, asked: union([...coverage.asked, range]) }
}

/** A window has been read to its end. */
export function withRead(coverage: Coverage, source: SourceName, window: FeedRead): Coverage {
  if (window.start >= window.end) return coverage
  if (source === 'cdr_feed') return { ...coverage, feed: withFeedRead(coverage.feed, window) }
  return { ...coverage, stream: union([...coverage.stream, window]) }
}

/**
 * A report has brought what the service had stored of these calls before a moment, as a window of cdr_feed does. What was
 * read later stays so.
 */
export function withReport(coverage: Coverage, report: FeedRead): Coverage {
  const { read } = report
  const newer = coverage.feed.filter((row) => row.read >= read)
  return subtract([report], newer).reduce(
    (covered, range) => withRead(covered, 'cdr_feed', { ...range, read }),
    coverage
  )
}

/** What is read again counts as read at the later time. */
function withFeedRead(reads: readonly FeedRead[], window: FeedRead): FeedRead[] {
  const others = reads.flatMap((row) =>
    subtract([row], [window]).map((left) => ({ ...left, read: row.read }))
  )
  const merged: FeedRead[] = []
  for (const row of [...others, window].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last?.end === row.start && last.read === row.read) last.end = row.end
    else merged.push({ ...row })
  }
  return merged
}

/** Without what only a clock that was ahead can have written. */
export function asOf(coverage: Coverage, now: number): Coverage {
  return {
    ...coverage,
    feed: coverage.feed.filter(({ read }) => read <= now),
    stream: intersect(coverage.stream, [before(now)])
  }
}

/** As if nothing were missing there. */
export function without(coverage: Coverage, gaps: readonly Range[]): Coverage {
  return { ...coverage, accepted: union([...coverage.accepted, ...gaps]) }
}

/** What cdr_feed has shown, though cdr_stream may have brought more: each watches the other. */
export function byFeed(coverage: Coverage): Coverage {
  return { ...coverage, stream: [] }
}

/**
 * Makes what was complete before a moment one range, gaps apart, so that years take no more rows than weeks do, and no
 * lateness that is learned later asks for them again.
 */
export function settle(coverage: Coverage, gaps: readonly Range[], moment: number): Coverage {
  const old = [before(moment)]
  const settled = subtract(intersect(coverage.asked, old), [...gaps, ...coverage.accepted])
  return {
    ...coverage,
    feed: coverage.feed.flatMap((row) => subtract([row], old).map((left) => ({ ...left, read: row.read }))),
    stream: subtract(coverage.stream, old),
    settled: union([...coverage.settled, ...settled])
  }
}

/** Start times of which all records are here. */
export function whole({ settled, feed }: Coverage, lateness: number): Range[] {
  const shown = feed.map(({ start, end, read }) => ({ start, end: Math.min(end, read - lateness) }))
  return union([...settled, ...shown])
}

/** A scope that is synced again and again, not only given ranges of it. */
export function isContinued({ asked }: Coverage): boolean {
  return asked.at(-1)?.end === Number.POSITIVE_INFINITY
}

/** The latest range that was read without a hole; undefined where nothing was. */
export function latestRead({ feed, stream, settled }: Coverage): Range | undefined {
  return union([...feed, ...stream, ...settled]).at(-1)
}

/** What is asked for and may still lack something. */
function open({ asked, settled, accepted }: Coverage, until: number): Range[] {
  return intersect(subtract(asked, [...settled, ...accepted]), [before(until)])
}

/** The same, in pieces that were read at one time, or never. */
function segments(coverage: Coverage, until: number): FeedRead[] {
  const asked = open(coverage, until)
  return [
    ...subtract(asked, coverage.feed).map((range) => ({ ...range, read: Number.NEGATIVE_INFINITY })),
    ...coverage.feed.flatMap((row) => intersect([row], asked).map((range) => ({ ...range, read: row.read })))
  ]
}
