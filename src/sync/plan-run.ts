import type { EntityManager } from 'typeorm'
import { type Track, watermarkOf } from '../database/watermark.js'
import { isDeepRunDue, latestOf, oldestInterrupted } from './checkpoint.js'
import { oldestFailure } from './failures.js'
import { predecessorWatermark } from './predecessor.js'
import type { RunTrack } from './scope.js'
import { deepLookbackFor, type Plan, planRange, type RangeRequest, RULES } from './windows.js'

export interface RunPlan extends Plan {
  /** The track's, in ms since 1970 UTC; undefined while it has none. */
  watermark: number | undefined
  /** The predecessor's, likewise. */
  predecessor: number | undefined
}

/**
 * What a run of the track is to fetch, from what the database knows.
 * @throws UsageError when the range asked for is empty
 */
export async function planRun(
  manager: EntityManager,
  track: RunTrack,
  request: Pick<RangeRequest, 'since' | 'until' | 'lookback' | 'fetched' | 'covered'>,
  now: number
): Promise<RunPlan> {
  const watermark = await watermarkOf(manager, track)
  const predecessor = track.source === 'cdr_feed' ? await predecessorWatermark(manager) : undefined
  const plan = planRange({
    ...request,
    source: track.source,
    now,
    watermark,
    adopted: predecessor !== undefined,
    deepLookback: await dueLookback(manager, track, now),
    missing: await oldestUnfetched(manager, track, watermark)
  })
  return { ...plan, watermark, predecessor }
}

/** How far the daily run of a track looks back, in ms, or undefined where it has been. */
export async function dueLookback(
  manager: EntityManager,
  track: RunTrack,
  now: number
): Promise<number | undefined> {
  const deep = deepLookbackFor(await latestOf(manager, track, now), RULES[track.source])
  return (await isDeepRunDue(manager, track, now, deep)) ? deep : undefined
}

/** A killed run that had a checkpoint is repeated from there; one that had none is known by its row only. */
async function oldestUnfetched(
  manager: EntityManager,
  track: Track,
  watermark: number | undefined
): Promise<number | undefined> {
  const failed = await oldestFailure(manager, track)
  const killed = watermark === undefined ? await oldestInterrupted(manager, track) : undefined
  return failed === undefined || killed === undefined ? (failed ?? killed) : Math.min(failed, killed)
}
