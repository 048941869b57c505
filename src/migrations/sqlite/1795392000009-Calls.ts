import type { MigrationInterface, QueryRunner } from 'typeorm'

/** One row a call, and one for each party that it was put to, made from the records. */
export class Calls1795392000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE "cdr_records" ADD "journey_id" nvarchar(36)')
    await queryRunner.query('CREATE INDEX "IX_cdr_records_journey_id" ON "cdr_records" ("journey_id")')
    await queryRunner.query(
      'CREATE INDEX "IX_cdr_records_interaction_id" ON "cdr_records" ("interaction_id")'
    )
    await queryRunner.query('CREATE INDEX "IX_cdr_records_local_call_id" ON "cdr_records" ("local_call_id")')
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_records_transfer_related_call_id" ON "cdr_records" ("transfer_related_call_id")
    `)
    await queryRunner.query('CREATE INDEX "IX_cdr_records_user_number" ON "cdr_records" ("user_number")')
    await queryRunner.query(`
      CREATE TABLE "cdr_calls" (
        "journey_id"          nvarchar(36) NOT NULL,
        "org_id"              nvarchar(150),
        "start_utc"           datetime NOT NULL,
        "answered_utc"        datetime,
        "end_utc"             datetime,
        "utc_offset_minutes"  integer,
        "start_local"         datetime NOT NULL,
        "answered_local"      datetime,
        "end_local"           datetime,
        "call_class"          nvarchar(20) NOT NULL,
        "call_type"           nvarchar(64),
        "outcome"             nvarchar(20) NOT NULL,
        "outcome_reason"      nvarchar(128),
        "calling_number"      nvarchar(64),
        "calling_name"        nvarchar(256),
        "calling_user_id"     nvarchar(150),
        "called_number"       nvarchar(64),
        "called_name"         nvarchar(256),
        "called_user_id"      nvarchar(150),
        "answered_by_number"  nvarchar(64),
        "answered_by_name"    nvarchar(256),
        "answered_by_user_id" nvarchar(150),
        "services"            nvarchar(1024),
        "wait_seconds"        integer NOT NULL,
        "ring_seconds"        integer NOT NULL,
        "talk_seconds"        integer NOT NULL,
        "hold_seconds"        integer NOT NULL,
        "legs"                integer NOT NULL,
        "transfers"           integer NOT NULL,
        "forwards"            integer NOT NULL,
        "location_name"       nvarchar(256),
        "inbound_trunk"       nvarchar(256),
        "outbound_trunk"      nvarchar(256),
        "pstn_vendor_name"    nvarchar(256),
        "country"             nvarchar(100),
        "recording_result"    nvarchar(64),
        "spam_result"         nvarchar(64),
        "route_list_overage"  integer,
        "masked_utc"          datetime,
        "updated_utc"         datetime NOT NULL,
        CONSTRAINT "PK_cdr_calls" PRIMARY KEY ("journey_id")
      )
    `)
    await queryRunner.query(
      'CREATE INDEX "IX_cdr_calls_start_utc" ON "cdr_calls" ("start_utc", "journey_id")'
    )
    await queryRunner.query(`
      CREATE TABLE "cdr_call_parties" (
        "call_start_utc"     datetime NOT NULL,
        "journey_id"         nvarchar(36) NOT NULL,
        "position"           integer NOT NULL,
        "kind"               nvarchar(20) NOT NULL,
        "user_id"            nvarchar(150),
        "name"               nvarchar(256),
        "number"             nvarchar(64),
        "location_name"      nvarchar(256),
        "utc_offset_minutes" integer,
        "sent_by"            nvarchar(256),
        "sent_by_kind"       nvarchar(20),
        "presented_utc"      datetime NOT NULL,
        "answered_utc"       datetime,
        "left_utc"           datetime,
        "ring_seconds"       integer NOT NULL,
        "talk_seconds"       integer NOT NULL,
        "hold_seconds"       integer NOT NULL,
        "outcome"            nvarchar(20) NOT NULL,
        "outcome_reason"     nvarchar(128),
        "key_pressed"        nvarchar(64),
        "call_type"          nvarchar(64),
        "country"            nvarchar(100),
        "pstn_vendor_name"   nvarchar(256),
        "trunk"              nvarchar(256),
        CONSTRAINT "PK_cdr_call_parties" PRIMARY KEY ("call_start_utc", "journey_id", "position")
      ) WITHOUT ROWID
    `)
  }

  /** `rebuild-calls` makes them again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "cdr_call_parties"')
    await queryRunner.query('DROP TABLE "cdr_calls"')
    await queryRunner.query('DROP INDEX "IX_cdr_records_user_number"')
    await queryRunner.query('DROP INDEX "IX_cdr_records_transfer_related_call_id"')
    await queryRunner.query('DROP INDEX "IX_cdr_records_local_call_id"')
    await queryRunner.query('DROP INDEX "IX_cdr_records_interaction_id"')
    await queryRunner.query('DROP INDEX "IX_cdr_records_journey_id"')
    await queryRunner.query('ALTER TABLE "cdr_records" DROP COLUMN "journey_id"')
  }
}
