import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * The tables and indexes of the Python tool that this project succeeds, as its installer makes them.
 * Where they are already they stay as they are, so that new and old databases go on from one place.
 */
export class PredecessorTables1795392000001 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      IF OBJECT_ID(N'dbo.cdr_records', N'U') IS NULL
      CREATE TABLE dbo.cdr_records (
        id                       bigint        IDENTITY(1,1) NOT NULL CONSTRAINT PK_cdr_records PRIMARY KEY,
        ingestion_timestamp      datetime2     NULL
          CONSTRAINT DF_cdr_records_ingestion_timestamp DEFAULT getutcdate(),
        call_id                  nvarchar(150) NOT NULL,
        correlation_id           nvarchar(150) NULL,
        local_session_id         nvarchar(150) NULL,
        final_local_session_id   nvarchar(150) NULL,
        remote_session_id        nvarchar(150) NULL,
        final_remote_session_id  nvarchar(150) NULL,
        start_time               datetime2     NOT NULL,
        answer_time              datetime2     NULL,
        release_time             datetime2     NULL,
        call_transfer_time       datetime2     NULL,
        duration                 int           NULL,
        direction                nvarchar(20)  NULL,
        call_type                nvarchar(50)  NULL,
        call_outcome             nvarchar(50)  NULL,
        call_outcome_reason      nvarchar(100) NULL,
        calling_number           nvarchar(50)  NULL,
        calling_line_id          nvarchar(150) NULL,
        called_number            nvarchar(50)  NULL,
        called_line_id           nvarchar(150) NULL,
        dialed_digits            nvarchar(50)  NULL,
        user_id                  nvarchar(150) NULL,
        user_email               nvarchar(255) NULL,
        user_type                nvarchar(50)  NULL,
        location_id              nvarchar(150) NULL,
        location_name            nvarchar(255) NULL,
        department_id            nvarchar(150) NULL,
        org_id                   nvarchar(150) NULL,
        device_mac               nvarchar(17)  NULL,
        client_type              nvarchar(50)  NULL,
        client_version           nvarchar(50)  NULL,
        model                    nvarchar(100) NULL,
        authorization_code       nvarchar(50)  NULL,
        inbound_trunk            nvarchar(255) NULL,
        outbound_trunk           nvarchar(255) NULL,
        route_group              nvarchar(255) NULL,
        answered                 bit           NULL,
        answer_indicator         nvarchar(50)  NULL,
        redirecting_number       nvarchar(50)  NULL,
        redirect_reason          nvarchar(100) NULL,
        international_country    nvarchar(100) NULL,
        transfer_related_call_id nvarchar(150) NULL,
        site_uuid                nvarchar(150) NULL,
        site_main_number         nvarchar(50)  NULL,
        site_timezone            nvarchar(50)  NULL,
        raw_json                 nvarchar(max) NULL,
        CONSTRAINT UQ_call_id_start_time UNIQUE (call_id, start_time)
      );
    `)
    await queryRunner.query(`
      IF OBJECT_ID(N'dbo.cdr_sync_state', N'U') IS NULL
      CREATE TABLE dbo.cdr_sync_state (
        id                           int           IDENTITY(1,1) NOT NULL
          CONSTRAINT PK_cdr_sync_state PRIMARY KEY,
        last_successful_run_utc      datetime2     NOT NULL,
        last_successful_end_time_utc datetime2     NOT NULL,
        records_fetched              int           NOT NULL,
        sync_duration_seconds        int           NOT NULL,
        api_calls_made               int           NOT NULL,
        created_at                   datetime2     NULL
          CONSTRAINT DF_cdr_sync_state_created_at DEFAULT getutcdate(),
        notes                        nvarchar(500) NULL
      );
    `)
    await queryRunner.query(`
      IF OBJECT_ID(N'dbo.cdr_sync_errors', N'U') IS NULL
      CREATE TABLE dbo.cdr_sync_errors (
        id                 int           IDENTITY(1,1) NOT NULL
          CONSTRAINT PK_cdr_sync_errors PRIMARY KEY,
        error_timestamp    datetime2     NULL
          CONSTRAINT DF_cdr_sync_errors_error_timestamp DEFAULT getutcdate(),
        error_type         nvarchar(100) NULL,
        error_message      nvarchar(max) NULL,
        stack_trace        nvarchar(max) NULL,
        recovered          bit           NULL
          CONSTRAINT DF_cdr_sync_errors_recovered DEFAULT 0,
        recovery_timestamp datetime2     NULL
      );
    `)
    // By their columns: an index of another name serves as well.
    await queryRunner.query(`
      DECLARE @there TABLE (column_1 sysname NULL, column_2 sysname NULL);
      INSERT INTO @there (column_1, column_2)
      SELECT MAX(CASE key_ordinal WHEN 1 THEN COL_NAME(object_id, column_id) END),
             MAX(CASE key_ordinal WHEN 2 THEN COL_NAME(object_id, column_id) END)
      FROM sys.index_columns
      WHERE object_id = OBJECT_ID(N'dbo.cdr_records')
      GROUP BY index_id;

      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'start_time' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_start_time ON dbo.cdr_records (start_time);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'calling_number' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_calling_number ON dbo.cdr_records (calling_number);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'called_number' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_called_number ON dbo.cdr_records (called_number);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'user_email' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_user_email ON dbo.cdr_records (user_email);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'direction' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_direction ON dbo.cdr_records (direction);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'call_outcome' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_call_outcome ON dbo.cdr_records (call_outcome);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'location_name' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_location_name ON dbo.cdr_records (location_name);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'correlation_id' AND column_2 IS NULL)
        CREATE INDEX IX_cdr_records_correlation_id ON dbo.cdr_records (correlation_id);
      IF NOT EXISTS (SELECT 1 FROM @there WHERE column_1 = N'start_time' AND column_2 = N'direction')
        CREATE INDEX IX_cdr_records_start_time_direction ON dbo.cdr_records (start_time, direction);
    `)
  }

  async down(): Promise<void> {
    throw new Error('PredecessorTables is irreversible: the tables may be those of the Python tool')
  }
}
