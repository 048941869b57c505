import type { MigrationInterface, QueryRunner } from 'typeorm'

/** One row a call, and one for each party that it was put to, made from the records. */
export class Calls1795392000009 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records ADD journey_id uniqueidentifier NULL;
    `)
    await queryRunner.query(`
      CREATE INDEX IX_cdr_records_journey_id ON dbo.cdr_records (journey_id);
      CREATE INDEX IX_cdr_records_interaction_id ON dbo.cdr_records (interaction_id);
      CREATE INDEX IX_cdr_records_local_call_id ON dbo.cdr_records (local_call_id);
      CREATE INDEX IX_cdr_records_transfer_related_call_id ON dbo.cdr_records (transfer_related_call_id);
      CREATE INDEX IX_cdr_records_user_number ON dbo.cdr_records (user_number);
    `)
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_calls (
        journey_id          uniqueidentifier NOT NULL,
        org_id              nvarchar(150)    NULL,
        start_utc           datetime2(3)     NOT NULL,
        answered_utc        datetime2(3)     NULL,
        end_utc             datetime2(3)     NULL,
        utc_offset_minutes  int              NULL,
        start_local         datetime2(3)     NOT NULL,
        answered_local      datetime2(3)     NULL,
        end_local           datetime2(3)     NULL,
        call_class          nvarchar(20)     NOT NULL,
        call_type           nvarchar(64)     NULL,
        outcome             nvarchar(20)     NOT NULL,
        outcome_reason      nvarchar(128)    NULL,
        calling_number      nvarchar(64)     NULL,
        calling_name        nvarchar(256)    NULL,
        calling_user_id     nvarchar(150)    NULL,
        called_number       nvarchar(64)     NULL,
        called_name         nvarchar(256)    NULL,
        called_user_id      nvarchar(150)    NULL,
        answered_by_number  nvarchar(64)     NULL,
        answered_by_name    nvarchar(256)    NULL,
        answered_by_user_id nvarchar(150)    NULL,
        services            nvarchar(1024)   NULL,
        wait_seconds        int              NOT NULL,
        ring_seconds        int              NOT NULL,
        talk_seconds        int              NOT NULL,
        hold_seconds        int              NOT NULL,
        legs                int              NOT NULL,
        transfers           int              NOT NULL,
        forwards            int              NOT NULL,
        location_name       nvarchar(256)    NULL,
        inbound_trunk       nvarchar(256)    NULL,
        outbound_trunk      nvarchar(256)    NULL,
        pstn_vendor_name    nvarchar(256)    NULL,
        country             nvarchar(100)    NULL,
        recording_result    nvarchar(64)     NULL,
        spam_result         nvarchar(64)     NULL,
        route_list_overage  int              NULL,
        masked_utc          datetime2(3)     NULL,
        updated_utc         datetime2(3)     NOT NULL,
        CONSTRAINT PK_cdr_calls PRIMARY KEY NONCLUSTERED (journey_id)
      );
      CREATE CLUSTERED INDEX IX_cdr_calls_start_utc ON dbo.cdr_calls (start_utc, journey_id);
    `)
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_call_parties (
        call_start_utc     datetime2(3)     NOT NULL,
        journey_id         uniqueidentifier NOT NULL,
        position           int              NOT NULL,
        kind               nvarchar(20)     NOT NULL,
        user_id            nvarchar(150)    NULL,
        name               nvarchar(256)    NULL,
        number             nvarchar(64)     NULL,
        location_name      nvarchar(256)    NULL,
        utc_offset_minutes int              NULL,
        sent_by            nvarchar(256)    NULL,
        sent_by_kind       nvarchar(20)     NULL,
        presented_utc      datetime2(3)     NOT NULL,
        answered_utc       datetime2(3)     NULL,
        left_utc           datetime2(3)     NULL,
        ring_seconds       int              NOT NULL,
        talk_seconds       int              NOT NULL,
        hold_seconds       int              NOT NULL,
        outcome            nvarchar(20)     NOT NULL,
        outcome_reason     nvarchar(128)    NULL,
        key_pressed        nvarchar(64)     NULL,
        call_type          nvarchar(64)     NULL,
        country            nvarchar(100)    NULL,
        pstn_vendor_name   nvarchar(256)    NULL,
        trunk              nvarchar(256)    NULL,
        CONSTRAINT PK_cdr_call_parties PRIMARY KEY (call_start_utc, journey_id, position)
      );
    `)
  }

  /** `rebuild-calls` makes them again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      DROP TABLE dbo.cdr_call_parties;
      DROP TABLE dbo.cdr_calls;
      DROP INDEX IX_cdr_records_user_number ON dbo.cdr_records;
      DROP INDEX IX_cdr_records_transfer_related_call_id ON dbo.cdr_records;
      DROP INDEX IX_cdr_records_local_call_id ON dbo.cdr_records;
      DROP INDEX IX_cdr_records_interaction_id ON dbo.cdr_records;
      DROP INDEX IX_cdr_records_journey_id ON dbo.cdr_records;
    `)
    await queryRunner.query('ALTER TABLE dbo.cdr_records DROP COLUMN journey_id;')
  }
}
