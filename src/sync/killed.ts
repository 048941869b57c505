import { type EntityManager, LessThan, MoreThanOrEqual } from 'typeorm'
import type { RunTrack } from '../coverage/scope.js'
import { completeUntilOf } from '../coverage/watermark.js'
import { type Range, RULES } from '../coverage/windows.js'
import { CdrSyncState, KILLED } from '../entities/index.js'
import { coverageStart } from './coverage.js'
import { insertError, rangeColumns } from './failures.js'
import { isoTime } from './result.js'

/**
 * A run that was ended early and was to fetch what no run before it had: nobody knows how much of that is stored.
 * @returns what to say of it
 */
export async function recordKilled(manager: EntityManager, run: CdrSyncState): Promise<string | undefined> {
  const { source, scope } = run
  if (!isSource(source) || !scope) return undefined
  const range = await leftOut(manager, run, { source, scope })
  if (!range) return undefined
  const said = `run ${run.id} was ended early and may have left out calls`
  const remedy = '`npm run sync -- --fill-gaps` fetches them'
  const errorMessage = `${said}: ${remedy}`
  await insertError(manager, {
    source,
    scope,
    runId: run.id,
    ...rangeColumns(range),
    errorType: KILLED,
    errorMessage
  })
  return `${said} from ${isoTime(range.start)} to ${isoTime(range.end)}: ${remedy}`
}

/** What no later run of the track fetches by itself; undefined where that is nothing, or the first run is repeated. */
async function leftOut(
  manager: EntityManager,
  { id, rangeStartUtc, rangeEndUtc, lastSuccessfulEndTimeUtc: watermark }: CdrSyncState,
  track: RunTrack
): Promise<Range | undefined> {
  if (!rangeStartUtc || !rangeEndUtc) return undefined
  const start = rangeStartUtc.getTime()
  const end = rangeEndUtc.getTime()
  const stream = track.source === 'cdr_feed' ? { ...track, source: 'cdr_stream' } : undefined
  const hasMoved =
    watermark &&
    !(await manager.existsBy(CdrSyncState, {
      ...track,
      id: LessThan(id),
      lastSuccessfulEndTimeUtc: MoreThanOrEqual(watermark)
    }))
  if (hasMoved) {
    // The next one of its source goes on from there, if there is one: cdr_stream alone may be what is run.
    const streamedFrom = stream && (await coverageStart(manager, stream))
    return rangeOf(watermark.getTime(), Math.min(end, streamedFrom ?? 0))
  }
  const reached = watermark?.getTime() ?? (stream && (await completeUntilOf(manager, stream)))
  if (reached === undefined) return undefined
  const { deepLookback, settling } = RULES[track.source]
  const readFrom = await coverageStart(manager, track)
  // The two sources stay behind now by different times.
  if (start >= (readFrom ?? reached - deepLookback - settling)) return undefined
  return rangeOf(start, Math.min(end, readFrom ?? reached))
}

function rangeOf(start: number, end: number): Range | undefined {
  return start < end ? { start, end } : undefined
}

function isSource(source: string | null): source is RunTrack['source'] {
  return source !== null && source in RULES
}
