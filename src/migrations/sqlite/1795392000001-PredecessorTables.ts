import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The tables and indexes of the Python tool that this project succeeds, as its installer makes them.
 * Where they are already they stay as they are, so that new and old databases go on from one place.
 */
export class PredecessorTables1795392000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS "cdr_records" (
        "id"                       integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "ingestion_timestamp"      datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "call_id"                  nvarchar(150) NOT NULL,
        "correlation_id"           nvarchar(150),
        "local_session_id"         nvarchar(150),
        "final_local_session_id"   nvarchar(150),
        "remote_session_id"        nvarchar(150),
        "final_remote_session_id"  nvarchar(150),
        "start_time"               datetime NOT NULL,
        "answer_time"              datetime,
        "release_time"             datetime,
        "call_transfer_time"       datetime,
        "duration"                 integer,
        "direction"                nvarchar(20),
        "call_type"                nvarchar(50),
        "call_outcome"             nvarchar(50),
        "call_outcome_reason"      nvarchar(100),
        "calling_number"           nvarchar(50),
        "calling_line_id"          nvarchar(150),
        "called_number"            nvarchar(50),
        "called_line_id"           nvarchar(150),
        "dialed_digits"            nvarchar(50),
        "user_id"                  nvarchar(150),
        "user_email"               nvarchar(255),
        "user_type"                nvarchar(50),
        "location_id"              nvarchar(150),
        "location_name"            nvarchar(255),
        "department_id"            nvarchar(150),
        "org_id"                   nvarchar(150),
        "device_mac"               nvarchar(17),
        "client_type"              nvarchar(50),
        "client_version"           nvarchar(50),
        "model"                    nvarchar(100),
        "authorization_code"       nvarchar(50),
        "inbound_trunk"            nvarchar(255),
        "outbound_trunk"           nvarchar(255),
        "route_group"              nvarchar(255),
        "answered"                 boolean,
        "answer_indicator"         nvarchar(50),
        "redirecting_number"       nvarchar(50),
        "redirect_reason"          nvarchar(100),
        "international_country"    nvarchar(100),
        "transfer_related_call_id" nvarchar(150),
        "site_uuid"                nvarchar(150),
        "site_main_number"         nvarchar(50),
        "site_timezone"            nvarchar(50),
        "raw_json"                 text,
        CONSTRAINT "UQ_call_id_start_time" UNIQUE ("call_id", "start_time")
      )
    `)
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS "cdr_sync_state" (
        "id"                           integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "last_successful_run_utc"      datetime NOT NULL,
        "last_successful_end_time_utc" datetime NOT NULL,
        "records_fetched"              integer NOT NULL,
        "sync_duration_seconds"        integer NOT NULL,
        "api_calls_made"               integer NOT NULL,
        "created_at"                   datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "notes"                        nvarchar(500)
      )
    `)
    await queryRunner.query(`
      CREATE TABLE IF NOT EXISTS "cdr_sync_errors" (
        "id"                 integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "error_timestamp"    datetime DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now')),
        "error_type"         nvarchar(100),
        "error_message"      text,
        "stack_trace"        text,
        "recovered"          boolean DEFAULT (0),
        "recovery_timestamp" datetime
      )
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_start_time"
        ON "cdr_records" ("start_time")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_calling_number"
        ON "cdr_records" ("calling_number")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_called_number"
        ON "cdr_records" ("called_number")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_user_email"
        ON "cdr_records" ("user_email")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_direction"
        ON "cdr_records" ("direction")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_call_outcome"
        ON "cdr_records" ("call_outcome")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_location_name"
        ON "cdr_records" ("location_name")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_correlation_id"
        ON "cdr_records" ("correlation_id")
    `)
    await queryRunner.query(`
      CREATE INDEX IF NOT EXISTS "IX_cdr_records_start_time_direction"
        ON "cdr_records" ("start_time", "direction")
    `)
  }

  async down(): Promise<void> {
    throw new Error('PredecessorTables is irreversible: the tables may be those of the Python tool')
  }
}
