import { Brackets, type EntityManager, LessThan, type SelectQueryBuilder } from 'typeorm'
import { CdrApiDrift, CdrRecord, CdrSyncError, CdrSyncState, QUARANTINED } from '../entities/index.js'

/** Payloads of the quarantine, of records that last came before. */
export function payloadsToMask(manager: EntityManager, before: Date): SelectQueryBuilder<CdrSyncError> {
  return manager
    .createQueryBuilder(CdrSyncError, 'e')
    .where({ errorType: QUARANTINED })
    .andWhere('e.maskedUtc IS NULL AND COALESCE(e.lastSeenUtc, e.errorTimestamp) < :before', { before })
}

/** Examples of drift that were met before: they are those of the first record. */
export function examplesToMask(manager: EntityManager, before: Date): SelectQueryBuilder<CdrApiDrift> {
  return manager
    .createQueryBuilder(CdrApiDrift, 'd')
    .where("d.example <> '' AND d.firstSeenUtc < :before", { before })
}

/** Errors that were made good or have been masked. */
export function errorsToDelete(manager: EntityManager, before: Date): SelectQueryBuilder<CdrSyncError> {
  return manager
    .createQueryBuilder(CdrSyncError, 'e')
    .where('e.errorTimestamp < :before', { before })
    .andWhere(new Brackets((either) => either.where({ recovered: true }).orWhere('e.maskedUtc IS NOT NULL')))
}

/** Runs but the newest of a source and scope, and the newest with its watermark. */
export function runsToDelete(manager: EntityManager, before: Date): SelectQueryBuilder<CdrSyncState> {
  const newer = manager
    .createQueryBuilder(CdrSyncState, 'n')
    .select('1')
    .where('n.source = s.source AND n.scope = s.scope AND n.id > s.id')
    .andWhere(
      '(s.lastSuccessfulEndTimeUtc IS NULL OR n.lastSuccessfulEndTimeUtc >= s.lastSuccessfulEndTimeUtc)'
    )
  const ours = manager
    .createQueryBuilder(CdrSyncState, 'o')
    .select('1')
    .where('o.source IS NOT NULL AND o.lastSuccessfulEndTimeUtc IS NOT NULL')
  return (
    manager
      .createQueryBuilder(CdrSyncState, 's')
      .where('s.createdAt < :before', { before })
      // The first sync after the Python tool knows by that tool's rows how far back to go.
      .andWhere(`((s.source IS NULL AND EXISTS (${ours.getQuery()})) OR EXISTS (${newer.getQuery()}))`)
  )
}

/** What an error has in place of what told of people. */
export function maskedError(now: Date): Partial<CdrSyncError> {
  // The database quotes the values that it refuses.
  return {
    payload: null,
    stackTrace: null,
    errorMessage: 'What told of a person was removed.',
    maskedUtc: now
  }
}

/** An empty example, unlike NULL, is not filled again. */
export const MASKED_EXAMPLE = { example: '' }

/** Records of calls that began before. */
export function recordsToDelete(manager: EntityManager, before: Date): SelectQueryBuilder<CdrRecord> {
  return manager.createQueryBuilder(CdrRecord, 'r').where({ startTime: LessThan(before) })
}
