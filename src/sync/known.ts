import type { EntityManager } from 'typeorm'
import { asOf } from '../coverage/coverage.js'
import { latenessFor, latestOf } from '../coverage/lateness.js'
import type { Known } from '../coverage/plan.js'
import { readCoverage } from '../coverage/table.js'
import { failedWindows } from './failures.js'

/** What a run of a scope is planned from. `now` by the service's clock, in ms since 1970 UTC. */
export async function readKnown(manager: EntityManager, scope: string, now: number): Promise<Known> {
  const feed = await failedWindows(manager, { source: 'cdr_feed', scope }, now)
  const stream = await failedWindows(manager, { source: 'cdr_stream', scope }, now)
  return {
    coverage: asOf(await readCoverage(manager, scope), now),
    lateness: latenessFor(await latestOf(manager, scope, now)),
    postponed: { cdr_feed: feed.waiting, cdr_stream: stream.waiting },
    cuts: { cdr_feed: feed.cuts, cdr_stream: stream.cuts },
    now
  }
}
