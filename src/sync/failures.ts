import { type EntityManager, In, IsNull, LessThan, MoreThan, Not } from 'typeorm'
import { byFeed, unread, unsettled } from '../coverage/coverage.js'
import { before, intersect, type Range, subtract } from '../coverage/intervals.js'
import type { Known } from '../coverage/plan.js'
import { pauseAfter, RULES, reach } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import { OVERLAP } from '../coverage/windows.js'
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
  // Its neighbours share a millisecond with it.
  const [known] = await manager.find(CdrSyncError, {
    where: {
      source,
      scope,
      ...OPEN,
      sightings: MoreThan(0),
      rangeStartUtc: LessThan(new Date(window.end - OVERLAP)),
      rangeEndUtc: MoreThan(new Date(window.start + OVERLAP))
    },
    order: { id: 'ASC' },
    take: 1
  })
  const sightings = (known?.sightings ?? 0) + 1
  const row = { ...run, ...rangeColumns(window), ...textsOf(error), sightings, lastSeenUtc: new Date(now) }
  if (known) await manager.update(CdrSyncError, { id: known.id }, row)
  else await insertError(manager, row)
}

/** What has failed of a source and is not made good. */
export interface Failed {
  /** Windows that were refused again and again: they wait. */
  waiting: Range[]
  /** Where windows are cut, so that what failed is asked for apart from what did not. */
  cuts: number[]
}

/** @param now in ms since 1970 UTC */
export async function failedWindows(manager: EntityManager, track: Track, now: number): Promise<Failed> {
  const rows = await openFailures(manager, track)
  const refused = rows.filter(({ sightings }) => sightings > 0)
  const waits = ({ sightings, lastSeen }: OpenFailure) => {
    // One of the future was written by a clock that was wrong.
    return now >= lastSeen && now - lastSeen < pauseAfter(sightings)
  }
  const ends = rows.filter(({ sightings }) => sightings === 0).map(({ range }) => range.end)
  return {
    waiting: refused.filter(waits).map(({ range }) => range),
    cuts: [
      ...refused.flatMap(({ range }) => [range.start, range.end]),
      // Each run of an outage has left one that is longer.
      ...(ends.length > 0 ? [Math.max(...ends)] : [])
    ]
  }
}

/** A run has succeeded: failures are made good of whose range nothing is missing any more. */
export async function recoverFailures(
  manager: EntityManager,
  scope: string,
  { coverage, lateness, now }: Pick<Known, 'coverage' | 'lateness' | 'now'>
): Promise<void> {
  const missing = unread(coverage, now)
  const due = unsettled(byFeed(coverage), lateness, now)
  for (const { id, source, range, sightings, lastSeen } of await openFailures(manager, { scope })) {
    // A window of the daily look was read long ago: it is made good when it is read again.
    const read =
      source === 'cdr_stream'
        ? coverage.stream
        : coverage.feed.filter(({ read }) => read + RULES.cdr_feed.settling >= lastSeen)
    const bounds = reach(source === 'cdr_stream' ? source : 'cdr_feed', now)
    const closed = [...read, ...coverage.settled, ...coverage.accepted, before(bounds.start)]
    const unseen = sightings > 0 ? intersect(subtract([range], closed), due) : []
    if (intersect([range], missing).length === 0 && unseen.length === 0) await recoverError(manager, id)
  }
}

interface OpenFailure {
  id: number
  source: string | null
  range: Range
  sightings: number
  /** In ms since 1970 UTC. */
  lastSeen: number
}

async function openFailures(
  manager: EntityManager,
  of: { scope: string; source?: string }
): Promise<OpenFailure[]> {
  const rows = await manager.find(CdrSyncError, {
    select: {
      id: true,
      source: true,
      rangeStartUtc: true,
      rangeEndUtc: true,
      sightings: true,
      lastSeenUtc: true
    },
    where: { ...of, ...OPEN, errorType: Not(In([GAP, REFUSED])) }
  })
  return rows.flatMap(({ id, source, rangeStartUtc: start, rangeEndUtc: end, sightings, lastSeenUtc }) =>
    start && end
      ? [
          {
            id,
            source,
            range: { start: start.getTime(), end: end.getTime() },
            sightings: sightings ?? 0,
            lastSeen: lastSeenUtc?.getTime() ?? 0
          }
        ]
      : []
  )
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
