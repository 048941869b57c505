import {
  And,
  Between,
  type EntityManager,
  In,
  IsNull,
  LessThan,
  LessThanOrEqual,
  MoreThan,
  Not
} from 'typeorm'
import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import type { Range } from '../coverage/windows.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncError, GAP, INCOMPLETE, KILLED } from '../entities/index.js'

/**
 * A window has been stored: what failures and gaps lack of it, they lack no more. One that is covered whole is
 * recovered; of one that begins before the window or goes on behind it, the rest remains.
 * @param lapsedFrom what failed from here on, in ms since 1970 UTC, lacks nothing more before the window; gaps may
 */
export async function recoverWindow(
  manager: EntityManager,
  { source, scope }: Track,
  window: Range,
  lapsedFrom = window.start
): Promise<void> {
  const start = new Date(window.start)
  const end = new Date(window.end)
  const open = { source, scope, recovered: false, recordKey: IsNull() }
  if (lapsedFrom < window.start) {
    const lapsed = { rangeStartUtc: Between(new Date(lapsedFrom), start), rangeEndUtc: MoreThan(start) }
    const isFailure = { errorType: Not(In([GAP, KILLED, INCOMPLETE])) }
    await manager.update(CdrSyncError, { ...open, ...lapsed, ...isFailure }, { rangeStartUtc: start })
  }
  const within = { ...open, rangeStartUtc: Between(start, end) }
  await manager.update(
    CdrSyncError,
    { ...within, rangeEndUtc: LessThanOrEqual(end) },
    { recovered: true, recoveryTimestamp: () => NOW }
  )
  await manager.update(CdrSyncError, { ...within, rangeEndUtc: MoreThan(end) }, { rangeStartUtc: end })
  await manager.update(
    CdrSyncError,
    { ...open, rangeStartUtc: LessThan(start), rangeEndUtc: And(MoreThan(start), LessThanOrEqual(end)) },
    { rangeEndUtc: start }
  )
}

/**
 * A run has read its whole range: with it what lies across its windows is made good, and of cdr_stream what was stored
 * in that time, as far as records may have begun before.
 */
export async function recoverRange(
  manager: EntityManager,
  track: RunTrack,
  { range, lateness }: { range: Range; lateness: number }
): Promise<void> {
  await recoverWindow(manager, track, range)
  const stored = { start: range.start + lateness, end: range.end }
  if (track.source === 'cdr_feed' && stored.start < stored.end) {
    await recoverWindow(manager, { ...track, source: 'cdr_stream' }, stored)
  }
}
