import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * A record is known by its Report ID: legs of one call may share (call_id, start_time), as all that reached
 * no device have an empty Call ID. SQLite changes neither constraints nor column lengths, so cdr_records
 * is made anew, in its final shape.
 */
export class ReportIdAsKey1795392000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "cdr_records_new" (
        "id"                               integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "answer_time"                      datetime,
        "answered"                         boolean,
        "direction"                        nvarchar(50),
        "called_line_id"                   nvarchar(256),
        "call_id"                          nvarchar(150) NOT NULL,
        "calling_line_id"                  nvarchar(256),
        "start_time"                       datetime NOT NULL,
        "call_type"                        nvarchar(64),
        "client_type"                      nvarchar(64),
        "client_version"                   nvarchar(128),
        "correlation_id"                   nvarchar(150),
        "international_country"            nvarchar(100),
        "device_mac"                       nvarchar(50),
        "duration"                         integer,
        "inbound_trunk"                    nvarchar(256),
        "org_id"                           nvarchar(150),
        "original_reason"                  nvarchar(64),
        "os_type"                          nvarchar(64),
        "outbound_trunk"                   nvarchar(256),
        "redirect_reason"                  nvarchar(100),
        "related_reason"                   nvarchar(64),
        "report_id"                        nvarchar(36) NOT NULL,
        "report_time"                      datetime,
        "route_group"                      nvarchar(256),
        "site_main_number"                 nvarchar(64),
        "site_timezone"                    nvarchar(64),
        "sub_client_type"                  nvarchar(64),
        "user_id"                          nvarchar(150),
        "user_type"                        nvarchar(64),
        "user_name"                        nvarchar(256),
        "user_email"                       nvarchar(255),
        "called_number"                    nvarchar(64),
        "calling_number"                   nvarchar(64),
        "location_name"                    nvarchar(256),
        "dialed_digits"                    nvarchar(128),
        "releasing_party"                  nvarchar(64),
        "redirecting_number"               nvarchar(64),
        "site_uuid"                        nvarchar(150),
        "location_id"                      nvarchar(150),
        "department_id"                    nvarchar(150),
        "transfer_related_call_id"         nvarchar(150),
        "authorization_code"               nvarchar(64),
        "model"                            nvarchar(128),
        "local_session_id"                 nvarchar(150),
        "remote_session_id"                nvarchar(150),
        "call_transfer_time"               datetime,
        "local_call_id"                    nvarchar(64),
        "remote_call_id"                   nvarchar(64),
        "network_call_id"                  nvarchar(256),
        "related_call_id"                  nvarchar(64),
        "user_number"                      nvarchar(64),
        "call_outcome"                     nvarchar(64),
        "call_outcome_reason"              nvarchar(128),
        "ring_duration"                    integer,
        "answer_indicator"                 nvarchar(50),
        "release_time"                     datetime,
        "final_local_session_id"           nvarchar(150),
        "final_remote_session_id"          nvarchar(150),
        "pstn_legal_entity"                nvarchar(256),
        "pstn_vendor_org_id"               nvarchar(36),
        "pstn_vendor_name"                 nvarchar(256),
        "pstn_provider_id"                 nvarchar(36),
        "external_customer_id"             nvarchar(128),
        "redirecting_party_uuid"           nvarchar(50),
        "public_calling_ip_address"        nvarchar(64),
        "public_called_ip_address"         nvarchar(64),
        "caller_id_number"                 nvarchar(64),
        "external_caller_id_number"        nvarchar(64),
        "device_owner_uuid"                nvarchar(50),
        "call_recording_platform_name"     nvarchar(64),
        "call_recording_result"            nvarchar(64),
        "call_recording_trigger"           nvarchar(64),
        "original_called_party_uuid"       nvarchar(50),
        "recall_type"                      nvarchar(64),
        "auto_attendant_key_pressed"       nvarchar(64),
        "queue_type"                       nvarchar(64),
        "answered_elsewhere"               nvarchar(64),
        "hold_duration"                    integer,
        "route_list_calls_overage"         nvarchar(64),
        "caller_reputation_score"          nvarchar(64),
        "caller_reputation_service_result" nvarchar(64),
        "caller_reputation_score_reason"   nvarchar(512),
        "interaction_id"                   nvarchar(36),
        "wxcc_consult_merge_status"        nvarchar(64),
        "elin"                             nvarchar(64),
        "emergency_number_source"          nvarchar(64),
        "transfer_type"                    nvarchar(128),
        "transfer_type_context"            nvarchar(1024),
        "answer_reason"                    nvarchar(64),
        "raw_json"                         text,
        "content_hash"                     blob,
        "ingestion_timestamp"              datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "updated_timestamp"                datetime,
        "masked_utc"                       datetime,
        CONSTRAINT "UQ_cdr_records_report_id" UNIQUE ("report_id")
      )
    `)
    await queryRunner.query(`
      INSERT INTO "cdr_records_new" (
        "id", "answer_time", "answered", "direction", "called_line_id", "call_id", "calling_line_id",
        "start_time", "call_type", "client_type", "client_version", "correlation_id",
        "international_country", "device_mac", "duration", "inbound_trunk", "org_id",
        "original_reason", "os_type", "outbound_trunk", "redirect_reason", "related_reason",
        "report_id", "report_time", "route_group", "site_main_number", "site_timezone",
        "sub_client_type", "user_id", "user_type", "user_name", "user_email", "called_number",
        "calling_number", "location_name", "dialed_digits", "releasing_party", "redirecting_number",
        "site_uuid", "location_id", "department_id", "transfer_related_call_id", "authorization_code",
        "model", "local_session_id", "remote_session_id", "call_transfer_time", "local_call_id",
        "remote_call_id", "network_call_id", "related_call_id", "user_number", "call_outcome",
        "call_outcome_reason", "ring_duration", "answer_indicator", "release_time",
        "final_local_session_id", "final_remote_session_id", "pstn_legal_entity", "pstn_vendor_org_id",
        "pstn_vendor_name", "pstn_provider_id", "external_customer_id", "redirecting_party_uuid",
        "public_calling_ip_address", "public_called_ip_address", "caller_id_number",
        "external_caller_id_number", "device_owner_uuid", "call_recording_platform_name",
        "call_recording_result", "call_recording_trigger", "original_called_party_uuid", "recall_type",
        "auto_attendant_key_pressed", "queue_type", "answered_elsewhere", "hold_duration",
        "route_list_calls_overage", "caller_reputation_score", "caller_reputation_service_result",
        "caller_reputation_score_reason", "interaction_id", "wxcc_consult_merge_status", "elin",
        "emergency_number_source", "transfer_type", "transfer_type_context", "answer_reason",
        "raw_json", "content_hash", "ingestion_timestamp", "updated_timestamp", "masked_utc"
      )
      SELECT
        "id", "answer_time", "answered", "direction", "called_line_id", "call_id", "calling_line_id",
        "start_time", "call_type", "client_type", "client_version", "correlation_id",
        "international_country", "device_mac", "duration", "inbound_trunk", "org_id",
        "original_reason", "os_type", "outbound_trunk", "redirect_reason", "related_reason",
        "report_id", "report_time", "route_group", "site_main_number", "site_timezone",
        "sub_client_type", "user_id", "user_type", "user_name", "user_email", "called_number",
        "calling_number", "location_name", "dialed_digits", "releasing_party", "redirecting_number",
        "site_uuid", "location_id", "department_id", "transfer_related_call_id", "authorization_code",
        "model", "local_session_id", "remote_session_id", "call_transfer_time", "local_call_id",
        "remote_call_id", "network_call_id", "related_call_id", "user_number", "call_outcome",
        "call_outcome_reason", "ring_duration", "answer_indicator", "release_time",
        "final_local_session_id", "final_remote_session_id", "pstn_legal_entity", "pstn_vendor_org_id",
        "pstn_vendor_name", "pstn_provider_id", "external_customer_id", "redirecting_party_uuid",
        "public_calling_ip_address", "public_called_ip_address", "caller_id_number",
        "external_caller_id_number", "device_owner_uuid", "call_recording_platform_name",
        "call_recording_result", "call_recording_trigger", "original_called_party_uuid", "recall_type",
        "auto_attendant_key_pressed", "queue_type", "answered_elsewhere", "hold_duration",
        "route_list_calls_overage", "caller_reputation_score", "caller_reputation_service_result",
        "caller_reputation_score_reason", "interaction_id", "wxcc_consult_merge_status", "elin",
        "emergency_number_source", "transfer_type", "transfer_type_context", "answer_reason",
        "raw_json", "content_hash", "ingestion_timestamp", "updated_timestamp", "masked_utc"
      FROM "cdr_records"
      ORDER BY "id"
    `)
    // Ids that were given out once are not given out again.
    await queryRunner.query(`DELETE FROM "sqlite_sequence" WHERE "name" = 'cdr_records_new'`)
    await queryRunner.query(`
      INSERT INTO "sqlite_sequence" ("name", "seq")
      SELECT 'cdr_records_new', "seq" FROM "sqlite_sequence" WHERE "name" = 'cdr_records'
    `)
    await queryRunner.query('DROP TABLE "cdr_records"')
    await queryRunner.query('ALTER TABLE "cdr_records_new" RENAME TO "cdr_records"')
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_call_id_start_time" ON "cdr_records" ("call_id", "start_time")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_start_time" ON "cdr_records" ("start_time")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_calling_number" ON "cdr_records" ("calling_number")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_called_number" ON "cdr_records" ("called_number")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_user_email" ON "cdr_records" ("user_email")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_direction" ON "cdr_records" ("direction")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_call_outcome" ON "cdr_records" ("call_outcome")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_location_name" ON "cdr_records" ("location_name")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_correlation_id" ON "cdr_records" ("correlation_id")
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_start_time_direction" ON "cdr_records" ("start_time", "direction")
    `)
  }

  async down(): Promise<void> {
    throw new Error('ReportIdAsKey is irreversible: records may share (call_id, start_time) by now')
  }
}
