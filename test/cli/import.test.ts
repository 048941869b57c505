import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { zip } from '../../src/simulator/reports/zip.js'
import { cli, openInput, startCli } from '../support/cli.js'
import { IMPATIENT } from '../support/hurried.js'
import { expectOneLine, setUp } from './bench.js'

const now = Date.UTC(2026, 9, 20)
/** Of these days, in UTC. */
const [FIRST, LAST] = ['2026-10-01', '2026-10-03']

async function withReports() {
  const bench = await setUp({ recordsPerHour: 2, now: () => now })
  const csv = (from: string, to: string) => Buffer.concat([...bench.sim.csv('2026', from, to)])
  const truth = bench.sim.truth(Date.parse(FIRST), Date.parse(LAST) + 86_400_000)
  const write = (name: string, bytes: string | Buffer) => writeFileSync(join(bench.folder, name), bytes)
  await bench.migrate()
  const ids = () =>
    bench.query<{ id: string }>('SELECT report_id AS id FROM cdr_records ORDER BY 1').map(({ id }) => id)
  return { ...bench, csv, truth: [...truth.keys()].sort(), write, ids }
}

function zipped(...entries: [name: string, bytes: Buffer][]): Promise<Buffer> {
  return buffer(Readable.from(zip(entries.map(([name, bytes]) => ({ name, content: [bytes] })))))
}

test('imports a file, a ZIP, a folder and standard input, the same rows once', async () => {
  const { csv, truth, write, run, ids, folder, env } = await withReports()
  write('day 1.csv', csv(FIRST, FIRST))
  mkdirSync(join(folder, 'all'))
  write(
    'all/days.zip',
    await zipped(['a.csv', csv(FIRST, '2026-10-02')], ['b.csv', csv('2026-10-02', '2026-10-02')])
  )
  write('all/day.csv', csv(FIRST, FIRST))

  const rehearsed = await run(['import', 'day 1.csv', '--dry-run'])
  expect(rehearsed).toMatchObject({ code: 0 })
  expect(rehearsed.stdout).toMatch(
    /^Dry run, nothing stored: 1 file, calls that began from 2026-10-01T.* to 2026-10-01T/
  )
  expect(ids()).toEqual([])

  const first = await run(['import', 'day 1.csv'])
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(
    /^Imported: 1 file, calls that began from .*\n {2}(\d+) rows: \1 new, 0 completed, 0 known, 0 quarantined, [\d.]+ s\n$/
  )
  const one = ids().length

  const second = await run(['import', 'all', '--json'])
  const { durationSeconds: _, ...result } = JSON.parse(second.stdout)
  expect(result).toMatchObject({
    status: 'succeeded',
    files: 3,
    updated: 0,
    quarantined: 0,
    closed: [],
    notes: ''
  })
  expect(result.fetched).toBe(result.inserted + result.duplicate)
  expect(result.duplicate).toBe(2 * one + result.inserted)

  const piped = await cli(['import', '-', '--covers', `${FIRST}..${LAST}`], env, folder, csv(FIRST, LAST))
  expect(piped).toMatchObject({ code: 0 })
  expect(piped.stdout).toMatch(/^Imported: 1 file/)
  expect(ids()).toEqual(truth)
})

test('tells of gaps that it closes, and of a report without calls', async () => {
  const { write, run, csv, query } = await withReports()
  write('report.csv', csv(FIRST, LAST))
  write('blank.csv', `${csv(FIRST, FIRST).toString().split('\r\n')[0]}\r\n`)
  const blank = await run(['import', 'blank.csv', '--covers', FIRST])
  expect(blank).toMatchObject({ code: 0 })
  expect(blank.stdout).toMatch(/0 rows.*\n {2}note: blank.csv has a header and no calls; no call was read/)
  expect(query(`SELECT 1 FROM cdr_coverage`)).toEqual([])
  expect((await run(['import', 'report.csv', '--covers', `${FIRST}..${LAST}`])).code).toBe(0)
  expect(query(`SELECT source, start_utc, end_utc FROM cdr_coverage WHERE source = 'asked'`)).toEqual([
    { source: 'asked', start_utc: '2026-10-01 00:00:00.000', end_utc: '2026-10-04 00:00:00.000' }
  ])
})

test.each<[string[], number, RegExp]>([
  [[], 2, /import needs an argument: file, folder or -/],
  [['none.csv'], 2, /cannot read none.csv: ENOENT/],
  [['empty'], 2, /the folder empty has no .csv and no .zip file/],
  [['web.csv'], 1, /web.csv is a web page and no report/],
  [['queue.csv'], 1, /queue.csv has no column “Report ID”/],
  [['cut.zip'], 1, /cut.zip is a ZIP file that is damaged or cut off/],
  [['cut.csv'], 1, /cut.csv ends within a row, without a line end: it was cut off; download it again/],
  [
    ['local.csv'],
    2,
    /the times have no time zone \(Start time “.*”\): tell that of the report, such as --time-zone UTC/
  ],
  [['local.csv', '--time-zone', 'Berlin'], 2, /--time-zone “Berlin” is not a time zone/],
  [['local.csv', '--covers', 'January'], 2, /--covers “January” is not a range of days/],
  [['local.csv', '--covers', '2026-10-02..2026-10-01'], 2, /ends before it begins/],
  [['local.csv', '--covers', '2026-10-02..2999-10-01'], 2, /--covers/]
])('%j ends with %i and one line, and stores nothing', async (args, code, message) => {
  const { write, run, csv, query, folder } = await withReports()
  const whole = csv(FIRST, FIRST)
  mkdirSync(join(folder, 'empty'))
  write('web.csv', '<html>')
  write('queue.csv', 'Call Queue,Calls\r\nx,1\r\n')
  write('cut.zip', (await zipped(['a.csv', whole])).subarray(0, -40))
  write('cut.csv', whole.subarray(0, -400))
  write('local.csv', whole.toString().replaceAll('Z"', '"'))
  const ended = await run(['import', ...args])
  expect(ended.code).toBe(code)
  expectOneLine(ended, message)
  expect(query('SELECT 1 FROM cdr_records')).toEqual([])
})

test.skipIf(process.platform === 'win32')(
  'SIGINT ends what waits for standard input, and leaves no file',
  async () => {
    const { env, folder, migrate } = await setUp({ records: [] })
    await migrate()
    const TMPDIR = join(folder, 'tmp')
    mkdirSync(TMPDIR)
    const { child, ended } = startCli(['import', '-'], { ...env, TMPDIR }, folder, openInput)
    while (readdirSync(TMPDIR).length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect(readdirSync(TMPDIR)).toEqual([])
  }
)

test.skipIf(process.platform === 'win32')(
  'SIGTERM ends it after a page, and it goes on the next time',
  async () => {
    const { folder, run, migrate, start, query } = await setUp({ records: [] })
    await migrate()
    const rows = Array.from({ length: 20_000 }, (_, index) => {
      const number = String(index).padStart(12, '0')
      return `2026-10-01T10:00:00.000Z,00000000-0000-3000-8000-${number},00000000-0000-4000-8000-${number}\n`
    })
    writeFileSync(join(folder, 'report.csv'), `Start time,Report ID,Correlation ID\n${rows.join('')}`)
    const { child, ended } = start(['import', 'report.csv'])
    const stored = () => query<{ n: number }>('SELECT COUNT(*) AS n FROM cdr_records')[0]?.n ?? 0
    while (stored() === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill('SIGTERM')
    const { code, stderr } = await ended
    expect(code).toBe(143)
    expect(stderr).toMatch(
      /webex-cdr: stopped by SIGTERM; stored data is kept, and the next run continues from there\n$/
    )
    const first = stored()
    expect(first % 2_500).toBe(0)
    expect(first).toBeLessThan(20_000)
    const again = JSON.parse((await run(['import', 'report.csv', '--json'])).stdout)
    expect(again).toMatchObject({ inserted: 20_000 - first, duplicate: first })
    expect(query('SELECT status, records_fetched AS n FROM cdr_sync_state ORDER BY id')).toEqual([
      { status: 'interrupted', n: first },
      { status: 'succeeded', n: 20_000 }
    ])
  }
)

test('waits for another command that has the database, and imports then', async () => {
  const { write, csv, env, folder, file, ids } = await withReports()
  const database = new Database(file)
  onTestFinished(() => void database.close())
  write('report.csv', csv(FIRST, FIRST))
  database.exec(`INSERT INTO cdr_sync_lease (name, holder, host, process_id, acquired_utc, heartbeat_utc, expires_utc)
    VALUES ('sync', '11111111-1111-4111-8111-111111111111', 'web02', 4711, '2026-01-01 00:00:00.000',
            '2026-01-01 00:00:00.000', '2999-01-01 00:00:00.000')`)
  const { child, ended } = startCli(['import', 'report.csv'], { ...env, ...IMPATIENT }, folder)
  await new Promise<void>((resolve) => {
    child.stderr?.on('data', (chunk) => /web02.*waiting for it/.test(String(chunk)) && resolve())
  })
  expect(ids()).toEqual([])
  database.exec('UPDATE cdr_sync_lease SET expires_utc = acquired_utc')
  const { code, stderr } = await ended
  expect(code, stderr).toBe(0)
  expect(ids().length).toBeGreaterThan(10)
})
