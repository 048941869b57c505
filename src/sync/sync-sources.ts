import type { EntityManager } from 'typeorm'
import { watermarkOf } from '../database/watermark.js'
import { isRefusal } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { refusedAt } from './failures.js'
import { fillGaps } from './fill-gaps.js'
import { dueLookback } from './plan-run.js'
import type { SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'
import { trackOf } from './scope.js'
import { historyOf, RULES } from './windows.js'

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
  if (fills) {
    yield* fillGaps(feed, request, parts)
    return
  }
  const feedOnly = request.until !== undefined || (await isRefused(dataSource.manager, request, parts))
  if (source !== 'auto' || feedOnly) {
    yield await runSource(source === 'stream' ? stream : feed, request, parts)
    return
  }
  const watermark = await watermarkOf(dataSource.manager, trackOf('cdr_stream', request.locations))
  const goesOn = watermark !== undefined && watermark >= now() - historyOf(RULES.cdr_stream)
  const asksFeed = request.since !== undefined || request.lookback !== undefined
  if (goesOn && !asksFeed) {
    const streamed = await runOptional(stream, request, parts)
    if (streamed) yield streamed
    const due = await dueLookback(dataSource.manager, trackOf('cdr_feed', request.locations), now())
    if (!streamed || due !== undefined)
      yield await runSource(feed, { ...request, verifies: streamed !== undefined }, parts)
    return
  }
  const began = now()
  const fed = await runSource(
    feed,
    { ...request, ...(goesOn ? {} : reachingBack(request, watermark)) },
    parts
  )
  yield fed
  const fetched = goesOn ? undefined : { start: Date.parse(fed.range.start), end: began }
  const streamed = await runOptional(
    stream,
    { locations: request.locations, dryRun: request.dryRun, fetched },
    parts
  )
  if (streamed) yield streamed
}

/** What cdr_stream no longer has is asked of cdr_feed, with all that may have come late in that time. */
function reachingBack({ since }: RunRequest, watermark: number | undefined): Pick<RunRequest, 'since'> {
  if (watermark === undefined) return { since }
  return { since: Math.min(since ?? watermark, watermark - RULES.cdr_feed.deepLookback) }
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
    parts.log.warn(`${error.message}; cdr_feed goes on alone, ${source.name} is tried again tomorrow`)
    return undefined
  }
}

async function isRefused(manager: EntityManager, request: RunRequest, { now }: RunParts): Promise<boolean> {
  const tried = await refusedAt(manager, trackOf('cdr_stream', request.locations))
  return tried !== undefined && now() - tried < REFUSAL_LASTS
}
