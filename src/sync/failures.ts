import { type EntityManager, In, IsNull, LessThan, MoreThan, MoreThanOrEqual, Not } from 'typeorm'
import { intersect, type Range } from '../coverage/intervals.js'
import { pauseAfter } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncError, GAP, REFUSED } from '../entities/index.js'
import { messageOf } from '../errors.js'

export type RunOfTrack = Track & { runId: number }

/** Something ended a run. @param range what it was to read and did not */
export async function recordFailure(
  manager: EntityManager,
  run: RunOfTrack,
  error: unknown,
  range: Range
): Promise<void> {
  await insertError(manager, { ...run, ...rangeColumns(range), ...textsOf(error) })
}

/**
 * A window could not be read while others could: kept once, with a count and the time when it was last tried.
 * @param now in ms since 1970 UTC
 */
export async function recordRefusedWindow(
  manager: EntityManager,
  run: RunOfTrack,
  error: Error,
  window: Range,
  now: number
): Promise<void> {
  const { source, scope } = run
  const known = await manager.findOneBy(CdrSyncError, {
    source,
    scope,
    ...OPEN,
    sightings: MoreThan(0),
    rangeStartUtc: LessThan(new Date(window.end)),
    rangeEndUtc: MoreThan(new Date(window.start))
  })
  const sightings = (known?.sightings ?? 0) + 1
  const row = { ...run, ...rangeColumns(window), ...textsOf(error), sightings, lastSeenUtc: new Date(now) }
  if (known) await manager.update(CdrSyncError, { id: known.id }, row)
  else await insertError(manager, row)
}

/** The refused windows of a track that have to wait. @param now in ms since 1970 UTC */
export async function postponedWindows(manager: EntityManager, track: Track, now: number): Promise<Range[]> {
  const { source, scope } = track
  const refused = await manager.findBy(CdrSyncError, {
    source,
    scope,
    ...OPEN,
    sightings: MoreThanOrEqual(2)
  })
  return refused.flatMap(({ sightings, lastSeenUtc, rangeStartUtc, rangeEndUtc }) => {
    const waited = now - (lastSeenUtc?.getTime() ?? 0)
    // One of the future was written by a clock that was wrong.
    const waits = waited >= 0 && waited < pauseAfter(sightings ?? 0)
    return waits && rangeStartUtc && rangeEndUtc
      ? [{ start: rangeStartUtc.getTime(), end: rangeEndUtc.getTime() }]
      : []
  })
}

/** A run has succeeded: failures are made good of whose range nothing is missing any more. */
export async function recoverFailures(
  manager: EntityManager,
  scope: string,
  missing: readonly Range[]
): Promise<void> {
  const open = await manager.find(CdrSyncError, {
    select: { id: true, rangeStartUtc: true, rangeEndUtc: true },
    where: { scope, ...OPEN, errorType: Not(In([GAP, REFUSED])) }
  })
  for (const { id, rangeStartUtc, rangeEndUtc } of open) {
    if (!rangeStartUtc || !rangeEndUtc) continue
    const range = { start: rangeStartUtc.getTime(), end: rangeEndUtc.getTime() }
    if (intersect([range], missing).length === 0) await recoverError(manager, id)
  }
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
  await manager.update(CdrSyncError, { source, scope, errorType: REFUSED, recovered: false }, RECOVERED)
}

export async function insertError(manager: EntityManager, row: Partial<CdrSyncError>): Promise<void> {
  await manager.createQueryBuilder().insert().into(CdrSyncError).values(row).updateEntity(false).execute()
}

export async function recoverError(manager: EntityManager, id: number): Promise<void> {
  await manager.update(CdrSyncError, { id }, RECOVERED)
}

export function rangeColumns({ start, end }: Range) {
  return { rangeStartUtc: new Date(start), rangeEndUtc: new Date(end) }
}

/** Rows of runs, not of records. */
const OPEN = { recovered: false, recordKey: IsNull() }
const RECOVERED = { recovered: true, recoveryTimestamp: () => NOW }

function textsOf(error: unknown) {
  return {
    errorType: (error instanceof Error ? error.name : typeof error).slice(0, 100),
    errorMessage: messageOf(error),
    stackTrace: error instanceof Error ? (error.stack ?? null) : null
  }
}
