import { beforeAll, describe, expect, test } from 'vitest'
import { checkDatabase } from '../../src/database/migration-check.js'
import { migrate } from '../../src/database/migrator.js'
import { createTestDatabase, mssqlUrl, onSqlServer, type TestDatabase } from '../support/mssql.js'
import { PATIENCE } from './mssql-support.js'

describe.skipIf(!mssqlUrl)(`schema drift ${onSqlServer}`, { timeout: PATIENCE }, () => {
  let database: TestDatabase
  let before: string[]
  const drift = async () => (await checkDatabase(database.settings)).drift.map(({ text }) => text)

  beforeAll(async () => {
    database = await createTestDatabase()
    await migrate(database.settings, () => {})
    before = await drift()
    return () => database.drop()
  }, PATIENCE)

  test('there is none after migrate', () => {
    // A stand-in has no datetime2(7) nor this collation, and writes a default otherwise or keeps it: excused.
    const excused =
      /^[\w.]+: (datetime2\(6\)|bbf_\w+|DEFAULT '0{8}-[-0]+'::uniqueidentifier) in the database, /
    expect(before.filter((text) => !excused.test(text))).toEqual([])
  })

  test.each<[string, string, string]>([
    [
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(32)',
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(64)',
      'cdr_records.os_type: nvarchar(32) in the database, nvarchar(64) in this program'
    ],
    [
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(200)',
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(64)',
      'cdr_records.os_type: nvarchar(200) in the database, nvarchar(64) in this program; longer is fine'
    ],
    [
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(max)',
      'ALTER TABLE dbo.cdr_records ALTER COLUMN os_type nvarchar(64)',
      'cdr_records.os_type: nvarchar(max) in the database, nvarchar(64) in this program; longer is fine'
    ],
    [
      'ALTER TABLE dbo.cdr_records DROP COLUMN os_type',
      'ALTER TABLE dbo.cdr_records ADD os_type nvarchar(64) NULL',
      'cdr_records.os_type: the column is missing'
    ],
    [
      'ALTER TABLE dbo.cdr_records ADD note int NULL',
      'ALTER TABLE dbo.cdr_records DROP COLUMN note',
      'cdr_records.note: an additional column, left alone'
    ],
    [
      'ALTER TABLE dbo.cdr_records ADD note int NOT NULL',
      'ALTER TABLE dbo.cdr_records DROP COLUMN note',
      'cdr_records.note: an additional column that is NOT NULL: give it a default, or no row can be inserted'
    ],
    [
      'DROP INDEX IX_cdr_records_start_time ON dbo.cdr_records',
      'CREATE INDEX IX_cdr_records_start_time ON dbo.cdr_records (start_time)',
      'cdr_records: missing index IX_cdr_records_start_time on (start_time)'
    ],
    [
      'ALTER TABLE dbo.cdr_records DROP CONSTRAINT UQ_cdr_records_report_id',
      'ALTER TABLE dbo.cdr_records ADD CONSTRAINT UQ_cdr_records_report_id UNIQUE (report_id)',
      'cdr_records: missing unique constraint UQ_cdr_records_report_id on (report_id)'
    ]
  ])('%s', async (change, undo, text) => {
    await database.query(change)
    const found = await drift()
    await database.query(undo)
    expect(found.filter((line) => !before.includes(line))).toEqual([text])
  })

  test('a view that is missing, or defined otherwise', async () => {
    const [view] = await database.query<{ definition: string }>(
      `SELECT OBJECT_DEFINITION(OBJECT_ID(N'dbo.cdr_failures')) AS definition`
    )
    await database.query('DROP VIEW dbo.cdr_failures')
    const missing = await drift()
    await database.query('CREATE VIEW dbo.cdr_failures AS SELECT 1 AS day')
    const different = await drift()
    await database.query('DROP VIEW dbo.cdr_failures')
    await database.query(String(view?.definition).replace(/\n */g, '\r\n '))
    const mended = await drift()
    expect(missing.filter((line) => !before.includes(line))).toEqual(['cdr_failures: the view is missing'])
    expect(different.filter((line) => !before.includes(line))).toEqual([
      'cdr_failures: the view is defined otherwise in the database than in this program'
    ])
    expect(mended).toEqual(before)
  })

  test("an index of the DBA's own is left alone", async () => {
    await database.query('CREATE INDEX dba ON dbo.cdr_records (duration, model)')
    const found = await drift()
    await database.query('DROP INDEX dba ON dbo.cdr_records')
    // A stand-in may alter its name.
    expect(found.filter((line) => !before.includes(line))).toEqual([
      expect.stringMatching(
        /^cdr_records: additional index dba\w* on \((duration, model|model, duration)\), left/
      )
    ])
  })
})
