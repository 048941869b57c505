import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The lease that lets one process write at a time: it holds who that is, and until when. */
export class Lease1795392000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_sync_lease (
        name          nvarchar(50)     NOT NULL CONSTRAINT PK_cdr_sync_lease PRIMARY KEY,
        holder        uniqueidentifier NOT NULL,
        host          nvarchar(255)    NOT NULL,
        process_id    int              NOT NULL,
        acquired_utc  datetime2(3)     NOT NULL,
        heartbeat_utc datetime2(3)     NOT NULL,
        expires_utc   datetime2(3)     NOT NULL
      );
    `)
  }

  /** What the lease holds is worth nothing when nobody runs. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE dbo.cdr_sync_lease;')
  }
}
