import { And, type EntityManager, IsNull, LessThan, MoreThanOrEqual, Not } from 'typeorm'
import { coveredScopes } from '../../coverage/table.js'
import { watermarks } from '../../coverage/watermark.js'
import { CdrRecord, CdrSyncError, CdrSyncState, QUARANTINED } from '../../entities/index.js'
import { driftOf } from '../../report/drift.js'
import { futureWatermarks } from '../../report/future.js'
import { type GapStats, openGaps } from '../../report/gaps.js'
import type { Period } from '../period.js'

/** What there is to know of the data itself. Times in ms since 1970 UTC. */
export interface Quality {
  /** Of the period, of all locations. */
  records: number
  /** Of these, how many no call has been made of. */
  loose: number
  /** Of all time, by source and scope. */
  watermarks: { source: string; scope: string; watermark: number }[]
  complete: { scope: string; until: number | undefined }[]
  /** Open ones that lie in the period. */
  gaps: GapStats[]
  quarantined: number
  /** Keys, values and types that this version does not know. */
  unknown: number
  /** Watermarks in the future. */
  warnings: string[]
}

export async function qualityOf(manager: EntityManager, period: Period, now: number): Promise<Quality> {
  const startTime = And(MoreThanOrEqual(new Date(period.since)), LessThan(new Date(period.until)))
  return {
    records: await manager.countBy(CdrRecord, { startTime }),
    loose: await manager.countBy(CdrRecord, { startTime, journeyId: IsNull() }),
    watermarks: await watermarks(manager),
    complete: await completeOf(manager),
    gaps: (await openGaps(manager, now)).filter(
      ({ start, end }) => Date.parse(start) < period.until && Date.parse(end) > period.since
    ),
    quarantined: await manager.countBy(CdrSyncError, { errorType: QUARANTINED, recovered: false }),
    unknown: (await driftOf(manager)).length,
    warnings: await futureWatermarks(manager, now)
  }
}

/** By the newest run that could tell. */
async function completeOf(manager: EntityManager): Promise<Quality['complete']> {
  const scopes = await coveredScopes(manager)
  return Promise.all(
    scopes.map(async (scope) => {
      const run = await manager.findOne(CdrSyncState, {
        where: { scope, completeUntilUtc: Not(IsNull()) },
        order: { id: 'DESC' }
      })
      return { scope, until: run?.completeUntilUtc?.getTime() }
    })
  )
}
