import {
  Between,
  type EntityManager,
  IsNull,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  MoreThanOrEqual,
  Not
} from 'typeorm'
import type { Track } from '../database/watermark.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncError, CdrSyncState, GAP, KILLED } from '../entities/index.js'
import { messageOf } from '../errors.js'
import { DEEP_LOOKBACK, type Range, SLIDE } from './windows.js'

type RunOfTrack = Track & { runId: number }

/** @param missing what the run was to store and did not */
export async function recordFailure(
  manager: EntityManager,
  run: RunOfTrack,
  error: unknown,
  missing: Range
): Promise<void> {
  await insert(manager, {
    ...run,
    ...columnsOf(missing),
    errorType: (error instanceof Error ? error.name : typeof error).slice(0, 100),
    errorMessage: messageOf(error),
    stackTrace: error instanceof Error ? (error.stack ?? null) : null
  })
}

/**
 * A killed run that was to fetch more than what every day reads again leaves a range of which nobody knows how much
 * is stored. The watermark tells where all others go on.
 * @returns what to say of it
 */
export async function recordKilled(manager: EntityManager, run: CdrSyncState): Promise<string | undefined> {
  const { rangeStartUtc, lastSuccessfulEndTimeUtc: watermark, source, scope } = run
  if (!rangeStartUtc || !run.rangeEndUtc || !watermark || !source || !scope) return undefined
  if (rangeStartUtc.getTime() >= watermark.getTime() - DEEP_LOOKBACK) return undefined
  // A run that moved the watermark itself, window by window, has left out nothing before it.
  const wasThere = await manager.existsBy(CdrSyncState, {
    source,
    scope,
    id: LessThan(run.id),
    lastSuccessfulEndTimeUtc: MoreThanOrEqual(watermark)
  })
  if (!wasThere) return undefined
  const rangeEndUtc = new Date(Math.min(run.rangeEndUtc.getTime(), watermark.getTime()))
  const since = rangeStartUtc.toISOString()
  const errorMessage = `run ${run.id} was killed and may have left out calls from ${since} to ${rangeEndUtc.toISOString()}: fetch them with --since ${since}`
  await insert(manager, {
    source,
    scope,
    runId: run.id,
    rangeStartUtc,
    rangeEndUtc,
    errorType: KILLED,
    errorMessage
  })
  return errorMessage
}

/** Keeps a gap, once however many runs meet it before one gets past it. */
export async function recordGap(manager: EntityManager, run: RunOfTrack, gap: Range): Promise<void> {
  const { source, scope } = run
  const { rangeStartUtc, rangeEndUtc } = columnsOf(gap)
  const errorMessage = `Calls from ${rangeStartUtc.toISOString()} to ${rangeEndUtc.toISOString()} were not fetched in time: the service keeps 30 days. Control Hub's reports may still have them.`
  const known = await manager.update(
    CdrSyncError,
    { source, scope, errorType: GAP, rangeStartUtc },
    { rangeEndUtc, errorMessage }
  )
  if (!known.affected) await insert(manager, { ...run, ...columnsOf(gap), errorType: GAP, errorMessage })
}

/** Where the oldest failure of a track begins that is not made good, in ms since 1970 UTC. */
export async function oldestFailure(
  manager: EntityManager,
  { source, scope }: Track
): Promise<number | undefined> {
  const [oldest] = await manager.find(CdrSyncError, {
    where: {
      source,
      scope,
      recovered: false,
      recordKey: IsNull(),
      errorType: Not(GAP),
      rangeStartUtc: Not(IsNull())
    },
    order: { rangeStartUtc: 'ASC' },
    take: 1
  })
  return oldest?.rangeStartUtc?.getTime()
}

/**
 * A window has been stored: what failures and gaps lack of it, they lack no more. One that is covered whole is
 * recovered; of one that goes on behind the window, the rest remains.
 * @param atEdge nothing before the window can be had: failures that began up to a day earlier begin with it
 */
export async function recoverWindow(
  manager: EntityManager,
  { source, scope }: Track,
  window: Range,
  atEdge: boolean
): Promise<void> {
  const { rangeStartUtc: start, rangeEndUtc: end } = columnsOf(window)
  const open = { source, scope, recovered: false, recordKey: IsNull() }
  const within = atEdge
    ? { ...open, rangeStartUtc: Between(new Date(window.start - SLIDE), end), errorType: Not(GAP) }
    : { ...open, rangeStartUtc: Between(start, end) }
  await manager.update(
    CdrSyncError,
    { ...within, rangeEndUtc: LessThanOrEqual(end) },
    { recovered: true, recoveryTimestamp: () => NOW }
  )
  await manager.update(CdrSyncError, { ...within, rangeEndUtc: MoreThan(end) }, { rangeStartUtc: end })
}

async function insert(manager: EntityManager, row: Partial<CdrSyncError>): Promise<void> {
  await manager.createQueryBuilder().insert().into(CdrSyncError).values(row).updateEntity(false).execute()
}

function columnsOf({ start, end }: Range) {
  return { rangeStartUtc: new Date(start), rangeEndUtc: new Date(end) }
}
