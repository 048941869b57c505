import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Room for all that the service delivers: its other fields, run and quarantine details.
 */
export class NewColumns1795392000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    for (const column of [
      '"report_id"                        nvarchar(36)',
      '"original_reason"                  nvarchar(64)',
      '"os_type"                          nvarchar(64)',
      '"related_reason"                   nvarchar(64)',
      '"report_time"                      datetime',
      '"sub_client_type"                  nvarchar(64)',
      '"user_name"                        nvarchar(256)',
      '"releasing_party"                  nvarchar(64)',
      '"local_call_id"                    nvarchar(64)',
      '"remote_call_id"                   nvarchar(64)',
      '"network_call_id"                  nvarchar(256)',
      '"related_call_id"                  nvarchar(64)',
      '"user_number"                      nvarchar(64)',
      '"ring_duration"                    integer',
      '"pstn_legal_entity"                nvarchar(256)',
      '"pstn_vendor_org_id"               nvarchar(36)',
      '"pstn_vendor_name"                 nvarchar(256)',
      '"pstn_provider_id"                 nvarchar(36)',
      '"external_customer_id"             nvarchar(128)',
      '"redirecting_party_uuid"           nvarchar(50)',
      '"public_calling_ip_address"        nvarchar(64)',
      '"public_called_ip_address"         nvarchar(64)',
      '"caller_id_number"                 nvarchar(64)',
      '"external_caller_id_number"        nvarchar(64)',
      '"device_owner_uuid"                nvarchar(50)',
      '"call_recording_platform_name"     nvarchar(64)',
      '"call_recording_result"            nvarchar(64)',
      '"call_recording_trigger"           nvarchar(64)',
      '"original_called_party_uuid"       nvarchar(50)',
      '"recall_type"                      nvarchar(64)',
      '"auto_attendant_key_pressed"       nvarchar(64)',
      '"queue_type"                       nvarchar(64)',
      '"answered_elsewhere"               nvarchar(64)',
      '"hold_duration"                    integer',
      '"route_list_calls_overage"         nvarchar(64)',
      '"caller_reputation_score"          nvarchar(64)',
      '"caller_reputation_service_result" nvarchar(64)',
      '"caller_reputation_score_reason"   nvarchar(512)',
      '"interaction_id"                   nvarchar(36)',
      '"wxcc_consult_merge_status"        nvarchar(64)',
      '"elin"                             nvarchar(64)',
      '"emergency_number_source"          nvarchar(64)',
      '"transfer_type"                    nvarchar(128)',
      '"transfer_type_context"            nvarchar(1024)',
      '"answer_reason"                    nvarchar(64)',
      '"content_hash"                     blob',
      '"updated_timestamp"                datetime',
      '"masked_utc"                       datetime'
    ]) {
      await queryRunner.query(`ALTER TABLE "cdr_records" ADD COLUMN ${column}`)
    }

    for (const column of [
      '"run_id"          integer',
      '"source"          nvarchar(20)',
      '"scope"           nvarchar(400)',
      '"range_start_utc" datetime',
      '"range_end_utc"   datetime',
      '"record_key"      nvarchar(36)',
      '"payload"         text',
      '"sightings"       integer',
      '"last_seen_utc"   datetime',
      '"masked_utc"      datetime'
    ]) {
      await queryRunner.query(`ALTER TABLE "cdr_sync_errors" ADD COLUMN ${column}`)
    }
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_sync_errors_record_key" ON "cdr_sync_errors" ("record_key")
    `)

    // SQLite cannot take NOT NULL from a column, so the table of runs is made anew.
    await queryRunner.query(`
      CREATE TABLE "cdr_sync_state_new" (
        "id"                           integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "last_successful_run_utc"      datetime,
        "last_successful_end_time_utc" datetime,
        "records_fetched"              integer NOT NULL,
        "sync_duration_seconds"        integer NOT NULL,
        "api_calls_made"               integer NOT NULL,
        "created_at"                   datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "notes"                        nvarchar(500),
        "source"                       nvarchar(20),
        "scope"                        nvarchar(400),
        "status"                       nvarchar(20),
        "range_start_utc"              datetime,
        "range_end_utc"                datetime,
        "complete_until_utc"           datetime,
        "records_inserted"             integer,
        "records_updated"              integer,
        "records_duplicate"            integer,
        "records_quarantined"          integer,
        "records_late"                 integer,
        "latest_seconds"               integer
      )
    `)
    await queryRunner.query(`
      INSERT INTO "cdr_sync_state_new" (
        "id", "last_successful_run_utc", "last_successful_end_time_utc", "records_fetched",
        "sync_duration_seconds", "api_calls_made", "created_at", "notes"
      )
      SELECT
        "id", "last_successful_run_utc", "last_successful_end_time_utc", "records_fetched",
        "sync_duration_seconds", "api_calls_made", "created_at", "notes"
      FROM "cdr_sync_state"
    `)
    // Ids that were given out once are not given out again.
    await queryRunner.query(`DELETE FROM "sqlite_sequence" WHERE "name" = 'cdr_sync_state_new'`)
    await queryRunner.query(`
      INSERT INTO "sqlite_sequence" ("name", "seq")
      SELECT 'cdr_sync_state_new', "seq" FROM "sqlite_sequence" WHERE "name" = 'cdr_sync_state'
    `)
    await queryRunner.query('DROP TABLE "cdr_sync_state"')
    await queryRunner.query('ALTER TABLE "cdr_sync_state_new" RENAME TO "cdr_sync_state"')
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_sync_state_watermark"
        ON "cdr_sync_state" ("source", "scope", "last_successful_end_time_utc")
    `)
  }

  async down(): Promise<void> {
    throw new Error('NewColumns is irreversible: what the new columns hold would be lost')
  }
}
