import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { expectOneLine, setUp } from './bench.js'

test('prints each migration with its duration, and then that nothing was pending', async () => {
  const { run, file } = await setUp()
  const first = await run(['migrate'])
  expect(first.code).toBe(0)
  expect(first.stdout).toContain(file)
  expect(first.stdout.match(/^ {2}applied {2}\w+\d{13} {2}\d+\.\d\d s$/gm)).toHaveLength(10)
  const second = await run(['migrate'])
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('No pending migrations.') })
})

test('--check lists what is pending, exits 1, and writes nothing; then 0', async () => {
  const { run, folder } = await setUp()
  const before = await run(['migrate', '--check'])
  expect(before.code).toBe(1)
  expect(before.stdout.match(/^ {2}pending +\w+$/gm)).toHaveLength(10)
  expect(readdirSync(folder)).toEqual([])
  const path = join(folder, 'old.db')
  const old = new Database(path)
  old.exec('CREATE TABLE cdr_records (id integer)')
  old.close()
  const bytes = readFileSync(path)
  expect((await run(['migrate', '--check'], { DATABASE_URL: `sqlite:${path}` })).code).toBe(1)
  expect(readFileSync(path).equals(bytes)).toBe(true)
  await run(['migrate'])
  const after = await run(['migrate', '--check'])
  expect(after.code).toBe(0)
  expect(after.stdout.match(/^ {2}applied +\w+ {2}\d{4}-\S+Z by \S+ from \S+$/gm)).toHaveLength(10)
  expect(after.stdout).toContain('No pending migrations, no schema differences.')
})

test('--check exits 1 when the schema differs, and tells what a DBA added without failing', async () => {
  const { run, file } = await setUp()
  await run(['migrate'])
  const execute = (sql: string) => {
    const database = new Database(file)
    database.exec(sql)
    database.close()
  }
  execute('CREATE INDEX dba ON cdr_records (duration)')
  expect(await run(['migrate', '--check'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^ {2}note +cdr_records: additional index dba on \(duration\), left alone$/m
    )
  })
  execute('DROP INDEX IX_cdr_records_start_time')
  expect(await run(['migrate', '--check'])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^ {2}differs +cdr_records: missing index IX_cdr_records_start_time on/m)
  })
  const { code, stdout } = await run(['migrate'])
  expect(code).toBe(0)
  expect(stdout.match(/^WARNING: .*$/gm)).toEqual([
    'WARNING: cdr_records: missing index IX_cdr_records_start_time on (start_time)'
  ])
})

test('--script writes T-SQL without a database, whatever DATABASE_URL says', async () => {
  const { run, folder } = await setUp()
  const printed = await run(['migrate', '--script'])
  expect(printed).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^-- Migrations of webex-cdr \d/)
  })
  const nonsense = { DATABASE_URL: 'nonsense' }
  for (const flag of ['-o', '--output']) {
    expect(await run(['migrate', '--script', flag, 'all.sql'], nonsense)).toMatchObject({
      code: 0,
      stdout: ''
    })
    expect(readFileSync(join(folder, 'all.sql'), 'utf8')).toBe(printed.stdout)
  }
  const part = await run(['migrate', '--script', '--from', 'FillFromRawJson', '--to=ReportIdAsKey'])
  expect(part.stdout.match(/^-- {3}\w+\d{13}$/gm)).toEqual(['--   ReportIdAsKey1795392000004'])
  expect(readdirSync(folder)).toEqual(['all.sql'])
})

test('--down reverts the newest, or says in one line why not', async () => {
  const { run } = await setUp()
  await run(['migrate'])
  expect(await run(['migrate', '--down'])).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^ {2}reverted {2}Views1795392000010 {2}\d/m)
  })
  for (let more = 0; more < 5; more += 1) await run(['migrate', '--down'])
  const ended = await run(['migrate', '--down'])
  expect(ended.code).toBe(1)
  expectOneLine(ended, /^webex-cdr: ReportIdAsKey is irreversible: /)
})

test('--baseline accepts what was edited since it was applied', async () => {
  const { run, file } = await setUp()
  await run(['migrate'])
  const database = new Database(file)
  database.exec("UPDATE cdr_schema_history SET checksum = 'other' WHERE name LIKE 'NewColumns%'")
  database.close()
  const refused = await run(['migrate'])
  expect(refused.code).toBe(1)
  expectOneLine(refused, /the text of NewColumns1795392000002 that was applied differs from this program’s/)
  expect((await run(['migrate', '--check'])).stdout).toMatch(
    /^ {2}edited +NewColumns1795392000002 .*its text differs from the one in this version$/m
  )
  expect((await run(['migrate', '--baseline', 'NewColumns'])).stdout).toContain(
    '1 recorded as applied, none was run.'
  )
  expect(await run(['migrate', '--check'])).toMatchObject({ code: 0 })
})

test('--down and --baseline do not make a SQLite file', async () => {
  const { run, folder } = await setUp()
  for (const args of [['--down'], ['--baseline', 'Lease']]) {
    const ended = await run(['migrate', ...args])
    expect(ended.code).toBe(1)
    expectOneLine(ended, /webex-cdr\.db does not exist/)
  }
  expect(readdirSync(folder)).toEqual([])
})

test('finishes its work though nobody reads its output to the end', async () => {
  const { run, start } = await setUp()
  const piped = start(['migrate'])
  piped.child.stdout?.destroy()
  await piped.ended
  expect(await run(['migrate', '--check'])).toMatchObject({ code: 0 })
})

test('two at once leave one history', async () => {
  const { run, query } = await setUp()
  const both = await Promise.all([run(['migrate']), run(['migrate'])])
  expect(
    both.map(({ code }) => code),
    both.map(({ stderr }) => stderr).join()
  ).toEqual([0, 0])
  expect(query('SELECT name FROM cdr_migrations')).toHaveLength(10)
})
