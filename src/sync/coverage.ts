import { type EntityManager, LessThanOrEqual, MoreThanOrEqual } from 'typeorm'
import type { Track } from '../coverage/watermark.js'
import { CdrSyncState } from '../entities/index.js'

/**
 * From where on the runs of a track have read everything up to its watermark, gaps apart, in ms since 1970 UTC. A
 * backfill does not count: there may be a hole behind it.
 */
export async function coverageStart(manager: EntityManager, track: Track): Promise<number | undefined> {
  const found = await manager
    .createQueryBuilder(CdrSyncState, 's')
    .select('MIN(s.rangeStartUtc)', 'start')
    .where({ ...track, status: 'succeeded' })
    // A run that reached its end and made it the watermark.
    .andWhere('s.rangeEndUtc = s.lastSuccessfulEndTimeUtc')
    .getRawOne<{ start: string | Date | null }>()
  return found?.start ? momentOf(found.start) : undefined
}

/** Whether a run of the track has read all of [start, end). */
export function isCovered(manager: EntityManager, track: Track, start: Date, end: Date): Promise<boolean> {
  return manager.existsBy(CdrSyncState, {
    ...track,
    status: 'succeeded',
    rangeStartUtc: LessThanOrEqual(start),
    rangeEndUtc: MoreThanOrEqual(end)
  })
}

/** SQLite gives text. */
function momentOf(value: string | Date): number {
  return typeof value === 'string' ? Date.parse(`${value.replace(' ', 'T')}Z`) : value.getTime()
}
