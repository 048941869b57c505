import { type EntityManager, MoreThanOrEqual } from 'typeorm'
import { CdrSyncState } from '../entities/index.js'
import { deepLookbackFor, RULES } from './windows.js'

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
export async function latenessOf(manager: EntityManager, scope: string, now: number): Promise<number> {
  return deepLookbackFor(await latestOf(manager, scope, now), RULES.cdr_feed)
}

/**
 * Whether cdr_feed is to look for what came late: a day after all was complete, or as soon as records are known to come
 * later than it has looked back since.
 */
export async function isDeepDue(
  manager: EntityManager,
  scope: string,
  completeUntil: number,
  now: number
): Promise<boolean> {
  if (now - completeUntil >= DAY) return true
  const lateness = await latenessOf(manager, scope, now)
  if (lateness <= RULES.cdr_feed.deepLookback) return false
  const runs = await manager.find(CdrSyncState, {
    select: { id: true, rangeStartUtc: true, rangeEndUtc: true, lastSuccessfulEndTimeUtc: true },
    where: {
      source: 'cdr_feed',
      scope,
      status: 'succeeded',
      lastSuccessfulEndTimeUtc: MoreThanOrEqual(new Date(now - DAY))
    }
  })
  return !runs.some((run) => lookedBack(run) >= lateness)
}

/** How long a range a run has read, in ms; none for a backfill, which ends before the watermark. */
function lookedBack({
  rangeStartUtc: start,
  rangeEndUtc: end,
  lastSuccessfulEndTimeUtc
}: CdrSyncState): number {
  if (!start || !end || end.getTime() !== lastSuccessfulEndTimeUtc?.getTime()) return 0
  return end.getTime() - start.getTime()
}
