import { type EntityManager, IsNull, MoreThanOrEqual, Not } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord, CdrSyncState } from '../entities/index.js'
import { latestOf } from '../sync/checkpoint.js'
import { ALL_LOCATIONS } from '../sync/scope.js'
import { deepLookbackFor, RULES } from '../sync/windows.js'

/** How long after a call's end its records are stored. All in s. */
export interface LatenessStats {
  /** Of the last seven days; those of calls that ended before the first sync do not count. */
  records: number
  /** Half, 90 %, 99 % and all of them came within this; null where there are none. */
  p50: number | null
  p90: number | null
  p99: number | null
  max: number | null
  /** How far before cdr_feed's watermark the latest record of the last 14 days began. */
  latest: number
  /** How much cdr_feed reads again once a day. */
  lookback: number
}

const WEEK = 7 * 86_400_000

export async function latenessOf(manager: EntityManager, now: number): Promise<LatenessStats> {
  const latest = await latestOf(manager, { source: 'cdr_feed', scope: ALL_LOCATIONS }, now)
  const quantile = await quantilesOf(manager, now)
  return {
    records: quantile.records,
    p50: await quantile.at(0.5),
    p90: await quantile.at(0.9),
    p99: await quantile.at(0.99),
    max: await quantile.at(1),
    latest: latest / 1_000,
    lookback: deepLookbackFor(latest, RULES.cdr_feed) / 1_000
  }
}

async function quantilesOf(
  manager: EntityManager,
  now: number
): Promise<{ records: number; at: (share: number) => Promise<number | null> }> {
  const [first] = await manager.find(CdrSyncState, {
    where: { source: Not(IsNull()) },
    order: { id: 'ASC' },
    take: 1
  })
  const began = first?.createdAt
  if (!began) return { records: 0, at: async () => null }
  const where = {
    // It has an index; the others have none.
    startTime: MoreThanOrEqual(new Date(now - WEEK)),
    releaseTime: MoreThanOrEqual(began),
    ingestionTimestamp: Not(IsNull())
  }
  const records = await manager.countBy(CdrRecord, where)
  const seconds =
    currentDialect() === 'mssql'
      ? 'DATEDIFF(second, r.release_time, r.ingestion_timestamp)'
      : 'CAST(ROUND((julianday(r.ingestion_timestamp) - julianday(r.release_time)) * 86400) AS integer)'
  const at = async (share: number) => {
    if (records === 0) return null
    const [row] = await manager
      .createQueryBuilder(CdrRecord, 'r')
      .select(seconds, 'seconds')
      .where(where)
      .orderBy(seconds)
      .offset(Math.ceil(share * records) - 1)
      .limit(1)
      .getRawMany<{ seconds: number }>()
    return row === undefined ? null : Number(row.seconds)
  }
  return { records, at }
}
