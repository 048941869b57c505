import { Between, type EntityManager, IsNull, MoreThanOrEqual, Not } from 'typeorm'
import type { Range } from '../coverage/intervals.js'
import { CdrRecord, CdrSyncState } from '../entities/index.js'

/**
 * Up to where the Python tool believed to have all, in ms since 1970 UTC; undefined where it never ran. Its
 * watermark stepped over what it lost, so it is history only.
 */
export async function predecessorWatermark(manager: EntityManager): Promise<number | undefined> {
  const [newest] = await manager.find(CdrSyncState, {
    where: { source: IsNull(), lastSuccessfulEndTimeUtc: Not(IsNull()) },
    order: { lastSuccessfulEndTimeUtc: 'DESC' },
    take: 1
  })
  return newest?.lastSuccessfulEndTimeUtc?.getTime()
}

/** How many records were stored since the first run that the predecessor should have had: from before its watermark. */
export async function countRecovered(manager: EntityManager, range: Range): Promise<number> {
  const watermark = await predecessorWatermark(manager)
  if (watermark === undefined || watermark <= range.start) return 0
  const [first] = await manager.find(CdrSyncState, {
    where: { source: Not(IsNull()) },
    order: { id: 'ASC' },
    take: 1
  })
  return manager.countBy(CdrRecord, {
    startTime: Between(new Date(range.start), new Date(Math.min(watermark, range.end))),
    ...(first?.createdAt ? { ingestionTimestamp: MoreThanOrEqual(first.createdAt) } : {})
  })
}
