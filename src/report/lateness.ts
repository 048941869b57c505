import { type EntityManager, IsNull, MoreThanOrEqual, Not } from 'typeorm'
import { latenessFor, latestOf } from '../coverage/lateness.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord, CdrSyncState } from '../entities/index.js'

/** How long after a call's end its records are stored. All in s. */
export interface LatenessStats {
  /** Of the last seven days; those of calls that ended before the first sync do not count. */
  records: number
  /** Half, 90 %, 99 % and all of them came within this; null where there are none. */
  p50: number | null
  p90: number | null
  p99: number | null
  max: number | null
  /** How far before the watermark the latest record of the last 14 days began. */
  latest: number
  /** How much cdr_feed reads again once a day. */
  lookback: number
}

const WEEK = 7 * 86_400_000

export async function latenessOf(manager: EntityManager, now: number): Promise<LatenessStats> {
  const latest = await latestOf(manager, ALL_LOCATIONS, now)
  const groups = await groupsOf(manager, now)
  return {
    records: groups.reduce((sum, { records }) => sum + records, 0),
    p50: quantile(groups, 0.5),
    p90: quantile(groups, 0.9),
    p99: quantile(groups, 0.99),
    max: quantile(groups, 1),
    latest: latest / 1_000,
    lookback: latenessFor(latest) / 1_000
  }
}

/** As many records as came within as many seconds. */
interface Group {
  seconds: number
  records: number
}

/** The shortest first. One pass over a week, and no more rows than it has seconds. */
async function groupsOf(manager: EntityManager, now: number): Promise<Group[]> {
  const [first] = await manager.find(CdrSyncState, {
    where: { source: Not(IsNull()) },
    order: { id: 'ASC' },
    take: 1
  })
  const began = first?.createdAt
  if (!began) return []
  const seconds =
    currentDialect() === 'mssql'
      ? 'DATEDIFF_BIG(second, r.release_time, r.ingestion_timestamp)'
      : 'CAST(ROUND((julianday(r.ingestion_timestamp) - julianday(r.release_time)) * 86400) AS integer)'
  const groups = await manager
    .createQueryBuilder(CdrRecord, 'r')
    .select(seconds, 'seconds')
    .addSelect('COUNT(*)', 'records')
    .where({
      // It has an index; the others have none.
      startTime: MoreThanOrEqual(new Date(now - WEEK)),
      releaseTime: MoreThanOrEqual(began),
      ingestionTimestamp: Not(IsNull())
    })
    .groupBy(seconds)
    .orderBy(seconds)
    .getRawMany<Group>()
  return groups.map((group) => ({ seconds: Number(group.seconds), records: Number(group.records) }))
}

/** The seconds within which that share of the records came; null where there are none. */
function quantile(groups: readonly Group[], share: number): number | null {
  let wanted = Math.ceil(share * groups.reduce((sum, { records }) => sum + records, 0))
  for (const { seconds, records } of groups) {
    wanted -= records
    if (wanted <= 0) return seconds
  }
  return null
}
