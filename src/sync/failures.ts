import { type EntityManager, In, IsNull, LessThanOrEqual, MoreThan, MoreThanOrEqual, Not } from 'typeorm'
import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import { type Range, RULES } from '../coverage/windows.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncError, GAP, INCOMPLETE, KILLED, REFUSED } from '../entities/index.js'
import { messageOf } from '../errors.js'

type RunOfTrack = Track & { runId: number }

/** @param missing what the run was to store and did not */
export async function recordFailure(
  manager: EntityManager,
  run: RunOfTrack,
  error: unknown,
  missing: Range
): Promise<void> {
  await insertError(manager, {
    ...run,
    ...rangeColumns(missing),
    errorType: (error instanceof Error ? error.name : typeof error).slice(0, 100),
    errorMessage: messageOf(error),
    stackTrace: error instanceof Error ? (error.stack ?? null) : null
  })
}

/** A window came to its end and lacks something: it stays open until it comes whole. */
export async function recordIncomplete(
  manager: EntityManager,
  run: RunOfTrack,
  window: Range,
  doubt: string
): Promise<void> {
  const errorMessage = `${doubt}: \`npm run sync -- --fill-gaps\` asks again`
  await insertError(manager, { ...run, ...rangeColumns(window), errorType: INCOMPLETE, errorMessage })
}

/** Keeps a gap, once however many runs meet it, or more of it, before one gets past it. */
export async function recordGap(
  manager: EntityManager,
  run: RunTrack & { runId: number },
  gap: Range
): Promise<void> {
  const { source, scope } = run
  const known = await manager.findOne(CdrSyncError, {
    where: {
      source,
      scope,
      errorType: GAP,
      recovered: false,
      rangeStartUtc: LessThanOrEqual(new Date(gap.end)),
      rangeEndUtc: MoreThanOrEqual(new Date(gap.start))
    },
    order: { id: 'ASC' }
  })
  const range = rangeColumns({
    start: Math.min(gap.start, known?.rangeStartUtc?.getTime() ?? gap.start),
    end: Math.max(gap.end, known?.rangeEndUtc?.getTime() ?? gap.end)
  })
  if (known) {
    await manager.update(CdrSyncError, { id: known.id }, range)
    return
  }
  const remedy =
    source === 'cdr_stream'
      ? '`npm run sync -- --fill-gaps` fetches them from cdr_feed'
      : "Control Hub's reports may still have them"
  const errorMessage = `Calls of this range were not fetched in time: ${source} has ${RULES[source].keptFor}. ${remedy}.`
  await insertError(manager, { ...run, ...range, errorType: GAP, errorMessage })
}

/**
 * cdr_stream is not served to us, though cdr_feed may be. Kept once, with the time when it was last tried.
 * @param now in ms since 1970 UTC
 */
export async function recordRefusal(
  manager: EntityManager,
  { source, scope }: RunTrack,
  error: Error,
  now: number
): Promise<void> {
  const latest = { errorMessage: messageOf(error), lastSeenUtc: new Date(now) }
  const open = { source, scope, errorType: REFUSED, recovered: false }
  if (await manager.existsBy(CdrSyncError, open)) await manager.update(CdrSyncError, open, latest)
  else await insertError(manager, { ...open, ...latest })
}

/** When a source was last found to be refused, in ms since 1970 UTC; undefined while it is served. */
export async function refusedAt(
  manager: EntityManager,
  { source, scope }: RunTrack
): Promise<number | undefined> {
  const found = await manager.findOneBy(CdrSyncError, { source, scope, errorType: REFUSED, recovered: false })
  return found?.lastSeenUtc?.getTime()
}

export async function recoverRefusal(manager: EntityManager, { source, scope }: RunTrack): Promise<void> {
  await manager.update(
    CdrSyncError,
    { source, scope, errorType: REFUSED, recovered: false },
    { recovered: true, recoveryTimestamp: () => NOW }
  )
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

/** Whether something of a scope is missing, by either source, from a moment on; in ms since 1970 UTC. */
export function hasGap(manager: EntityManager, { scope }: Track, moment: number): Promise<boolean> {
  return manager.existsBy(CdrSyncError, {
    scope,
    recovered: false,
    errorType: In([GAP, KILLED, INCOMPLETE]),
    rangeEndUtc: MoreThan(new Date(moment))
  })
}

export async function insertError(manager: EntityManager, row: Partial<CdrSyncError>): Promise<void> {
  await manager.createQueryBuilder().insert().into(CdrSyncError).values(row).updateEntity(false).execute()
}

export function rangeColumns({ start, end }: Range) {
  return { rangeStartUtc: new Date(start), rangeEndUtc: new Date(end) }
}
