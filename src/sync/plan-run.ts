import type { EntityManager } from 'typeorm'
import { type Track, watermarkOf } from '../database/watermark.js'
import { oldestInterrupted } from './checkpoint.js'
import { oldestFailure } from './failures.js'
import { dailyStart, lookbackOf } from './look-back.js'
import { predecessorWatermark } from './predecessor.js'
import type { RunTrack } from './scope.js'
import { type Plan, planRange, type RangeRequest } from './windows.js'

export interface RunPlan extends Plan {
  /** The track's, in ms since 1970 UTC; undefined while it has none. */
  watermark: number | undefined
  /** The predecessor's, likewise. */
  predecessor: number | undefined
  /** How far before the time of its storage a record may have begun, in ms. */
  lookback: number
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
  const isDaily = track.source === 'cdr_feed' && watermark !== undefined
  const lookback = await lookbackOf(manager, track.scope, now)
  const plan = planRange({
    ...request,
    source: track.source,
    now,
    watermark,
    adopted: predecessor !== undefined,
    dailyStart: isDaily ? await dailyStart(manager, track, watermark, now) : undefined,
    lateness: lookback,
    missing: await oldestUnfetched(manager, track, watermark)
  })
  return { ...plan, watermark, predecessor, lookback }
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
