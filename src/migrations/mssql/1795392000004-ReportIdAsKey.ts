import type { MigrationInterface, QueryRunner } from 'typeorm'

/**
 * A record is known by its Report ID: legs of one call may share (call_id, start_time), as all that reached
 * no device have an empty Call ID. The old pair stays as an ordinary index.
 */
export class ReportIdAsKey1795392000004 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      IF EXISTS (
        SELECT 1 FROM dbo.cdr_records WHERE report_id = '00000000-0000-0000-0000-000000000000'
      )
        THROW 50000,
          N'Rows came in meanwhile. Stop the Python tool, then DELETE FROM dbo.cdr_migrations WHERE name = N''FillFromRawJson1795392000003'' and migrate again.', 1;
    `)
    // Before its predecessor goes: the server can read the one off the other instead of the whole table.
    await queryRunner.query(`
      CREATE INDEX IX_cdr_records_call_id_start_time ON dbo.cdr_records (call_id, start_time);
    `)
    // UQ_call_id_start_time, whatever it is called here: the server may have named it.
    await queryRunner.query(`
      DECLARE @drop nvarchar(max) = N'';
      SELECT @drop = @drop + CASE u.is_unique_constraint
        WHEN 1 THEN N'ALTER TABLE dbo.cdr_records DROP CONSTRAINT ' + QUOTENAME(u.name) + N'; '
        ELSE        N'DROP INDEX ' + QUOTENAME(u.name) + N' ON dbo.cdr_records; ' END
      FROM sys.indexes AS u
      WHERE u.object_id = OBJECT_ID(N'dbo.cdr_records') AND u.is_unique = 1 AND u.is_primary_key = 0
        AND NOT EXISTS (
          SELECT 1 FROM sys.index_columns AS k
          WHERE k.object_id = u.object_id AND k.index_id = u.index_id AND k.is_included_column = 0
            AND COL_NAME(k.object_id, k.column_id) NOT IN (N'call_id', N'start_time')
        );
      EXEC (@drop);
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records DROP CONSTRAINT IF EXISTS DF_cdr_records_report_id;
    `)
    await queryRunner.query(`
      ALTER TABLE dbo.cdr_records ADD CONSTRAINT UQ_cdr_records_report_id UNIQUE (report_id);
    `)
  }

  async down(): Promise<void> {
    throw new Error('ReportIdAsKey is irreversible: records may share (call_id, start_time) by now')
  }
}
