import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { COMMANDS } from '../../src/commands/index.js'
import { cli, type Ended } from '../support/cli.js'
import { expectOneLine, setUp } from './bench.js'

let run: (args: string[], more?: NodeJS.ProcessEnv) => Promise<Ended>
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
  run = (args, more = {}) => cli(args, more, folder)
  return () => rmSync(folder, { recursive: true })
})

test.each<[string[], RegExp]>([
  [['syncc'], /unknown command “syncc”; `webex-cdr --help` lists the commands/],
  [[], /no command given; `webex-cdr --help`/],
  [['--json', 'sync'], /unknown option --json; `webex-cdr --help`/],
  [['sync', '--sinse', '1d'], /unknown option --sinse; `npm run sync -- --help` lists the options/],
  [['syncc', '--help'], /unknown command “syncc”/],
  [['sync', '--since', '2999-01-01'], /--since 2999-01-01 is in the future/],
  [['sync', '--until', '1d'], /--until needs --since/],
  [['sync', '--history', '90d', '--fill-gaps'], /--history cannot be used with --fill-gaps/],
  [['migrate', '--check', '--down'], /--check cannot be used with --down/],
  [['migrate', '--script', '--baseline=Lease'], /--script cannot be used with --baseline/],
  [['migrate', '--check', '-o', 'x.sql'], /--output needs --script/],
  [['migrate', '--script', '--to', 'Leese'], /unknown migration “Leese”; known are Predec.*, Lease/],
  [['migrate', '--script', '-o', 'no/such/folder/x.sql'], /cannot write --output no\/such\/folder\/x.sql/],
  [['simulate', '--port', 'http'], /--port must be a number from 0 to 65535, not “http”/]
])('%j exits 2 with one line', async (args, message) => {
  const ended = await run(args)
  expect(ended.code).toBe(2)
  expectOneLine(ended, message)
})

test.each<[NodeJS.ProcessEnv, RegExp]>([
  [{}, /WEBEX_CLIENT_ID, WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN not set/],
  [{ DATABASE_URL: 'mysql://root:hunter2@localhost/x' }, /DATABASE_URL has an unknown form/],
  [{ WEBEX_ANALYTICS_URL: 'http://example.com' }, /WEBEX_ANALYTICS_URL must start with https/],
  [{ WEBEX_PAGES_PER_MINUTE: 'many' }, /WEBEX_PAGES_PER_MINUTE must be a whole number/]
])('a setting that is missing or wrong exits 1 with one line: %j', async (env, message) => {
  const ended = await run(['sync'], env)
  expect(ended.code).toBe(1)
  expectOneLine(ended, message)
  expect(ended.stderr).not.toContain('hunter2')
})

test('a database without migrations, and one that is none', async () => {
  const { run: here, folder } = await setUp()
  const absent = /^webex-cdr: SQLite file .+ does not exist: .*its disk.*`npm run migrate`\n$/
  for (const command of ['sync', 'stats', 'health']) expectOneLine(await here([command]), absent)
  new Database(join(folder, 'webex-cdr.db')).exec('CREATE TABLE other (id integer)').close()
  expectOneLine(await here(['sync']), /lacks 10 migrations.*`npm run migrate -- --check` lists them\)\n$/)
  writeFileSync(
    join(folder, 'text.db'),
    'This is a text, and long enough to be looked at as a database file.'.repeat(20)
  )
  const ended = await here(['migrate'], { DATABASE_URL: 'sqlite:text.db' })
  expect(ended.code).toBe(1)
  expectOneLine(ended, /SQLite file .*text\.db cannot be used: .*not a database/)
})

test('--help lists the commands', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  for (const { name, summary } of COMMANDS) {
    expect(stdout).toMatch(new RegExp(`^  ${name}\\b.*  ${summary}$`, 'm'))
  }
})

test('--help of a command has its usage, options and examples', async () => {
  const { code, stdout } = await run(['credentials', '--to', 'file', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('$ webex-cdr credentials <show|clear|move> [options]')
  expect(stdout).toMatch(/^ {2}--to <keyring\|file> +With move/m)
  expect(stdout).toMatch(/Examples:\nnpm run credentials -- show\n/)
})

test('help loads the declarations, and nothing that they need to run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-loaded-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  expect(await run(['sync', '--help'], { NODE_V8_COVERAGE: folder })).toMatchObject({ code: 0 })
  const [report = ''] = readdirSync(folder)
  const { result } = JSON.parse(readFileSync(join(folder, report), 'utf8')) as { result: { url: string }[] }
  const files = result.flatMap(({ url }) => /(?:dist|node_modules)\/(?!node_modules).*/.exec(url)?.[0] ?? [])
  expect(files).toContain('dist/src/commands/sync.js')
  const light =
    /^(node_modules\/cac\/.*|dist\/src\/((cli|errors|exit|failure|uninterrupted|version)|commands\/(?!run-|context|read-database)[\w-]+)\.js)$/
  expect(files.filter((file) => !light.test(file))).toEqual([])
})

test('.env is read, and the environment stands above it', async () => {
  const { folder, env } = await setUp()
  writeFileSync(join(folder, '.env'), 'DATABASE_URL=sqlite:from-file.db\nLOG_LEVEL=loud\n')
  const ended = await cli(['migrate'], { ...env, LOG_LEVEL: 'info' }, folder)
  expect(ended.code, ended.stderr).toBe(0)
  expect(ended.stdout).toContain(join(folder, 'from-file.db'))
})
