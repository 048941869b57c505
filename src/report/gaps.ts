import type { EntityManager } from 'typeorm'
import { reach } from '../coverage/rules.js'
import { CdrSyncError, GAP } from '../entities/index.js'

/** A range of Start times of which calls are missing, or may be. Times are ISO 8601 in UTC. */
export interface GapStats {
  scope: string | null
  start: string
  end: string
  /** The service still has some of it. */
  fillable: boolean
}

export async function openGaps(manager: EntityManager, now: number): Promise<GapStats[]> {
  const { start: oldest } = reach('cdr_feed', now)
  const gaps = await manager.find(CdrSyncError, {
    where: { errorType: GAP, recovered: false },
    order: { rangeStartUtc: 'ASC' }
  })
  return gaps.flatMap(({ scope, rangeStartUtc: start, rangeEndUtc: end }) =>
    start && end
      ? [
          {
            scope,
            start: start.toISOString(),
            end: end.toISOString(),
            fillable: end.getTime() > oldest
          }
        ]
      : []
  )
}

/** One line with the remedy. */
export function sayGap({ scope, start, end, fillable }: GapStats): string {
  const remedy = fillable
    ? '`npm run sync -- --fill-gaps` fetches what Webex still has'
    : 'Webex has them in reports only (13 months): `npm run import` takes these, and `npm run sync -- --accept-gap` closes it without them'
  return `calls that began from ${start} to ${end} (${scope}) are missing: ${remedy}`
}
