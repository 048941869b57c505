import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { cli, simulatorEnvironment } from '../support/cli.js'
import { duckdb, lakeOf } from '../support/lake.js'
import { AS_NOBODY, isRoot, NOBODY } from '../support/nobody.js'
import { until } from '../support/until.js'
import { commandBench, syncedOnce } from './bench.js'

const fill = syncedOnce('--source', 'feed')

/** A synced file. */
async function synced() {
  const bench = await commandBench({ recordsPerHour: 5 })
  const { run, start, folder, sim } = bench
  const env = simulatorEnvironment(sim.url)
  await fill(bench)
  const database = join(folder, 'webex-cdr.db')
  return {
    folder,
    database,
    lake: join(folder, 'lake'),
    run: (...args: string[]) => run(args, { env }),
    start: (...args: string[]) => start(args, env),
    execute<T>(sql: string): T[] {
      const file = new Database(database)
      try {
        const statement = file.prepare<[], T>(sql)
        if (statement.reader) return statement.all()
        statement.run()
        return []
      } finally {
        file.close()
      }
    }
  }
}

type Synced = Awaited<ReturnType<typeof synced>>

/** So many times as many records, with other keys, an hour apart. */
function multiply({ execute }: Synced, times: number): void {
  const columns = execute<{ name: string }>("SELECT name FROM pragma_table_info('cdr_records')")
    .map(({ name }) => name)
    .filter((name) => name !== 'id')
  const values = columns.map((name) => (name === 'report_id' ? 'lower(hex(randomblob(16)))' : name))
  execute(
    `INSERT INTO cdr_records (${columns}) WITH n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${times})
     SELECT ${values} FROM cdr_records, n`
  )
}

const daysIn = (lake: string) => readdirSync(lake).filter((name) => name.startsWith('day='))

test('writes, says what it did, and the second time finds nothing to do', async () => {
  const { run, lake, execute } = await synced()
  const [{ n, days }] = execute<{ n: number; days: number }>(
    'SELECT COUNT(*) AS n, COUNT(DISTINCT substr(start_time, 1, 10)) AS days FROM cdr_records'
  ) as [{ n: number; days: number }]
  const first = await run('export', '-o', 'lake')
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(
    new RegExp(
      `^Exported to ${lake}: ${days} days written, 0 unchanged, 0 removed\n {2}${n} records, 0\\.\\d MB\n$`
    )
  )
  expect(await duckdb(`SELECT COUNT(*)::int AS n FROM ${lakeOf(lake)}`)).toEqual([{ n }])
  const second = await run('export', '--output', lake, '--json')
  expect(JSON.parse(second.stdout)).toEqual({
    status: 'succeeded',
    what: 'records',
    format: 'parquet',
    folder: lake,
    daysWritten: 0,
    daysUnchanged: days,
    daysRemoved: 0,
    rows: 0,
    bytes: 0
  })
})

test('writes calls', async () => {
  const { run, lake, execute } = await synced()
  const [{ n }] = execute<{ n: number }>('SELECT COUNT(*) AS n FROM cdr_calls') as [{ n: number }]
  const { stdout, code } = await run('export', '--what', 'calls', '-o', 'lake')
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`^ {2}${n} calls, `, 'm'))
  expect(await duckdb(`SELECT COUNT(*)::int AS n FROM ${lakeOf(lake)}`)).toEqual([{ n }])
  expect(await run('export', '-o', 'lake')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has an export of calls as parquet')
  })
})

test('takes a range of whole days', async () => {
  const { run, lake, execute } = await synced()
  const days = execute<{ day: string }>(
    'SELECT DISTINCT substr(start_time, 1, 10) AS day FROM cdr_records ORDER BY 1'
  )
  expect(days.length).toBeGreaterThan(1)
  const last = days.at(-1)?.day
  expect(await run('export', '-o', 'lake', '--since', `${last}T00:00:01Z`)).toMatchObject({ code: 0 })
  expect(daysIn(lake)).toEqual([`day=${last}`])
  expect(await run('export', '-o', 'other', '--format', 'csv', '--until', `${last}`)).toMatchObject({
    code: 0
  })
  expect(daysIn(join(lake, '..', 'other'))).toEqual(days.slice(0, -1).map(({ day }) => `day=${day}`))
  expect(await run('export', '-o', 'third', '--until', `${last}T00:00:01Z`)).toMatchObject({ code: 0 })
  expect(daysIn(join(lake, '..', 'third'))).toEqual(days.map(({ day }) => `day=${day}`))
})

test.each<[string[], RegExp]>([
  [[], /export needs --output <folder>/],
  [['-o', 'x', '--format', 'xlsx'], /--format must be parquet, csv or jsonl, not “xlsx”/],
  [['-o', 'x', '--since', 'monday'], /--since “monday” is not a time/],
  [
    ['-o', 'x', '--since', '2026-11-02', '--until', '2026-11-02'],
    /--until 2026-11-02 must be later than --since/
  ]
])('%j is refused as wrong usage', async (args, message) => {
  const { run } = await commandBench()
  expect(await run(['export', ...args])).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
})

test('a folder that cannot be written to is told in one line', async () => {
  const { run, folder } = await synced()
  writeFileSync(join(folder, 'lake'), 'a file')
  const { code, stderr } = await run('export', '-o', 'lake')
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^webex-cdr: cannot write to the folder \S+lake: E\w+: [^\n]+ the next export goes on from there\n$/
  )
})

test.each(['SIGINT', 'SIGKILL'] as const)(
  'ended by %s keeps what is complete, and the next one goes on from there',
  async (signal) => {
    const bench = await synced()
    const { lake, start, run, execute } = bench
    multiply(bench, 40)
    const { child, ended } = start('export', '-o', 'lake', '--format', 'jsonl')
    // The second day, or a later one.
    await until(
      () => existsSync(join(lake, '_export.json')) && readdirSync(lake).some((name) => name.endsWith('.tmp'))
    )
    child.kill(signal)
    const { code, stderr } = await ended
    expect(code, stderr).toBe({ SIGINT: 130, SIGKILL: null }[signal])
    const done = Object.keys(JSON.parse(readFileSync(join(lake, '_export.json'), 'utf8')).days)
    expect(done.length).toBeGreaterThan(0)
    if (signal !== 'SIGKILL') expect(readdirSync(lake).filter((name) => name.endsWith('.tmp'))).toEqual([])
    const next = JSON.parse((await run('export', '-o', 'lake', '--format', 'jsonl', '--json')).stdout)
    expect(next).toMatchObject({ daysUnchanged: done.length })
    expect(next.daysWritten).toBeGreaterThan(0)
    const lines = daysIn(lake).map(
      (day) => readFileSync(join(lake, day, 'records.jsonl'), 'utf8').split('\n').length - 1
    )
    const [{ n }] = execute<{ n: number }>('SELECT COUNT(*) AS n FROM cdr_records') as [{ n: number }]
    expect(lines.reduce((sum, count) => sum + count)).toBe(n)
  },
  60_000
)

test.runIf(isRoot)('an account that may only read the database exports it', async () => {
  const { folder, database } = await synced()
  for (const path of [join(folder, '..'), folder]) chmodSync(path, 0o755)
  for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644)
  const home = mkdtempSync(join(tmpdir(), 'webex-cdr-reader-'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  chownSync(home, NOBODY, NOBODY)
  const ended = await cli(
    ['export', '-o', 'lake'],
    { ...AS_NOBODY, DATABASE_URL: `sqlite:${database}` },
    home
  )
  expect(ended.code, ended.stderr).toBe(0)
  expect(daysIn(join(home, 'lake')).length).toBeGreaterThan(0)
})
