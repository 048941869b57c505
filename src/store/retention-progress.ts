import type { EntityManager } from 'typeorm'
import { CdrRetention, type RetentionJob } from '../entities/index.js'
import { ConfigurationError } from '../errors.js'

/** How far a job of `retain` has come: see CdrRetention. */
export interface Progress {
  /** In ms since 1970 UTC. */
  before: number
  seenId: number
}

/** Before the first and after the last call, in ms since 1970 UTC. */
export const ALWAYS = { begins: Date.parse('0002-01-01T00:00:00Z'), ends: Date.UTC(9998, 0, 1) }

export async function progressOf(manager: EntityManager, job: RetentionJob): Promise<Progress | undefined> {
  const row = await manager.findOneBy(CdrRetention, { job })
  return row ? { before: row.doneBeforeUtc.getTime(), seenId: Number(row.seenId) } : undefined
}

/** Part of a transaction. */
export async function saveProgress(
  manager: EntityManager,
  job: RetentionJob,
  { before, seenId }: Progress,
  now: number
): Promise<void> {
  const row = { doneBeforeUtc: new Date(before), seenId, updatedUtc: new Date(now) }
  if (await manager.existsBy(CdrRetention, { job })) await manager.update(CdrRetention, { job }, row)
  else await manager.insert(CdrRetention, { job, ...row })
}

/** Records are stored with RAW_JSON=rest: `retain` would have to look at all of them to bring them back to `all`. */
export async function noteRest(manager: EntityManager, now: number): Promise<void> {
  if (await progressOf(manager, 'rest')) return
  await saveProgress(manager, 'rest', { before: ALWAYS.ends, seenId: 0 }, now)
}

/** The shortest policy, in ms. */
const SHORTEST = 86_400_000

/**
 * @param now by the service's clock
 * @throws ConfigurationError where `retain` has deleted what no policy can ask for: all that is new would be left out
 */
export async function requirePossibleDeletion(manager: EntityManager, now: number): Promise<void> {
  const deleted = await progressOf(manager, 'delete')
  if (!deleted || deleted.before <= now - SHORTEST / 2) return
  throw new ConfigurationError(
    `retain has deleted calls before ${new Date(deleted.before).toISOString()}, so the clock of its machine was ahead: correct it, then set done_before_utc of the job “delete” in cdr_retention to the time before which calls may be missing`
  )
}
