import type { EntityManager } from 'typeorm'
import type { RetentionPolicy } from '../config/retention.js'
import type { RetentionJob } from '../entities/index.js'
import { beforeOf, type RetainResult } from './retain.js'
import { errorsToDelete, examplesToMask, payloadsToMask, recordsToDelete, runsToDelete } from './rows.js'
import { walkedBy } from './walk.js'

/** About how many rows `retain` would change now; what is to be converted is found only on the way. */
export async function preview(
  manager: EntityManager,
  policy: RetentionPolicy,
  now: number
): Promise<Omit<RetainResult, 'rawJsonConverted'>> {
  const { records, mask, rawJson, payloads, runs } = beforeOf(policy, now)
  const due = (job: RetentionJob, before: Date | undefined) =>
    before ? walkedBy(manager, job, before.getTime()) : 0
  return {
    recordsDeleted: records ? await recordsToDelete(manager, records).getCount() : 0,
    recordsMasked: await due('mask', mask),
    rawJsonRemoved: await due('rawJson', rawJson),
    errorsMasked: payloads ? await payloadsToMask(manager, payloads).getCount() : 0,
    examplesMasked: payloads ? await examplesToMask(manager, payloads).getCount() : 0,
    errorsDeleted: runs ? await errorsToDelete(manager, runs).getCount() : 0,
    runsDeleted: runs ? await runsToDelete(manager, runs).getCount() : 0
  }
}
