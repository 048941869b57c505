import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { IMPATIENT } from '../support/hurried.js'
import { sqlTime } from '../support/sync.js'
import { until } from '../support/until.js'
import { expectOneLine, setUp } from './bench.js'

const DAY = 86_400_000
const day = (ago: number) => new Date(Date.now() - ago * DAY).toISOString().slice(0, 10)

test('sync --history tells what it would ask for, asks, can be ended, goes on, and has nothing left to do', async () => {
  const { run, migrate, start, sim, query } = await setUp({ recordsPerHour: 2, reports: { takes: 500 } })
  await migrate()
  const history = ['sync', '--history', '12d']
  expect(await run([...history, '--dry-run'])).toMatchObject({
    code: 0,
    stdout: `Would ask for the report ${day(12)} to ${day(4)}\n`
  })
  expect(JSON.parse((await run([...history, '--dry-run', '--json'])).stdout)).toEqual({
    status: 'dry run',
    reports: [[day(12), day(4)]]
  })
  expect(sim.reports).toEqual([])

  const { child, ended } = start([...history, '--json'])
  await until(() => sim.reports.length === 1)
  await until(() => query('SELECT * FROM cdr_reports').length === 1)
  const signalled = performance.now()
  child.kill('SIGTERM')
  const stopped = await ended
  expect(performance.now() - signalled).toBeLessThan(5_000)
  expect(stopped.code, stopped.stderr).toBe(143)
  expect(JSON.parse(stopped.stdout)).toEqual({ status: 'interrupted', reports: [] })

  const next = await run(history, IMPATIENT)
  expect(next.code, next.stderr).toBe(0)
  expect(next.stdout).toMatch(
    /^Imported: 1 file, calls that began from .*\n {2}[\d,]+ rows: [\d,]+ new, 0 completed/
  )
  expect(sim.reports).toEqual([])
  expect(query('SELECT COUNT(*) AS n FROM cdr_reports WHERE ended_utc IS NULL')).toEqual([{ n: 0 }])
  expect(await run(history)).toMatchObject({
    code: 0,
    stdout:
      'No report to ask for: what reports have since 12d is here, and `npm run sync` fetches what is newer.\n'
  })
  expect(JSON.parse((await run([...history, '--json'])).stdout)).toEqual({ status: 'succeeded', reports: [] })
})

test('sync --history that is refused says in one line what it takes', async () => {
  const { run, migrate, sim } = await setUp()
  await migrate()
  sim.refuseReports(403)
  const ended = await run(['sync', '--history', '40d'])
  expect(ended.code).toBe(1)
  expectOneLine(ended, /^webex-cdr: the Reports API: .* 403.*Pro Pack.*analytics:read_all.*npm run import/)
  expect(JSON.parse((await run(['sync', '--history', '40d', '--json'])).stdout)).toEqual({
    status: 'failed',
    reports: []
  })
})

test('sync --fill-gaps asks for reports of what cdr_feed has no more; where it may not, it warns', async () => {
  const { run, migrate, sim, file, query } = await setUp({ recordsPerHour: 5, reports: { takes: 0 } })
  await migrate()
  await run(['sync', '--source', 'feed'])
  const filling = () => run(['sync', '--fill-gaps', '--json'], IMPATIENT)
  expect(JSON.parse((await filling()).stdout)).toEqual({ status: 'succeeded', runs: [] })
  expect(sim.requests.filter(({ path }) => path.includes('report'))).toEqual([])

  const database = new Database(file)
  database
    .prepare(
      `INSERT INTO cdr_sync_errors (scope, error_type, error_message, range_start_utc, range_end_utc)
       VALUES ('all locations', 'Gap', 'missing', ?, ?)`
    )
    .run(sqlTime(Date.now() - 40 * DAY), sqlTime(Date.now() - 38 * DAY))
  database.close()
  const gaps = () => query('SELECT recovered FROM cdr_sync_errors')
  sim.refuseReports(403)
  const refused = await filling()
  expect(refused.code).toBe(0)
  expect(refused.stderr.match(/WARN.*the Reports API: .*Pro Pack/g)).toHaveLength(1)
  expect(JSON.parse(refused.stdout)).toEqual({ status: 'succeeded', runs: [] })
  expect(gaps()).toEqual([{ recovered: 0 }])

  sim.refuseReports(undefined)
  const filled = await filling()
  expect(filled.code, filled.stderr).toBe(0)
  const { reports } = JSON.parse(filled.stdout)
  expect(reports).toMatchObject([{ status: 'succeeded', files: 1, closed: [{}] }])
  expect(gaps()).toEqual([{ recovered: 1 }])
})
