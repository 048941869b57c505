import type { EntityManager } from 'typeorm'
import { type Track, watermarkOf } from '../database/watermark.js'
import { isDeepRunDue, oldestInterrupted } from './checkpoint.js'
import { oldestFailure } from './failures.js'
import { predecessorWatermark } from './predecessor.js'
import { type Plan, planRange, type RangeRequest } from './windows.js'

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
  track: Track,
  request: Pick<RangeRequest, 'since' | 'until' | 'lookback'>,
  now: number
): Promise<RunPlan> {
  const watermark = await watermarkOf(manager, track)
  const predecessor = await predecessorWatermark(manager)
  const plan = planRange({
    ...request,
    now,
    watermark,
    adopted: predecessor !== undefined,
    deepDue: await isDeepRunDue(manager, track, now),
    missing: await oldestUnfetched(manager, track, watermark)
  })
  return { ...plan, watermark, predecessor }
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
