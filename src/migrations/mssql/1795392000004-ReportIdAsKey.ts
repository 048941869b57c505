import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * A record is known by its Report ID: legs of one call may share (call_id, start_time), as all that reached
 * no device have an empty Call ID. The old pair stays as an ordinary index.
 */
export class ReportIdAsKey1795392000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      IF EXISTS (SELECT 1 FROM dbo.cdr_records WHERE report_id IS NULL)
        THROW 50000,
          N'Rows came in meanwhile. Stop the Python tool, then DELETE FROM dbo.cdr_migrations WHERE name = N''FillFromRawJson1795392000003'' and migrate again.', 1;
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records ALTER COLUMN report_id uniqueidentifier NOT NULL;
    `)
    await queryRunner.query(`
      IF EXISTS (
        SELECT 1 FROM sys.key_constraints
        WHERE parent_object_id = OBJECT_ID(N'dbo.cdr_records') AND name = N'UQ_call_id_start_time'
      )
      ALTER TABLE dbo.cdr_records DROP CONSTRAINT UQ_call_id_start_time;
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records ADD CONSTRAINT UQ_cdr_records_report_id UNIQUE (report_id);
    `)
    await queryRunner.query(`
      CREATE INDEX IX_cdr_records_call_id_start_time ON dbo.cdr_records (call_id, start_time);
    `)
  }

  async down(): Promise<void> {
    throw new Error('ReportIdAsKey is irreversible: records may share (call_id, start_time) by now')
  }
}
