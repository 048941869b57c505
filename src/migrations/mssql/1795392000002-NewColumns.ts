import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * Room for all that the service delivers: its other fields, longer texts, run and quarantine details.
 */
export class NewColumns1795392000002 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      IF (SELECT d.compatibility_level FROM sys.databases AS d WHERE d.name = DB_NAME()) < 110
        THROW 50000,
          N'The database has a compatibility level below 110: raise it first.', 1;
    `)
    // Below, ALTER COLUMN would give a column the database's collation, or fail on an index.
    await queryRunner.query(`
      IF EXISTS (
        SELECT 1 FROM sys.columns
        WHERE object_id = OBJECT_ID(N'dbo.cdr_records')
          AND collation_name COLLATE DATABASE_DEFAULT <> (
            SELECT d.collation_name COLLATE DATABASE_DEFAULT FROM sys.databases AS d WHERE d.name = DB_NAME()
          )
      )
        THROW 50000,
          N'Columns of dbo.cdr_records have another collation than the database: make them equal first.', 1;
    `)
    // One statement: the columns as declared exceed 8,060 bytes a row, so the server reads the whole table for each
    // ALTER TABLE … ADD. report_id is NOT NULL from the start, as to make it so later would read it once more; its
    // default marks the rows that FillFromRawJson has to do, and goes when the keys are swapped.
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records ADD
        report_id                        uniqueidentifier NOT NULL
          CONSTRAINT DF_cdr_records_report_id DEFAULT '00000000-0000-0000-0000-000000000000',
        original_reason                  nvarchar(64)     NULL,
        os_type                          nvarchar(64)     NULL,
        related_reason                   nvarchar(64)     NULL,
        report_time                      datetime2(3)     NULL,
        sub_client_type                  nvarchar(64)     NULL,
        user_name                        nvarchar(256)    NULL,
        releasing_party                  nvarchar(64)     NULL,
        local_call_id                    nvarchar(64)     NULL,
        remote_call_id                   nvarchar(64)     NULL,
        network_call_id                  nvarchar(256)    NULL,
        related_call_id                  nvarchar(64)     NULL,
        user_number                      nvarchar(64)     NULL,
        ring_duration                    int              NULL,
        pstn_legal_entity                nvarchar(256)    NULL,
        pstn_vendor_org_id               uniqueidentifier NULL,
        pstn_vendor_name                 nvarchar(256)    NULL,
        pstn_provider_id                 uniqueidentifier NULL,
        external_customer_id             nvarchar(128)    NULL,
        redirecting_party_uuid           nvarchar(50)     NULL,
        public_calling_ip_address        nvarchar(64)     NULL,
        public_called_ip_address         nvarchar(64)     NULL,
        caller_id_number                 nvarchar(64)     NULL,
        external_caller_id_number        nvarchar(64)     NULL,
        device_owner_uuid                nvarchar(50)     NULL,
        call_recording_platform_name     nvarchar(64)     NULL,
        call_recording_result            nvarchar(64)     NULL,
        call_recording_trigger           nvarchar(64)     NULL,
        original_called_party_uuid       nvarchar(50)     NULL,
        recall_type                      nvarchar(64)     NULL,
        auto_attendant_key_pressed       nvarchar(64)     NULL,
        queue_type                       nvarchar(64)     NULL,
        answered_elsewhere               nvarchar(64)     NULL,
        hold_duration                    int              NULL,
        route_list_calls_overage         nvarchar(64)     NULL,
        caller_reputation_score          nvarchar(64)     NULL,
        caller_reputation_service_result nvarchar(64)     NULL,
        caller_reputation_score_reason   nvarchar(512)    NULL,
        interaction_id                   uniqueidentifier NULL,
        wxcc_consult_merge_status        nvarchar(64)     NULL,
        elin                             nvarchar(64)     NULL,
        emergency_number_source          nvarchar(64)     NULL,
        transfer_type                    nvarchar(128)    NULL,
        transfer_type_context            nvarchar(1024)   NULL,
        answer_reason                    nvarchar(64)     NULL,
        content_hash                     binary(8)        NULL,
        updated_timestamp                datetime2(3)     NULL,
        masked_utc                       datetime2(3)     NULL;
    `)
    // Longer nvarchar changes the catalog only, indexed or not. COL_LENGTH counts bytes, two a character;
    // a column that somebody has made longer still (max is -1) stays. Not stated, a column is nullable.
    await queryRunner.query(`
      IF COL_LENGTH(N'dbo.cdr_records', N'direction') BETWEEN 1 AND 99
        ALTER TABLE dbo.cdr_records ALTER COLUMN direction nvarchar(50);
      IF COL_LENGTH(N'dbo.cdr_records', N'call_type') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN call_type nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'call_outcome') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN call_outcome nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'call_outcome_reason') BETWEEN 1 AND 255
        ALTER TABLE dbo.cdr_records ALTER COLUMN call_outcome_reason nvarchar(128);
      IF COL_LENGTH(N'dbo.cdr_records', N'calling_number') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN calling_number nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'calling_line_id') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN calling_line_id nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'called_number') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN called_number nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'called_line_id') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN called_line_id nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'dialed_digits') BETWEEN 1 AND 255
        ALTER TABLE dbo.cdr_records ALTER COLUMN dialed_digits nvarchar(128);
      IF COL_LENGTH(N'dbo.cdr_records', N'user_type') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN user_type nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'location_name') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN location_name nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'device_mac') BETWEEN 1 AND 99
        ALTER TABLE dbo.cdr_records ALTER COLUMN device_mac nvarchar(50);
      IF COL_LENGTH(N'dbo.cdr_records', N'client_type') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN client_type nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'client_version') BETWEEN 1 AND 255
        ALTER TABLE dbo.cdr_records ALTER COLUMN client_version nvarchar(128);
      IF COL_LENGTH(N'dbo.cdr_records', N'model') BETWEEN 1 AND 255
        ALTER TABLE dbo.cdr_records ALTER COLUMN model nvarchar(128);
      IF COL_LENGTH(N'dbo.cdr_records', N'authorization_code') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN authorization_code nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'inbound_trunk') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN inbound_trunk nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'outbound_trunk') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN outbound_trunk nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'route_group') BETWEEN 1 AND 511
        ALTER TABLE dbo.cdr_records ALTER COLUMN route_group nvarchar(256);
      IF COL_LENGTH(N'dbo.cdr_records', N'redirecting_number') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN redirecting_number nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'site_main_number') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN site_main_number nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'site_timezone') BETWEEN 1 AND 127
        ALTER TABLE dbo.cdr_records ALTER COLUMN site_timezone nvarchar(64);
      IF COL_LENGTH(N'dbo.cdr_records', N'answer_indicator') BETWEEN 1 AND 99
        ALTER TABLE dbo.cdr_records ALTER COLUMN answer_indicator nvarchar(50);
    `)
    // A run that has not succeeded has neither. They are made anew, as not every server takes NOT NULL from a
    // column; the table has a row a run.
    await queryRunner.query(`
      EXEC sp_rename N'dbo.cdr_sync_state.last_successful_run_utc',      N'old_run_utc',      N'COLUMN';
      EXEC sp_rename N'dbo.cdr_sync_state.last_successful_end_time_utc', N'old_end_time_utc', N'COLUMN';
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_sync_state ADD
        last_successful_run_utc      datetime2 NULL,
        last_successful_end_time_utc datetime2 NULL;
    `)
    await queryRunner.query(`
      UPDATE dbo.cdr_sync_state
      SET last_successful_run_utc = old_run_utc, last_successful_end_time_utc = old_end_time_utc;
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_sync_state DROP COLUMN old_run_utc;
      ALTER TABLE dbo.cdr_sync_state DROP COLUMN old_end_time_utc;
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_sync_state ADD
        source              nvarchar(20) NULL,
        scope               nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL,
        status              nvarchar(20) NULL,
        range_start_utc     datetime2(3) NULL,
        range_end_utc       datetime2(3) NULL,
        complete_until_utc  datetime2(3) NULL,
        records_inserted    int NULL,
        records_updated     int NULL,
        records_duplicate   int NULL,
        records_quarantined int NULL,
        records_late        int NULL,
        latest_seconds      int NULL;
    `)
    await queryRunner.query(`
      CREATE INDEX IX_cdr_sync_state_watermark
        ON dbo.cdr_sync_state (source, scope, last_successful_end_time_utc);
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_sync_errors ADD
        run_id          int NULL,
        source          nvarchar(20) NULL,
        scope           nvarchar(400) COLLATE Latin1_General_100_BIN2 NULL,
        range_start_utc datetime2(3) NULL,
        range_end_utc   datetime2(3) NULL,
        record_key      uniqueidentifier NULL,
        payload         nvarchar(max) NULL,
        sightings       int NULL,
        last_seen_utc   datetime2(3) NULL,
        masked_utc      datetime2(3) NULL;
    `)
    await queryRunner.query(`
      CREATE INDEX IX_cdr_sync_errors_record_key ON dbo.cdr_sync_errors (record_key);
    `)
  }

  async down(): Promise<void> {
    throw new Error('NewColumns is irreversible: what the new columns hold would be lost')
  }
}
