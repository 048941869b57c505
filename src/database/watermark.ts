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
    where: { ...track, lastSuccessfulEndTimeUtc: Not(IsNull()) },
    order: { lastSuccessfulEndTimeUtc: 'DESC' }
  })
  return newest?.lastSuccessfulEndTimeUtc?.getTime()
}
