import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Counts what the service sends and the program does not know: keys, spellings, types, values of enumerations. */
export class ApiDrift1795392000006 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    // Names and values are told apart by letter case and accent.
    await queryRunner.query(`
      CREATE TABLE dbo.cdr_api_drift (
        id             int           IDENTITY(1,1) NOT NULL CONSTRAINT PK_cdr_api_drift PRIMARY KEY,
        kind           nvarchar(20)  NOT NULL,
        name           nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
        value          nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL,
        occurrences    bigint        NOT NULL,
        example        nvarchar(256) NULL,
        first_seen_utc datetime2(3)  NOT NULL,
        last_seen_utc  datetime2(3)  NOT NULL,
        CONSTRAINT UQ_cdr_api_drift_kind_name_value UNIQUE (kind, name, value)
      );
    `)
  }

  /** It only counts; the records themselves are in raw_json. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TABLE dbo.cdr_api_drift;')
  }
}
