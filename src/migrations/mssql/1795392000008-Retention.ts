import type { MigrationInterface, QueryRunner } from 'typeorm'

/** How far `retain` has come. */
export class Retention1795392000008 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_retention (
        job             nvarchar(20) NOT NULL CONSTRAINT PK_cdr_retention PRIMARY KEY,
        done_before_utc datetime2(3) NOT NULL,
        seen_id         bigint       NOT NULL,
        updated_utc     datetime2(3) NOT NULL
      );
    `)
  }

  /** Without it `sync` stores again what was deleted and Webex still has. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE dbo.cdr_retention;')
  }
}
