import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Counts what the service sends and the program does not know: keys, spellings, types, values of enumerations. */
export class ApiDrift1795392000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE "cdr_api_drift" (
        "id"             integer PRIMARY KEY AUTOINCREMENT NOT NULL,
        "kind"           nvarchar(20) NOT NULL,
        "name"           nvarchar(128) NOT NULL,
        "value"          nvarchar(128) NOT NULL,
        "occurrences"    integer NOT NULL,
        "example"        nvarchar(256),
        "first_seen_utc" datetime NOT NULL,
        "last_seen_utc"  datetime NOT NULL,
        CONSTRAINT "UQ_cdr_api_drift_kind_name_value" UNIQUE ("kind", "name", "value")
      )
    `)
  }

  /** It only counts; the records themselves are in raw_json. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE "cdr_api_drift"')
  }
}
