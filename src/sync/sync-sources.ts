import type { EntityManager } from 'typeorm'
import { watermarkOf } from '../database/watermark.js'
import { isRefusal } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { coverageStart, isCovered } from './coverage.js'
import { refusedAt } from './failures.js'
import { fillGaps } from './fill-gaps.js'
import { dailyStart, lookbackOf } from './look-back.js'
import type { SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'
import { scopeOf, trackOf } from './scope.js'
import { historyOf, type Range, RULES } from './windows.js'

export interface SyncRequest
  extends Pick<RunRequest, 'since' | 'until' | 'lookback' | 'locations' | 'dryRun'> {
  /** auto: cdr_stream for what is new, cdr_feed for what it no longer has, and once a day to see that all came. */
  source: 'auto' | 'feed' | 'stream'
  /** Fetches what gaps and failures lack, in place of what is new. */
  fillGaps?: boolean
}

export interface SyncParts extends RunParts {
  feed: CdrSource
  stream: CdrSource
}

/** How long a source that was refused is left alone, in ms. */
const REFUSAL_LASTS = 24 * 3_600_000

/** One run, or with `auto` as many as it takes, each yielded when it has ended. */
export async function* syncSources(
  { source, fillGaps: fills, ...request }: SyncRequest,
  parts: SyncParts
): AsyncGenerator<SyncResult, void, undefined> {
  const { feed, stream, now, dataSource } = parts
  const { manager } = dataSource
  if (fills) {
    yield* fillGaps(feed, request, parts)
    return
  }
  const isForced = source !== 'auto' || request.until !== undefined
  const watermark = await watermarkOf(manager, trackOf('cdr_stream', request.locations))
  const fedUpTo = await watermarkOf(manager, trackOf('cdr_feed', request.locations))
  if (source === 'stream') {
    const covered = watermark === undefined ? fedUpTo : undefined
    yield await runSource(stream, { ...request, covered }, parts)
    return
  }
  const covered = await streamedUpTo(manager, request.locations, watermark, fedUpTo)
  if (isForced || (await isRefused(manager, request, parts))) {
    yield await runSource(feed, { ...request, covered }, parts)
    return
  }
  const goesOn = watermark !== undefined && watermark >= now() - historyOf(RULES.cdr_stream)
  const asksFeed = request.since !== undefined || request.lookback !== undefined
  if (goesOn && !asksFeed) {
    const streamed = await runOptional(stream, request, parts)
    if (streamed) yield streamed
    const feedTrack = trackOf('cdr_feed', request.locations)
    const isDue =
      fedUpTo === undefined || (await dailyStart(manager, feedTrack, fedUpTo, now())) !== undefined
    if (!streamed || isDue) {
      yield await runSource(feed, { ...request, covered, verifies: streamed !== undefined }, parts)
    }
    return
  }
  const began = now()
  const lookback = await lookbackOf(manager, scopeOf(request.locations), began)
  const since = goesOn ? request.since : await whatIsOlder(manager, request, watermark, began, lookback)
  const fed = await runSource(feed, { ...request, since, covered }, parts)
  yield fed
  const fetched = goesOn || fed.incomplete > 0 ? undefined : handedOver(fed, watermark, began, lookback)
  const streamed = await runOptional(
    stream,
    { locations: request.locations, dryRun: request.dryRun, fetched },
    parts
  )
  if (streamed) yield streamed
}

/**
 * Where cdr_feed begins to read what cdr_stream no longer has, with all that may have come late in that time, unless a
 * run that was not handed over yet has read it.
 */
async function whatIsOlder(
  manager: EntityManager,
  { since, locations }: RunRequest,
  watermark: number | undefined,
  now: number,
  lookback: number
): Promise<number | undefined> {
  if (watermark === undefined) return since
  const from = watermark - lookback
  const oldest = now - historyOf(RULES.cdr_feed)
  const isRead = await isCovered(manager, trackOf('cdr_feed', locations), Math.max(from, oldest), watermark)
  return isRead ? since : Math.min(since ?? from, from)
}

/** Up to where cdr_stream has stored all that cdr_feed has not: undefined where something may lie between the two. */
async function streamedUpTo(
  manager: EntityManager,
  locations: readonly string[],
  watermark: number | undefined,
  fedUpTo: number | undefined
): Promise<number | undefined> {
  if (watermark === undefined) return undefined
  const streamedFrom = await coverageStart(manager, trackOf('cdr_stream', locations))
  const touches = fedUpTo === undefined || (streamedFrom !== undefined && streamedFrom <= fedUpTo)
  return touches ? watermark : undefined
}

/** Times of storage of which cdr_feed has brought all: what was stored then may have begun long before. */
function handedOver(fed: SyncResult, watermark: number | undefined, end: number, lookback: number): Range {
  const from = Date.parse(fed.range.start) + lookback
  return { start: Math.min(from, watermark ?? from), end }
}

/** @returns undefined where the source is refused: then the other one does it all */
async function runOptional(
  source: CdrSource,
  request: RunRequest,
  parts: RunParts
): Promise<SyncResult | undefined> {
  try {
    return await runSource(source, { ...request, optional: true }, parts)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const later = request.dryRun ? '' : `, ${source.name} is tried again tomorrow`
    parts.log.warn(`${error.message}; cdr_feed goes on alone${later}`)
    return undefined
  }
}

async function isRefused(manager: EntityManager, request: RunRequest, { now }: RunParts): Promise<boolean> {
  const tried = await refusedAt(manager, trackOf('cdr_stream', request.locations))
  // One of the future was written by a clock that was wrong.
  return tried !== undefined && tried <= now() && now() - tried < REFUSAL_LASTS
}
