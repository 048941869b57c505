import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far `retain` has come. */
export class Retention1795392000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "cdr_retention" (
        "job"             nvarchar(20) PRIMARY KEY NOT NULL,
        "done_before_utc" datetime NOT NULL,
        "seen_id"         integer NOT NULL,
        "updated_utc"     datetime NOT NULL
      )
    `)
  }

  /** Without it `sync` stores again what was deleted and Webex still has. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "cdr_retention"')
  }
}
