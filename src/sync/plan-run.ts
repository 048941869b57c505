import type { EntityManager } from 'typeorm'
import { isDeepDue, latenessOf } from '../coverage/lateness.js'
import { type RunTrack, trackOf } from '../coverage/scope.js'
import { completeUntilOf, watermarkOf } from '../coverage/watermark.js'
import { historyOf, type Plan, planRange, type RangeRequest, RULES } from '../coverage/windows.js'
import { oldestInterrupted } from './checkpoint.js'
import { oldestFailure } from './failures.js'
import { predecessorWatermark } from './predecessor.js'

export interface RunPlan extends Plan {
  /** The track's, in ms since 1970 UTC; undefined while it has none. */
  watermark: number | undefined
  /** The predecessor's, likewise. */
  predecessor: number | undefined
  /** How far before the time of its storage a record may have begun, as far as is known; in ms. */
  lateness: number
  /** What Webex had stored before this moment is here: by the track's own runs, and by those of either source. */
  completeUntil: { own: number | undefined; scope: number | undefined }
}

export interface PlanRequest extends Pick<RangeRequest, 'since' | 'until' | 'lookback'> {
  /** Of cdr_feed: looks for what came late, though it may have done so within the last day. */
  deep?: boolean
  /** Deep, where cdr_stream has just brought what is new: whatever comes is what that left out. */
  verifies?: boolean
  /** Of a dry run of cdr_stream: that of cdr_feed has read, and not stored, what was stored before this moment. */
  rehearsed?: number | undefined
}

/**
 * What a run of the track is to fetch, from what the database knows.
 * @throws UsageError when the range asked for is empty
 */
export async function planRun(
  manager: EntityManager,
  track: RunTrack,
  { deep, verifies, rehearsed, ...request }: PlanRequest,
  now: number
): Promise<RunPlan> {
  const watermark = await watermarkOf(manager, track)
  const predecessor = track.source === 'cdr_feed' ? await predecessorWatermark(manager) : undefined
  const lateness = await latenessOf(manager, track.scope, now)
  const completeUntil = await completeUntilIn(manager, track, now)
  const from = verifies ? (completeUntil.own ?? completeUntil.scope) : completeUntil.scope
  const isFeed = track.source === 'cdr_feed' && from !== undefined
  const isDeep =
    isFeed &&
    (deep ||
      verifies ||
      (request.lookback === undefined && (await isDeepDue(manager, track.scope, from, now))))
  const plan = planRange({
    ...request,
    source: track.source,
    now,
    watermark,
    completeUntil: latest(completeUntil.scope, rehearsed),
    adopted: predecessor !== undefined,
    deepStart: isDeep ? from - lateness : undefined,
    lateness,
    missing: await oldestUnfetched(manager, track, completeUntil.scope)
  })
  return { ...plan, watermark, predecessor, lateness, completeUntil }
}

/** Whether cdr_stream alone can bring all that is not here yet, and whether cdr_feed is to see that it did. */
export async function whatIsDue(
  manager: EntityManager,
  locations: readonly string[],
  now: number
): Promise<{ streamable: boolean; verification: boolean }> {
  const track = trackOf('cdr_feed', locations)
  const { own, scope } = await completeUntilIn(manager, track, now)
  return {
    streamable: scope !== undefined && scope >= now - historyOf(RULES.cdr_stream),
    verification: own === undefined || (await isDeepDue(manager, track.scope, own, now))
  }
}

async function completeUntilIn(
  manager: EntityManager,
  track: RunTrack,
  now: number
): Promise<RunPlan['completeUntil']> {
  const other = track.source === 'cdr_feed' ? 'cdr_stream' : 'cdr_feed'
  // After the clock was set back it can lie ahead, and be true of nothing.
  const newest = now - RULES[track.source].settling
  const [own, others] = [
    await completeUntilOf(manager, track),
    await completeUntilOf(manager, { ...track, source: other })
  ].map((moment) => moment && Math.min(moment, newest))
  return { own, scope: latest(own, others) }
}

/**
 * A killed run that had a checkpoint is repeated from there; one that had none is known by its row only, and of cdr_feed
 * would be forgotten once cdr_stream has one.
 */
async function oldestUnfetched(
  manager: EntityManager,
  track: RunTrack,
  completeUntil: number | undefined
): Promise<number | undefined> {
  const failed = await oldestFailure(manager, track)
  if (completeUntil !== undefined) return failed
  const killed = earliest(failed, await oldestInterrupted(manager, track))
  if (track.source === 'cdr_feed') return killed
  return earliest(killed, await oldestInterrupted(manager, { ...track, source: 'cdr_feed' }))
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b)
}

/** The later of two moments, of which either may be unknown. */
export function latest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b)
}
