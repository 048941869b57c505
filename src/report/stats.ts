import { type DataSource, MoreThanOrEqual } from 'typeorm'
import type { RetentionPolicy } from '../config/retention.js'
import { watermarks } from '../coverage/watermark.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord, CdrSyncError, CdrSyncState, GAP, REFUSED } from '../entities/index.js'
import { type CallStats, callStats, sayCallsMissing } from './calls.js'
import { type DriftStats, driftOf } from './drift.js'
import { futureWatermarks } from './future.js'
import { type GapStats, openGaps, sayGap } from './gaps.js'
import { type LatenessStats, latenessOf } from './lateness.js'
import { type RetentionStats, retentionOf, sayOverdue } from './retention.js'

/** What `stats` shows; the keys of `stats --json`. Times are ISO 8601 in UTC. */
export interface Stats {
  records: { total: number; oldestStart: string | null; newestStart: string | null }
  /** Records by day of their Start time in UTC, the newest first, of 14 whole days. */
  days: { day: string; records: number }[]
  /** Records of the last seven days by Direction. */
  directions: { direction: string | null; records: number }[]
  /** Calls of the last seven days by class and outcome: docs/BI.md. */
  calls: CallStats[]
  watermarks: { source: string; scope: string; watermark: string; lagSeconds: number }[]
  /** The newest ten runs, the predecessor's included. */
  runs: RunStats[]
  /** cdr_sync_errors that are not recovered, by type. */
  openErrors: { type: string; count: number; newest: string | null }[]
  /** Ranges of Start times of which calls are missing, or may be. */
  gaps: GapStats[]
  lateness: LatenessStats
  /** What the service sends and this version does not know. */
  drift: DriftStats[]
  /** The parts of the retention policy; empty where everything is kept for ever. */
  retention: RetentionStats[]
  warnings: string[]
}

export interface RunStats {
  id: number
  started: string | null
  status: string | null
  source: string | null
  scope: string | null
  fetched: number
  inserted: number | null
  updated: number | null
  duplicate: number | null
  quarantined: number | null
  apiCalls: number
  durationSeconds: number
  notes: string | null
}

const DAY = 86_400_000

export async function collectStats(
  dataSource: DataSource,
  policy: RetentionPolicy,
  now: number
): Promise<Stats> {
  const { manager } = dataSource
  const gaps = await openGaps(manager, now)
  const retention = await retentionOf(manager, policy, now)
  const openErrors = await openErrorsOf(dataSource)
  return {
    records: await extentOf(dataSource),
    days: await daysOf(dataSource, now),
    directions: await directionsOf(dataSource, now),
    calls: await callStats(manager, now),
    watermarks: await watermarksOf(dataSource, now),
    runs: (await manager.find(CdrSyncState, { order: { id: 'DESC' }, take: 10 })).map(runStats),
    openErrors,
    gaps,
    lateness: await latenessOf(manager, now),
    drift: await driftOf(manager),
    retention,
    warnings: [
      ...gaps.map(sayGap),
      ...(await futureWatermarks(manager, now)),
      ...sayOverdue(retention),
      ...(await sayCallsMissing(manager)),
      ...openErrors
        .filter(({ type }) => ![GAP, REFUSED].includes(type))
        .map(({ type, count }) => `${count} ${type} not recovered: see cdr_sync_errors`)
    ]
  }
}

async function extentOf({ manager }: DataSource): Promise<Stats['records']> {
  const [oldest] = await manager.find(CdrRecord, {
    select: { startTime: true },
    order: { startTime: 'ASC' },
    take: 1
  })
  const [newest] = await manager.find(CdrRecord, {
    select: { startTime: true },
    order: { startTime: 'DESC' },
    take: 1
  })
  return {
    total: await manager.count(CdrRecord),
    oldestStart: iso(oldest?.startTime),
    newestStart: iso(newest?.startTime)
  }
}

async function daysOf({ manager }: DataSource, now: number): Promise<Stats['days']> {
  const day =
    currentDialect() === 'mssql' ? 'CONVERT(char(10), r.start_time, 23)' : 'substr(r.start_time, 1, 10)'
  const rows = await manager
    .createQueryBuilder(CdrRecord, 'r')
    .select(day, 'day')
    .addSelect('COUNT(*)', 'records')
    .where({ startTime: MoreThanOrEqual(new Date(Math.floor(now / DAY) * DAY - 13 * DAY)) })
    .groupBy(day)
    .orderBy(day, 'DESC')
    .getRawMany<{ day: string; records: number }>()
  return rows.map(({ day, records }) => ({ day, records: Number(records) }))
}

async function directionsOf({ manager }: DataSource, now: number): Promise<Stats['directions']> {
  const rows = await manager
    .createQueryBuilder(CdrRecord, 'r')
    .select('r.direction', 'direction')
    .addSelect('COUNT(*)', 'records')
    .where({ startTime: MoreThanOrEqual(new Date(now - 7 * DAY)) })
    .groupBy('r.direction')
    .orderBy('COUNT(*)', 'DESC')
    .getRawMany<{ direction: string | null; records: number }>()
  return rows.map(({ direction, records }) => ({ direction, records: Number(records) }))
}

async function watermarksOf({ manager }: DataSource, now: number): Promise<Stats['watermarks']> {
  return (await watermarks(manager)).map(({ watermark, ...track }) => ({
    ...track,
    watermark: new Date(watermark).toISOString(),
    lagSeconds: Math.round((now - watermark) / 1_000)
  }))
}

async function openErrorsOf({ manager }: DataSource): Promise<Stats['openErrors']> {
  const errors = await manager
    .createQueryBuilder(CdrSyncError, 'e')
    .select('e.errorType', 'type')
    .addSelect('COUNT(*)', 'count')
    .addSelect('MAX(e.id)', 'newest')
    .where({ recovered: false })
    .groupBy('e.errorType')
    .orderBy('e.errorType')
    .getRawMany<{ type: string | null; count: number; newest: number }>()
  return Promise.all(
    errors.map(async ({ type, count, newest }) => ({
      type: type ?? 'unknown',
      count: Number(count),
      newest: iso((await manager.findOneBy(CdrSyncError, { id: newest }))?.errorTimestamp)
    }))
  )
}

function runStats(run: CdrSyncState): RunStats {
  return {
    id: run.id,
    started: iso(run.createdAt),
    status: run.status,
    source: run.source,
    scope: run.scope,
    fetched: run.recordsFetched,
    inserted: run.recordsInserted,
    updated: run.recordsUpdated,
    duplicate: run.recordsDuplicate,
    quarantined: run.recordsQuarantined,
    apiCalls: run.apiCallsMade,
    durationSeconds: run.syncDurationSeconds,
    notes: run.notes
  }
}

function iso(moment: Date | null | undefined): string | null {
  return moment?.toISOString() ?? null
}
