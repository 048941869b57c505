import { expect, onTestFinished, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'
import { connect } from '../../src/database/data-source.js'
import { type Bench, DAY, setUp, sqlTime } from '../support/sync.js'

const now = Date.UTC(2026, 10, 24, 15)
const iso = (moment: number) => new Date(moment).toISOString()

async function bench() {
  const made = await setUp({ records: [], now })
  return {
    ...made,
    store: (...starts: number[]) => {
      for (const start of starts) storeOne(made, start)
    }
  }
}

function storeOne({ all, execute }: Bench, start: number): void {
  const [row] = all('SELECT COUNT(*) AS n FROM cdr_records')
  const id = `00000000-0000-3000-8000-${String(row?.n).padStart(12, '0')}`
  execute(
    `INSERT INTO cdr_records (report_id, call_id, start_time) VALUES ('${id}', '', '${sqlTime(start)}')`
  )
}

/** `retain` has done this job for calls that began before. */
function done({ execute }: Pick<Bench, 'execute'>, job: 'delete' | 'mask' | 'rawJson', before: number): void {
  execute(`INSERT OR REPLACE INTO cdr_retention (job, done_before_utc, seen_id, updated_utc)
    VALUES ('${job}', '${sqlTime(before)}', 0, '${sqlTime(now)}')`)
}

async function open({ settings }: Bench) {
  const dataSource = await connect(settings.database)
  onTestFinished(() => dataSource.destroy())
  return dataSource
}

async function look(made: Bench, policy: Record<string, string>, at = now) {
  const { retentionOf, sayOverdue } = await import('../../src/report/retention.js')
  const { manager } = await open(made)
  const parts = await retentionOf(manager, loadSettings(policy).retention, at)
  return { parts, overdue: sayOverdue(parts) }
}

test('without a policy there is nothing to say', async () => {
  const made = await bench()
  made.store(now - 4_000 * DAY)
  expect(await look(made, {})).toEqual({ parts: [], overdue: [] })
})

test.each([
  ['within the policy', 29, false],
  ['a day late, as after a night when the machine was off', 31.9, false],
  ['more than two days late', 32.1, true]
])('records %s', async (_, days, isOverdue) => {
  const made = await bench()
  const oldest = now - days * DAY
  made.store(now - DAY, oldest, now - 2 * DAY)
  const { parts, overdue } = await look(made, { RETAIN_RECORDS: '30 days' })
  expect(parts).toEqual([
    { part: 'records', after: '30 days', reached: iso(oldest), overdueFrom: isOverdue ? iso(oldest) : null }
  ])
  expect(overdue).toEqual(
    isOverdue
      ? [
          `records from ${iso(oldest)} on are still stored, and should be deleted after 30 days: run \`npm run retain\`, and schedule it (\`npm run schedule -- --job retain\`)`
        ]
      : []
  )
})

test.each([
  ['MASK_AFTER', 'mask', /^records from \S+ on are not masked, and should be masked after 30 days: run/],
  [
    'RETAIN_RAW_JSON',
    'rawJson',
    /^raw_json of calls from \S+ on is still stored, and should be removed after/
  ]
] as const)('%s is overdue where the job never ran or fell behind', async (setting, job, message) => {
  const made = await bench()
  const policy = { [setting]: '30 days' }
  const waits = now - 40 * DAY
  expect((await look(made, policy)).overdue).toEqual([])
  made.store(now - 31 * DAY)
  expect((await look(made, policy)).overdue).toEqual([])
  made.store(waits, now - 50 * DAY)
  const never = await look(made, policy)
  expect(never.parts).toMatchObject([{ part: job, reached: null, overdueFrom: iso(now - 50 * DAY) }])
  expect(never.overdue).toEqual([expect.stringMatching(message)])
  done(made, job, now - 45 * DAY)
  expect((await look(made, policy)).parts).toMatchObject([
    { reached: iso(now - 45 * DAY), overdueFrom: iso(waits) }
  ])
  done(made, job, now - 30 * DAY)
  expect((await look(made, policy)).overdue).toEqual([])
  // Nothing began since then that would have to be done.
  expect((await look(made, policy, now + 900 * DAY)).parts[0]?.overdueFrom).toBe(null)
  made.store(now - DAY)
  expect((await look(made, policy, now + 30 * DAY)).overdue).toEqual([])
  expect((await look(made, policy, now + 32 * DAY)).overdue).toHaveLength(1)
})

test('reads index entries of cdr_records, however many records there are', async () => {
  const made = await bench()
  made.store(now - 40 * DAY)
  done(made, 'mask', now - 50 * DAY)
  const dataSource = await open(made)
  const queries: [string, unknown[]][] = []
  const nothing = () => {}
  dataSource.logger = {
    logQuery: (sql, parameters) => queries.push([sql, Object.values(parameters ?? [])]),
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing
  }
  const { retentionOf } = await import('../../src/report/retention.js')
  const policy = { RETAIN_RECORDS: '30 days', MASK_AFTER: '30 days', RETAIN_RAW_JSON: '30 days' }
  await retentionOf(dataSource.manager, loadSettings(policy).retention, now)
  const reads = queries.filter(([sql]) => sql.includes('cdr_records'))
  expect(reads).toHaveLength(3)
  for (const [sql, parameters] of reads) {
    const [step, ...others] = made.all(`EXPLAIN QUERY PLAN ${sql}`, ...parameters)
    expect(step?.detail).toMatch(/USING COVERING INDEX IX_cdr_records_start_time/)
    expect(others).toEqual([])
    expect(sql).toMatch(/ ORDER BY \S*start\S* ASC LIMIT 1$/i)
  }
})

test('stats has a line for each part, and warns of what is overdue', async () => {
  const made = await bench()
  const { collectStats } = await import('../../src/report/stats.js')
  const { sayStats } = await import('../../src/report/say-stats.js')
  const dataSource = await open(made)
  const statsOf = (policy: Record<string, string>) =>
    collectStats(dataSource, loadSettings(policy).retention, now)
  const none = await statsOf({})
  expect(none.retention).toEqual([])
  expect(sayStats(none).slice(-2)).toEqual(['', 'Retention: everything is kept for ever'])

  await made.run()
  made.store(now - 29 * DAY)
  made.execute(`UPDATE cdr_sync_state SET created_at = '${sqlTime(now - 60 * DAY)}'`)
  done(made, 'mask', now - 7 * DAY)
  const policy = {
    RETAIN_RECORDS: '30 days',
    MASK_AFTER: '7 days',
    RETAIN_RAW_JSON: '2 days',
    RETAIN_RUNS: '1 year'
  }
  const stats = await statsOf(policy)
  const lines = sayStats(stats).filter((line) => !line.includes('rebuild-calls'))
  expect(lines.slice(-6)).toEqual([
    'Retention',
    `  records          deleted after 30 days  the oldest: ${iso(now - 29 * DAY)}`,
    `  records          masked after 7 days    done for calls before ${iso(now - 7 * DAY)}`,
    '  raw_json         removed after 2 days   not run yet',
    `  runs and errors  deleted after 1 year   the oldest: ${iso(now - 60 * DAY)}`,
    expect.stringMatching(/^WARNING: raw_json of calls from .* on is still stored, .*`npm run retain`/)
  ])
  expect(stats.warnings.filter((line) => !line.includes('rebuild-calls'))).toHaveLength(1)
})
