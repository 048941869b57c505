import { type EntityManager, MoreThanOrEqual } from 'typeorm'
import { CdrSyncState } from '../entities/index.js'
import { DAY, LATENESS } from './rules.js'

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

/** How long after a call's beginning its record is expected, where the latest came so late; in ms. */
export function latenessFor(latest: number): number {
  return Math.min(Math.max(LATENESS.least, 2 * latest), LATENESS.most)
}
