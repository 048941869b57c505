import { type EntityManager, IsNull, Not } from 'typeorm'
import { CdrSyncState } from '../entities/index.js'

/** What a watermark belongs to: the API that was read, and the location filter. */
export interface Track {
  source: string
  scope: string
}

/** The largest checkpoint of a track, in ms since 1970 UTC. */
export async function watermarkOf(manager: EntityManager, track: Track): Promise<number | undefined> {
  const newest = await manager.findOne(CdrSyncState, {
    select: { id: true, lastSuccessfulEndTimeUtc: true },
    where: { ...track, lastSuccessfulEndTimeUtc: Not(IsNull()) },
    order: { lastSuccessfulEndTimeUtc: 'DESC' }
  })
  return newest?.lastSuccessfulEndTimeUtc?.getTime()
}

/** Every track that has a watermark, in ms since 1970 UTC, by scope. */
export async function watermarks(manager: EntityManager): Promise<(Track & { watermark: number })[]> {
  const tracks = await manager
    .createQueryBuilder(CdrSyncState, 's')
    .select('s.source', 'source')
    .addSelect('s.scope', 'scope')
    .where({ source: Not(IsNull()), lastSuccessfulEndTimeUtc: Not(IsNull()) })
    .groupBy('s.source')
    .addGroupBy('s.scope')
    .orderBy('s.scope')
    .addOrderBy('s.source')
    .getRawMany<Track>()
  return Promise.all(
    tracks.map(async (track) => ({ ...track, watermark: (await watermarkOf(manager, track)) ?? 0 }))
  )
}

/** Of every scope the track that is ahead: what one source lacks, the other one brings. */
export async function leadingWatermarks(manager: EntityManager): Promise<(Track & { watermark: number })[]> {
  const leading = new Map<string, Track & { watermark: number }>()
  for (const track of await watermarks(manager)) {
    const other = leading.get(track.scope)
    if (!other || track.watermark > other.watermark) leading.set(track.scope, track)
  }
  return [...leading.values()]
}
