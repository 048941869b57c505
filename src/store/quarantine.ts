import type { EntityManager } from 'typeorm'
import type { Track } from '../coverage/watermark.js'
import { NOW } from '../entities/columns.js'
import { CdrRecord, CdrSyncError, QUARANTINED, REPORT } from '../entities/index.js'
import { FatalError } from '../errors.js'
import type { Unstorable } from '../record/record.js'

/**
 * Keeps records that could not be stored, each once with a count of its sightings. Part of the page's transaction.
 * @returns how many were not known yet
 */
export async function quarantine(
  manager: EntityManager,
  run: Track & { runId: number },
  records: Iterable<Unstorable>
): Promise<number> {
  let unknown = 0
  for (const { key, payload, reason } of records) {
    const latest = {
      errorMessage: reason,
      payload,
      lastSeenUtc: () => NOW,
      recovered: false,
      recoveryTimestamp: null,
      ...run
    }
    const entry = { errorType: QUARANTINED, recordKey: key }
    const known = await manager.findOne(CdrSyncError, {
      select: { id: true, maskedUtc: true, recovered: true, source: true },
      where: entry
    })
    if (known) {
      const seen = { sightings: () => 'sightings + 1', lastSeenUtc: () => NOW }
      await manager
        .createQueryBuilder()
        .update(CdrSyncError)
        .set(known.maskedUtc || saysMore(known, run) ? seen : { ...latest, ...seen })
        .where(entry)
        .execute()
    } else {
      unknown += 1
      await manager
        .createQueryBuilder()
        .insert()
        .into(CdrSyncError)
        .values({ ...latest, ...entry, sightings: 1 })
        .updateEntity(false)
        .execute()
    }
  }
  return unknown
}

/** A report has less of a record than the service's APIs. */
function saysMore(known: Pick<CdrSyncError, 'recovered' | 'source'>, { source }: Track): boolean {
  return source === REPORT && known.source !== REPORT && !known.recovered
}

/** More than this, or this share where there are more than a few, is no bad data but another format. */
const MOST = { records: 1_000, share: 0.05, few: 20 }

export function isNewFormat(quarantined: number, fetched: number): boolean {
  return quarantined > MOST.few && (quarantined > MOST.records || quarantined > fetched * MOST.share)
}

/** The service seems to write its records in another way than this program reads them. */
export class NewFormatError extends FatalError {}

/**
 * @param quarantined how many records of a run went to quarantine for the first time
 * @param fetched of how many
 * @throws NewFormatError
 */
export function refuseNewFormat(quarantined: number, fetched: number): void {
  if (!isNewFormat(quarantined, fetched)) return
  throw new NewFormatError(
    `${quarantined} of ${fetched} records could not be stored: their format has probably changed. They are kept in cdr_sync_errors; update this program, then run \`npm run sync -- --retry-quarantined\``
  )
}

/** Marks the records recovered that were stored since they were last refused. Part of the page's transaction. */
export async function recoverStored(manager: EntityManager): Promise<void> {
  const records = manager.dataSource.getMetadata(CdrRecord).tablePath
  await manager
    .createQueryBuilder()
    .update(CdrSyncError)
    .set({ recovered: true, recoveryTimestamp: () => NOW })
    .where(
      `recovered = 0 AND record_key IS NOT NULL AND EXISTS (
         SELECT 1 FROM ${records} AS r
         WHERE r.report_id = cdr_sync_errors.record_key
           AND COALESCE(r.updated_timestamp, r.ingestion_timestamp) > cdr_sync_errors.last_seen_utc)`
    )
    .execute()
}
