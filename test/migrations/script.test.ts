import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { listMigrations } from '../../src/database/migration-list.js'
import { migrationScript } from '../../src/database/migration-script.js'
import { baseline, migrate } from '../../src/database/migrator.js'
import { checkScriptable } from '../../src/database/t-sql.js'
import { mssqlUrl, onSqlServer, openPool } from '../support/mssql.js'
import { appliedNames, newDatabase, PATIENCE, runScript } from './mssql-support.js'

const script = (from?: string, to?: string) => migrationScript({ from, to })
const npm = (...args: string[]) =>
  promisify(execFile)('npm', args, {
    env: { ...process.env, npm_config_loglevel: 'notice' },
    shell: process.platform === 'win32'
  })
const list = await listMigrations('mssql')
const names = list.map(({ name }) => name)

describe('the script', () => {
  test('is the same whenever it is made', async () => {
    expect(await script()).toBe(await script())
  })

  test('begins with its migrations, what each does, and the checksum of each', async () => {
    const head = (await script()).split('\n\n')[0]!
    for (const { name, checksum } of list) {
      expect(head).toMatch(new RegExp(`^--   ${name}.*\\n--     \\S+ .+\\n--     SHA-256 ${checksum}$`, 'm'))
    }
    expect(head.split('\n').every((line) => line.startsWith('--'))).toBe(true)
  })

  test('has every statement whole, as one literal', async () => {
    const text = await script()
    for (const statement of list.flatMap(({ statements }) => statements)) {
      expect(text).toContain(`EXEC sys.sp_executesql N'${statement.replaceAll("'", "''")}';`)
    }
  })

  test('is not printed behind what npm prints', async () => {
    await expect(npm('run', 'migrate', '--', '--script')).rejects.toMatchObject({
      code: 2,
      stdout: expect.not.stringContaining('SET XACT_ABORT'),
      stderr: expect.stringMatching(/^webex-cdr: npm prints lines of its own before the script.* with -o /m)
    })
    const { stdout } = await npm('run', '--silent', 'migrate', '--', '--script')
    expect(stdout).toBe(await script())
  })

  test('has what sqlcmd needs: ASCII, GO alone on its line, no variables', async () => {
    const text = await script()
    expect(text).toMatch(/^[\n -~]*$/)
    expect(text).not.toMatch(/\$\(/)
    expect(text.match(/^.*\bGO\b.*$/gm)?.filter((line) => line !== 'GO')).toEqual([])
    expect(text.endsWith('\nGO\n')).toBe(true)
  })

  test.each(['SELECT 1\nGO\n', "PRINT '$(x)'", 'a\n:r file', '  exit', 'caf\u00e9', 'USE master'])(
    'refuses a statement that clients would not pass on: %j',
    (statement) => {
      expect(() => checkScriptable(statement)).toThrow(/sqlcmd would not pass on/)
    }
  )

  test('--from and --to choose, by name with or without timestamp', async () => {
    const batches = (text: string) =>
      [...text.matchAll(/PRINT N' {2}applied before {2}(\w+)'/g)].map(([, name]) => name)
    expect(batches(await script())).toEqual(names)
    expect(batches(await script('NewColumns', 'ReportIdAsKey1795392000004'))).toEqual(names.slice(2, 4))
    expect(batches(await script('reportidaskey'))).toEqual(names.slice(4))
    expect(batches(await script(undefined, 'PredecessorTables'))).toEqual(names.slice(0, 1))
    await expect(script('Nonsense')).rejects.toThrow(/unknown migration “Nonsense”; known are Predecessor/)
    await expect(script('Views')).rejects.toThrow('no migration comes after --from Views')
    await expect(script('Lease', 'NewColumns')).rejects.toThrow('and not after --to NewColumns')
  })
})

describe.skipIf(!mssqlUrl)(`the script ${onSqlServer}`, { timeout: PATIENCE }, () => {
  test('may be run twice, and migrate finds its work done', async () => {
    const database = await newDatabase()
    await runScript(database.settings, await script())
    const { errors, said } = await runScript(database.settings, await script())
    expect(errors).toEqual([])
    expect(said).toEqual([
      ...names.map((name) => `applied before  ${name}`),
      'Done: all migrations of this script are applied.'
    ])
    expect(await appliedNames(database)).toEqual(names)
    expect(await migrate(database.settings, () => {})).toBe(0)
    const paths = await database.query('SELECT DISTINCT path, application FROM dbo.cdr_schema_history')
    expect(paths).toEqual([{ path: 'script', application: 'node-mssql' }])
  })

  test('finds the work of migrate done, and warns of another text', async () => {
    const database = await newDatabase()
    await migrate(database.settings, () => {})
    await database.query(
      `UPDATE dbo.cdr_schema_history SET checksum = '${'0'.repeat(64)}' WHERE name LIKE 'NewColumns%'`
    )
    const { errors, said } = await runScript(database.settings, await script())
    expect(errors).toEqual([])
    const warning = said.indexOf('WARNING: the text that was applied differs from this script.')
    expect(said[warning - 1]).toBe('applied before  NewColumns1795392000002')
    expect(said.filter((line) => line.startsWith('WARNING'))).toHaveLength(1)
    await baseline(database.settings, 'NewColumns')
    expect((await runScript(database.settings, await script())).said.join()).not.toContain('WARNING')
  })

  test.each([
    ['in a transaction', 'NewColumns1795392000002', 'CREATE INDEX IX_cdr_sync_errors_record_key', 1],
    ['without one', 'FillFromRawJson1795392000003', 'SET NOCOUNT ON;', 2]
  ])('a migration that fails %s leaves nothing later run or recorded', async (_, name, place, before) => {
    const database = await newDatabase()
    const text = await script()
    const start = text.indexOf(`-- ${name}\n`)
    const at = text.indexOf(place, start)
    const broken = `${text.slice(0, at)}THROW 50123, N''100%% broken'', 1; ${text.slice(at)}`
    const { errors } = await runScript(database.settings, broken)
    expect(errors[0]).toMatch(
      new RegExp(`^${name} failed: statement \\d+, line \\d+, error 50123: 100%+ broken$`)
    )
    expect(await appliedNames(database)).toEqual(names.slice(0, before))
    const history = await database.query<{ name: string }>('SELECT name FROM dbo.cdr_schema_history')
    expect(history.map((row) => row.name)).toEqual(names.slice(0, before))
    const columns = await database.query(
      `SELECT name FROM sys.columns WHERE object_id = OBJECT_ID(N'dbo.cdr_sync_errors') AND name = N'record_key'`
    )
    expect(columns).toHaveLength(before - 1)
    // The mended script goes on from there.
    expect((await runScript(database.settings, text)).errors).toEqual([])
    expect(await appliedNames(database)).toEqual(names)
  })

  test('--from demands what comes before', async () => {
    const database = await newDatabase()
    const second = await runScript(database.settings, await script('NewColumns'))
    expect(second.errors.at(-1)).toMatch(/^Not done: 0 of \d+ migrations/)
    expect(second.errors.join('\n')).toContain(
      'NewColumns1795392000002, which comes before it, is not applied'
    )
    await runScript(database.settings, await script(undefined, 'NewColumns'))
    expect(await appliedNames(database)).toEqual(names.slice(0, 2))
    expect((await runScript(database.settings, await script('NewColumns'))).errors).toEqual([])
    expect(await appliedNames(database)).toEqual(names)
  })

  test('does nothing without the lock, in a transaction, or in a system database', async () => {
    const database = await newDatabase()
    const impatient = (await script()).replace('@LockTimeout = 300000', '@LockTimeout = 100')
    const other = await openPool(database.settings, { pool: { min: 1, max: 1 } })
    const lock = "@Resource = N'webex-cdr migrate', @LockOwner = N'Session'"
    await other.request().batch(`EXEC sys.sp_getapplock ${lock}, @LockMode = N'Exclusive'`)
    const { errors } = await runScript(database.settings, impatient)
    expect(errors[0]).toMatch(/^Another migrate or script holds the lock "webex-cdr migrate"/)
    expect(await database.query(`SELECT name FROM sys.tables WHERE name LIKE 'cdr%'`)).toEqual([])
    await other.request().batch(`EXEC sys.sp_releaseapplock ${lock}`)
    await runScript(database.settings, await script(undefined, 'NewColumns'))
    await other.request().batch(`EXEC sys.sp_getapplock ${lock}, @LockMode = N'Exclusive'`)
    const late = await runScript(database.settings, impatient)
    expect(late.errors.join('\n')).toContain(
      'FillFromRawJson1795392000003 was not run: this session does not hold'
    )
    expect(await appliedNames(database)).toEqual(names.slice(0, 2))
    await other.close()
    const inside = await runScript(database.settings, `BEGIN TRANSACTION\nGO\n${impatient}\nROLLBACK`)
    expect(inside.errors[0]).toMatch(/^A transaction is open in this session/)
    const system = await runScript({ ...database.settings, database: 'master' }, impatient)
    expect(system.errors[0]).toMatch(/^This is a system database/)
    expect(await database.query(`SELECT name FROM master.sys.tables WHERE name LIKE 'cdr%'`)).toEqual([])
  })
})
