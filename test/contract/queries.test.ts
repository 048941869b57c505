import { expect, test } from 'vitest'
import { blockCalled } from '../docs/dba-page.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { insertCalls } from '../support/hand-made.js'
import { live } from '../support/live.js'

useDatabase()

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type Item = Record<string, unknown>
type Cells = Record<string, unknown>

const MOMENT = "strftime('%Y-%m-%d %H:%M:%f', 'now'"

/** A published query as SQL Server takes it; for SQLite its T-SQL is put into that dialect. */
function query(name: string): string {
  const { sql } = blockCalled(name)
  if (dialect === 'mssql') return sql
  return sql
    .replaceAll('dbo.', '')
    .replace(/SELECT TOP \((\d+)\) ([^;()]*)/g, 'SELECT $2 LIMIT $1')
    .replace(/CAST\(DATEADD\(day, (-\d+), SYSUTCDATETIME\(\)\) AS date\)/g, "date('now', '$1 days')")
    .replace(/DATEADD\(day, (-\d+), SYSUTCDATETIME\(\)\)/g, `${MOMENT}, '$1 days')`)
    .replace(
      /DATEDIFF\(minute, (MAX\(\w+\)), SYSUTCDATETIME\(\)\)/g,
      "CAST((julianday('now') - julianday($1)) * 1440 AS integer)"
    )
    .replaceAll('SYSUTCDATETIME()', `${MOMENT})`)
    .replace(/CAST\(start_time AS date\)/g, 'date(start_time)')
}

async function rowsOf({ dataSource }: ContractBench, name: string): Promise<Cells[]> {
  return dataSource.query(query(name))
}

/** Rows as “a, b, c”, in no certain order; times to the ms, days as days. */
function lines(rows: readonly Cells[]): string[] {
  return rows.map((row) => Object.values(row).map(said).join(', ')).sort()
}

function said(value: unknown): string {
  if (value instanceof Date) return value.toISOString().replace(/T00:00:00.000Z$/, '')
  return typeof value === 'string'
    ? value.replace(/^(\S+) (\d\d:\d\d:\d\d\.\d{3})$/, '$1T$2Z')
    : String(value)
}

/** How many items have the same text, as “text, count”. */
function counted(items: readonly Item[], text: (item: Item) => string, least = 1): string[] {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(text(item), (counts.get(text(item)) ?? 0) + 1)
  return [...counts]
    .filter(([, count]) => count >= least)
    .map(([key, count]) => `${key}, ${count}`)
    .sort()
}

const startOf = (item: Item) => Date.parse(String(item['Start time']))

contract('the published queries on a day of the simulator', () => {
  /** A sync of two days, and what the service has of them. */
  async function synced() {
    const bench = await setUp({ records: undefined, recordsPerHour: 40, now: Date.now() })
    const range = { since: bench.clock.now - 2 * DAY, until: bench.clock.now - 6 * MINUTE }
    await bench.run(range)
    const truth = [...bench.sim.truth(range.since, range.until + 1).values()]
    expect(truth.length).toBeGreaterThan(1_000)
    return { bench, truth }
  }

  test('count what the service has', async () => {
    const { bench, truth } = await synced()
    const read = async (name: string) => lines(await rowsOf(bench, name))

    expect(await read('Number of records')).toEqual([String(truth.length)])
    expect(await read('Records by day')).toEqual(
      counted(truth, (item) => String(item['Start time']).slice(0, 10))
    )
    expect(await read('Records by direction in seven days')).toEqual(
      counted(truth, (item) => String(item.Direction))
    )
    const sameStart = 'More than one record with the same Call ID and Start time'
    const shared = counted(truth, (item) => `${item['Call ID']}, ${item['Start time']}`, 2)
    expect(shared.length).toBeGreaterThan(0)
    expect(await read(sameStart)).toEqual(shared)

    const newest = truth.reduce((a, b) => (startOf(b) > startOf(a) ? b : a))
    const legs = await rowsOf(bench, 'All legs of one call')
    const ofCall = truth.filter((item) => item['Correlation ID'] === newest['Correlation ID'])
    expect(legs.map(({ start_time, direction }) => [said(start_time), direction].join()).sort()).toEqual(
      ofCall.map((item) => [item['Start time'], item.Direction].join()).sort()
    )
  }, 120_000)
})

contract('the published queries on calls', () => {
  test('count them', async () => {
    const bench = await setUp()
    const OSLO = { locationName: 'Oslo', start: new Date(Date.now() - DAY).toISOString() }
    const care = { kind: 'queue', name: 'Care' } as const
    await insertCalls(bench.dataSource, [
      {
        ...OSLO,
        callClass: 'inbound',
        talkSeconds: 90,
        parties: [{ ...care }, { name: 'Anna', talkSeconds: 90 }]
      },
      { ...OSLO, callClass: 'inbound', outcome: 'abandoned', parties: [{ ...care, outcome: 'abandoned' }] },
      {
        ...OSLO,
        outcome: 'busy',
        outcomeReason: 'UserBusy',
        start: new Date(Date.now() - 20 * DAY).toISOString()
      }
    ])
    const read = async (name: string) => lines(await rowsOf(bench, name))
    expect(await read('Calls by location and outcome in seven days')).toEqual([
      'Oslo, abandoned, 1',
      'Oslo, answered, 1'
    ])
    expect(await read('Missed calls by hunt group and queue in seven days')).toEqual(['Care, 2, 1'])
    expect(await read('Talk time in minutes, by location and class in 30 days')).toEqual([
      'Oslo, inbound, 1, 1.5',
      'Oslo, internal, 0, 0'
    ])
    expect(await read('Why calls failed')).toEqual(['busy, UserBusy, 1'])
    expect((await rowsOf(bench, 'A call as it went')).length).toBeGreaterThan(0)
  })
})

contract('the published queries on the health of a sync', () => {
  test('tell its runs, what failed and what is kept', async () => {
    const bench = await setUp({ now: Date.now() })
    await bench.run()
    const { watermark } = await bench.run()
    bench.sim.failNext({ kind: 'status', status: 400 })
    await expect(bench.start()).rejects.toThrow(/400/)
    bench.sim.failNext({
      kind: 'body',
      body: JSON.stringify({ items: [{ ...live, 'Start time': '', 'Brand new': 'x' }] })
    })
    const last = await bench.run()
    const [first, ...more] = await rowsOf(bench, 'The last ten runs')
    expect(more).toHaveLength(3)
    expect(first).toMatchObject({ records_fetched: 1 })
    const [behind, ...others] = await rowsOf(bench, 'Lag in minutes')
    expect(others).toEqual([])
    expect(behind).toMatchObject({ source: 'cdr_feed', scope: 'all locations' })
    expect(said(behind?.watermark)).toBe(last.watermark)
    expect(Date.parse(String(watermark))).toBeLessThanOrEqual(Date.parse(String(last.watermark)))
    expect([5, 6, 7]).toContain(behind?.minutes_behind)
    expect(await rowsOf(bench, 'Runs that failed or were killed')).toMatchObject([{ status: 'failed' }])
    expect(await rowsOf(bench, 'Records in quarantine')).toMatchObject([
      { sightings: 1, error_message: 'Start time is missing.' }
    ])
    expect(await rowsOf(bench, 'Errors not recovered, by type')).toMatchObject([
      { error_type: 'QuarantinedRecord', errors: expect.anything() }
    ])
    expect(await rowsOf(bench, 'Gaps')).toEqual([])
    expect((await rowsOf(bench, 'Hours that lack data')).length).toBeGreaterThan(0)
    expect(await rowsOf(bench, 'What has been read')).toMatchObject([
      { source: 'asked' },
      { source: 'cdr_feed' }
    ])
    expect(await rowsOf(bench, 'Who is running, or ran last')).toMatchObject([
      { process_id: process.pid, now_running: 'nobody' }
    ])
    expect(await rowsOf(bench, 'Unknown keys and values from Webex')).toMatchObject([
      { kind: 'key', name: 'Brand new' }
    ])
    expect((await rowsOf(bench, 'Schema changes')).length).toBeGreaterThan(5)
  }, 60_000)
})
