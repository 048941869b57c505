import { And, type EntityManager, IsNull, LessThan, MoreThanOrEqual, Not } from 'typeorm'
import type { RetentionPolicy } from '../config/retention.js'
import { CdrRecord } from '../entities/index.js'
import { beforeOf, type RetainResult } from './retain.js'
import { errorsToDelete, examplesToMask, payloadsToMask, recordsToDelete, runsToDelete } from './rows.js'

/** How many rows `retain` would change now; what is to be converted is found only on the way. */
export async function preview(
  manager: EntityManager,
  policy: RetentionPolicy,
  now: number
): Promise<Omit<RetainResult, 'rawJsonConverted'>> {
  const { records, mask, rawJson, payloads, runs } = beforeOf(policy, now)
  const between = (before: Date) =>
    records ? And(MoreThanOrEqual(records), LessThan(before)) : LessThan(before)
  return {
    recordsDeleted: records ? await recordsToDelete(manager, records).getCount() : 0,
    recordsMasked: mask
      ? await manager.countBy(CdrRecord, { startTime: between(mask), maskedUtc: IsNull() })
      : 0,
    rawJsonRemoved: rawJson
      ? await manager.countBy(CdrRecord, { startTime: between(rawJson), rawJson: Not(IsNull()) })
      : 0,
    errorsMasked: payloads ? await payloadsToMask(manager, payloads).getCount() : 0,
    examplesMasked: payloads ? await examplesToMask(manager, payloads).getCount() : 0,
    errorsDeleted: runs ? await errorsToDelete(manager, runs).getCount() : 0,
    runsDeleted: runs ? await runsToDelete(manager, runs).getCount() : 0
  }
}
