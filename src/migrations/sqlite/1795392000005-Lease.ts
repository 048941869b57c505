import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The lease that lets one process write at a time: it holds who that is, and until when. */
export class Lease1795392000005 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "cdr_sync_lease" (
        "name"          nvarchar(50) PRIMARY KEY NOT NULL,
        "holder"        nvarchar(36) NOT NULL,
        "host"          nvarchar(255) NOT NULL,
        "process_id"    integer NOT NULL,
        "acquired_utc"  datetime NOT NULL,
        "heartbeat_utc" datetime NOT NULL,
        "expires_utc"   datetime NOT NULL
      )
    `)
  }

  /** What the lease holds is worth nothing when nobody runs. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "cdr_sync_lease"')
  }
}
