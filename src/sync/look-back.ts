import { type EntityManager, MoreThanOrEqual } from 'typeorm'
import type { Track } from '../database/watermark.js'
import { CdrSyncState } from '../entities/index.js'
import { deepLookbackFor, isDeep, type Range, RULES } from './windows.js'

const DAY = 24 * 3_600_000

/** How far before the watermark the latest record of a scope began that came in the last 14 days, in ms. */
export async function latestOf(manager: EntityManager, scope: string, now: number): Promise<number> {
  const found = await manager
    .createQueryBuilder(CdrSyncState, 's')
    .select('MAX(s.latestSeconds)', 'latest')
    // Whichever source brought it: the index begins with the source.
    .where("s.source IN ('cdr_feed', 'cdr_stream')")
    .andWhere({ scope, lastSuccessfulEndTimeUtc: MoreThanOrEqual(new Date(now - 14 * DAY)) })
    .getRawOne<{ latest: number | null }>()
  return (found?.latest ?? 0) * 1_000
}

/** How far before the time of its storage a record of a scope may have begun, as far as is known; in ms. */
export async function lookbackOf(manager: EntityManager, scope: string, now: number): Promise<number> {
  return deepLookbackFor(await latestOf(manager, scope, now), RULES.cdr_feed)
}

/**
 * Where the daily run of cdr_feed begins, in ms since 1970 UTC; undefined where one of the last 24 hours looked back
 * as far. It counts from the end of the one before, so that a record that was stored between the two is in this one.
 */
export async function dailyStart(
  manager: EntityManager,
  track: Track,
  watermark: number,
  now: number
): Promise<number | undefined> {
  const lookback = await lookbackOf(manager, track.scope, now)
  const recent = await rangesSince(manager, track, now - DAY)
  if (recent.some((range) => isDeep(range, lookback))) return undefined
  const all = await rangesSince(manager, track, now - 30 * DAY)
  const ends = all.filter((range) => isDeep(range, RULES.cdr_feed.deepLookback)).map(({ end }) => end)
  // After the clock was set back they can lie ahead.
  const newest = now - RULES.cdr_feed.settling
  return Math.min(ends.length > 0 ? Math.max(...ends) : watermark, newest) - lookback
}

/** What the successful runs of a track have read, of those that ended with their range at that moment or later. */
async function rangesSince(manager: EntityManager, track: Track, moment: number): Promise<Range[]> {
  const since = MoreThanOrEqual(new Date(moment))
  const runs = await manager.find(CdrSyncState, {
    select: { id: true, rangeStartUtc: true, rangeEndUtc: true },
    // The watermark is implied by the range's end for all but backfills, and in the index.
    where: { ...track, status: 'succeeded', lastSuccessfulEndTimeUtc: since, rangeEndUtc: since }
  })
  return runs.flatMap(({ rangeStartUtc: start, rangeEndUtc: end }) =>
    start && end ? [{ start: start.getTime(), end: end.getTime() }] : []
  )
}
