import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { type Bench, DAY, HOUR, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000

async function statsOf({ settings, clock }: Bench) {
  const dataSource = await connect(settings.database)
  onTestFinished(() => dataSource.destroy())
  const { collectStats } = await import('../../src/report/stats.js')
  const { sayStats } = await import('../../src/report/say-stats.js')
  const stats = await collectStats(dataSource, settings.retention, clock.now)
  return { stats, lines: sayStats(stats) }
}

/** A record that was stored so long after its call's end. */
function stored(id: number, start: number, end: number, after: number): string {
  return `INSERT INTO cdr_records (report_id, call_id, start_time, release_time, ingestion_timestamp)
    VALUES ('00000000-0000-3000-8000-${String(id).padStart(12, '0')}', '', '${sqlTime(start)}', '${sqlTime(end)}', '${sqlTime(end + after)}')`
}

test('how late records come is told for calls that ended since the first sync', async () => {
  const bench = await setUp({ records: [], now: Date.now() })
  const { run, execute, clock } = bench
  expect((await statsOf(bench)).stats.lateness).toMatchObject({
    records: 0,
    p50: null,
    max: null,
    lookback: 48 * 3_600
  })
  await run()
  const began = clock.now
  execute(stored(0, began - 2 * HOUR, began - HOUR, 20 * HOUR))
  for (let id = 1; id <= 100; id += 1) execute(stored(id, began, began + MINUTE, id * MINUTE))
  clock.now += HOUR
  execute('UPDATE cdr_sync_state SET latest_seconds = 90000')
  const { stats, lines } = await statsOf(bench)
  expect(stats.lateness).toEqual({
    records: 100,
    p50: 50 * 60,
    p90: 90 * 60,
    p99: 99 * 60,
    max: 100 * 60,
    latest: 25 * 3_600,
    lookback: 50 * 3_600
  })
  expect(lines.join('\n')).toContain(`Delay from the end of a call to its record here, 7 days
  half        within 50 min
  90 %        within 1.5 h
  99 %        within 1.6 h
  all 100     within 1.7 h
  read again  2.1 d once a day; the latest began 25.0 h before what was read`)
})

test('every day that is shown is whole', async () => {
  const bench = await setUp({ records: [], now: Date.UTC(2026, 10, 24, 15) })
  const { execute } = bench
  const first = Date.UTC(2026, 10, 11)
  execute(stored(1, first, first, 0))
  execute(stored(2, first + 20 * HOUR, first + 20 * HOUR, 0))
  execute(stored(3, first - 1, first, 0))
  const { stats } = await statsOf(bench)
  expect(stats.days).toEqual([{ day: '2026-11-11', records: 2 }])
})

test('gaps are told with what can be done', async () => {
  const bench = await setUp({ records: [], now: Date.UTC(2026, 10, 24, 15) })
  const { execute, clock } = bench
  const gap = (start: number, end: number) =>
    execute(`INSERT INTO cdr_sync_errors (scope, error_type, recovered, range_start_utc, range_end_utc)
      VALUES ('all locations', 'Gap', 0, '${sqlTime(start)}', '${sqlTime(end)}')`)
  gap(clock.now - 40 * DAY, clock.now - 35 * DAY)
  gap(clock.now - 5 * DAY, clock.now - 4 * DAY)
  const { stats } = await statsOf(bench)
  expect(stats.gaps.map(({ fillable }) => fillable)).toEqual([false, true])
  expect(stats.warnings).toHaveLength(2)
  expect(stats.warnings[0]).toMatch(
    /Webex has them in reports only \(13 months\): `npm run import` takes these/
  )
  for (const warning of stats.warnings.slice(1)) expect(warning).toMatch(/`npm run sync -- --fill-gaps`/)
})

test('nothing of the service reaches a terminal as an instruction', async () => {
  const bench = await setUp({ records: [], now: Date.now() })
  bench.execute(
    `${stored(1, bench.clock.now - HOUR, bench.clock.now, 0)};
     UPDATE cdr_records SET direction = 'IN' || char(27) || '[2J' || char(8238) || char(10) || 'WARNING'`
  )
  const { lines } = await statsOf(bench)
  expect(lines).toContain('  IN [2J WARNING  1')
})
