import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * What was asked for and what has been read, so that what is missing can be told and fetched; and the reports that Webex has
 * been asked to make, which are waited for across runs.
 */
export class Coverage1795392000007 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "cdr_coverage" (
        "id"        integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "scope"     nvarchar(400) NOT NULL,
        "source"    nvarchar(20) NOT NULL,
        "start_utc" datetime NOT NULL,
        "end_utc"   datetime,
        "read_utc"  datetime,
        CONSTRAINT "CK_cdr_coverage_range" CHECK (end_utc >= start_utc),
        CONSTRAINT "CK_cdr_coverage_end" CHECK (source = 'asked' OR end_utc IS NOT NULL))
    `)
    await queryRunner.query(`
      CREATE INDEX "IX_cdr_coverage_scope" ON "cdr_coverage" ("scope")
    `)
    await queryRunner.query(`
      CREATE TABLE "cdr_reports" (
        "report_id"     nvarchar(255) PRIMARY KEY NOT NULL,
        "start_utc"     datetime NOT NULL,
        "end_utc"       datetime NOT NULL,
        "requested_utc" datetime NOT NULL,
        "ended_utc"     datetime
      )
    `)
  }

  /** Without it the next run begins as the first one does, and reports that were waited for stay at Webex. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "cdr_reports"')
    await queryRunner.query('DROP TABLE "cdr_coverage"')
  }
}
