import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What was asked for and what has been read, so that what is missing can be told and fetched; and the reports that Webex has
 * been asked to make, which are waited for across runs.
 */
export class Coverage1795392000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_coverage (
        id        int           IDENTITY(1,1) NOT NULL CONSTRAINT PK_cdr_coverage PRIMARY KEY,
        scope     nvarchar(400) COLLATE Latin1_General_100_BIN2 NOT NULL,
        source    nvarchar(20)  NOT NULL,
        start_utc datetime2(3)  NOT NULL,
        end_utc   datetime2(3)  NULL,
        read_utc  datetime2(3)  NULL,
        CONSTRAINT CK_cdr_coverage_range CHECK (end_utc >= start_utc),
        CONSTRAINT CK_cdr_coverage_end   CHECK (source = N'asked' OR end_utc IS NOT NULL)
      );
    `)
    await queryRunner.query(`
      CREATE INDEX IX_cdr_coverage_scope ON dbo.cdr_coverage (scope);
    `)
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_reports (
        report_id     nvarchar(255) NOT NULL CONSTRAINT PK_cdr_reports PRIMARY KEY,
        start_utc     datetime2(3)  NOT NULL,
        end_utc       datetime2(3)  NOT NULL,
        requested_utc datetime2(3)  NOT NULL,
        ended_utc     datetime2(3)  NULL
      );
    `)
  }

  /** Without it the next run begins as the first one does, and reports that were waited for stay at Webex. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE dbo.cdr_reports;')
    await queryRunner.query('DROP TABLE dbo.cdr_coverage;')
  }
}
