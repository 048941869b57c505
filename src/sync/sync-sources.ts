import type { EntityManager } from 'typeorm'
import { trackOf } from '../coverage/scope.js'
import { isRefusal } from '../errors.js'
import type { CdrSource } from '../webex/cdr-source.js'
import { refusedAt } from './failures.js'
import { fillGaps } from './fill-gaps.js'
import { whatIsDue } from './plan-run.js'
import type { SyncResult } from './result.js'
import { type RunParts, type RunRequest, runSource } from './run.js'

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
  if (source === 'stream') {
    yield await runSource(stream, request, parts)
    return
  }
  if (source === 'feed' || request.until !== undefined || (await isRefused(manager, request, parts))) {
    yield await runSource(feed, request, parts)
    return
  }
  const due = await whatIsDue(manager, request.locations, now())
  const isAsked = request.since !== undefined || request.lookback !== undefined
  if (due.streamable && !isAsked) {
    const streamed = await runOptional(stream, request, parts)
    if (streamed) yield streamed
    if (!streamed || due.verification) {
      yield await runSource(feed, { ...request, verifies: streamed !== undefined }, parts)
    }
    return
  }
  // What cdr_stream no longer has, with all that came late in that time, or what is asked for.
  const fed = await runSource(feed, { ...request, deep: !due.streamable }, parts)
  yield fed
  const { locations, dryRun } = request
  const rehearsed = dryRun ? Date.parse(fed.range.end) : undefined
  const streamed = await runOptional(stream, { locations, dryRun, rehearsed }, parts)
  if (streamed) yield streamed
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
