import { type EntityManager, In } from 'typeorm'
import { historyOf, RULES } from '../coverage/windows.js'
import { CdrSyncError, GAP, INCOMPLETE, KILLED } from '../entities/index.js'

/** A range of which calls are missing, or may be. Times are ISO 8601 in UTC. */
export interface GapStats {
  source: string | null
  scope: string | null
  start: string
  end: string
  /** The service still has some of it. */
  fillable: boolean
}

export async function openGaps(manager: EntityManager, now: number): Promise<GapStats[]> {
  const oldest = now - historyOf(RULES.cdr_feed)
  const gaps = await manager.find(CdrSyncError, {
    where: { errorType: In([GAP, KILLED, INCOMPLETE]), recovered: false },
    order: { rangeStartUtc: 'ASC' }
  })
  return gaps.flatMap(({ source, scope, rangeStartUtc: start, rangeEndUtc: end }) =>
    start && end
      ? [
          {
            source,
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
    ? '`npm run sync -- --fill-gaps` fetches what the service still has'
    : 'the service has them no longer (30 days), Control Hub’s reports may; docs/DBA.md closes it'
  return `calls from ${start} to ${end} (${scope}) were not all fetched: ${remedy}`
}
