import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { checkDatabase, isSound } from '../../src/database/migration-check.js'
import { migrate } from '../../src/database/migrator.js'
import { newFile } from './support.js'

/** A migrated file in which a table was made anew with another text, its indexes included. */
async function altered(table: string, from: string, to: string): Promise<string> {
  const path = await migrated()
  const file = new Database(path)
  const parts = file
    .prepare<[string], { sql: string }>(
      'SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL'
    )
    .all(table)
  file.exec(`DROP TABLE ${table}`)
  const text = parts.map(({ sql }) => sql).join(';\n')
  expect(text).toContain(from)
  file.exec(text.replace(from, to))
  file.close()
  return path
}

async function migrated(): Promise<string> {
  const path = newFile()
  await migrate({ type: 'sqlite', path }, () => {})
  return path
}

async function check(path: string) {
  const found = await checkDatabase({ type: 'sqlite', path })
  return { texts: found.drift.map(({ text }) => text), sound: isSound(found) }
}

test('there is none after migrate', async () => {
  expect(await check(await migrated())).toEqual({ texts: [], sound: true })
})

test.each([
  ['nvarchar(64)', 'nvarchar(64) in the database, nvarchar(128) in this program'],
  ['text', 'text in the database, nvarchar(128) in this program'],
  ['nvarchar(128) NOT NULL', 'NOT NULL in the database, NULL in this program'],
  ["nvarchar(128) DEFAULT 'x'", "DEFAULT 'x' in the database, no default in this program"],
  ['nvarchar(64) NOT NULL', 'nvarchar(64), NOT NULL in the database, nvarchar(128), NULL in this program']
])('model %s differs from model nvarchar(128)', async (declaration, text) => {
  expect(await check(await withModel(declaration))).toEqual({
    texts: [`cdr_records.model: ${text}`],
    sound: false
  })
})

async function withModel(declaration: string): Promise<string> {
  return altered('cdr_records', '"model"                            nvarchar(128)', `"model" ${declaration}`)
}

test('a longer column is told and does no harm', async () => {
  expect(await check(await withModel('nvarchar(4000)'))).toEqual({
    texts: [
      'cdr_records.model: nvarchar(4000) in the database, nvarchar(128) in this program; longer is fine'
    ],
    sound: true
  })
})

test.each<[string, string, boolean]>([
  ['DROP TABLE cdr_sync_lease', 'cdr_sync_lease: the table is missing', false],
  ['DROP TABLE cdr_api_drift', 'cdr_api_drift: the table is missing', false],
  ['DROP VIEW cdr_failures', 'cdr_failures: the view is missing', false],
  [
    'DROP VIEW cdr_failures; CREATE VIEW cdr_failures AS SELECT 1 AS day',
    'cdr_failures: the view is defined otherwise in the database than in this program',
    false
  ],
  [
    'DROP INDEX IX_cdr_records_start_time',
    'cdr_records: missing index IX_cdr_records_start_time on (start_time)',
    false
  ],
  [
    'DROP INDEX IX_cdr_records_start_time; CREATE INDEX ix_CDR_records_start_time ON cdr_records (duration)',
    'cdr_records: index ix_CDR_records_start_time on (duration) in the database, index IX_cdr_records_start_time on (start_time) in this program',
    false
  ],
  [
    'CREATE INDEX dba ON cdr_records (duration, model)',
    'cdr_records: additional index dba on (duration, model), left alone',
    true
  ],
  [
    'CREATE UNIQUE INDEX dba ON cdr_records (duration)',
    'cdr_records: additional unique index dba on (duration), left alone',
    true
  ],
  ['ALTER TABLE cdr_records ADD note text', 'cdr_records.note: an additional column, left alone', true],
  ['ALTER TABLE cdr_records DROP COLUMN model', 'cdr_records.model: the column is missing', false]
])('%s', async (sql, text, sound) => {
  const path = await migrated()
  const file = new Database(path)
  file.exec(sql)
  file.close()
  expect(await check(path)).toEqual({ texts: [text], sound })
})

test('without the unique constraint records would be stored twice', async () => {
  const path = await altered(
    'cdr_records',
    ',\n        CONSTRAINT "UQ_cdr_records_report_id" UNIQUE ("report_id")',
    ''
  )
  expect(await check(path)).toEqual({
    texts: ['cdr_records: missing unique constraint UQ_cdr_records_report_id on (report_id)'],
    sound: false
  })
})

test("a view of ours with other blanks is ours, and one of the DBA's own is left alone", async () => {
  const path = await migrated()
  const file = new Database(path)
  const view = file
    .prepare<[], { sql: string }>("SELECT sql FROM sqlite_master WHERE name = 'cdr_failures'")
    .get()
  file.exec(`DROP VIEW cdr_failures; ${view?.sql.replace(/\n */g, '\r\n ')} ;`)
  file.exec('CREATE VIEW dba AS SELECT day FROM cdr_failures')
  file.close()
  expect(await check(path)).toEqual({ texts: [], sound: true })
})

test('an index of ours under another name is one of ours', async () => {
  const path = await migrated()
  const file = new Database(path)
  file.exec('DROP INDEX IX_cdr_records_direction; CREATE INDEX other ON cdr_records (direction)')
  file.close()
  expect(await check(path)).toEqual({ texts: [], sound: true })
})
