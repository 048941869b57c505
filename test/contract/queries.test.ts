import { expect, test } from 'vitest'
import { blockCalled } from '../docs/dba-page.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { live } from '../support/live.js'

useDatabase()

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

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

function grouped(items: readonly Item[], key: string): Item[][] {
  const groups = new Map<unknown, Item[]>()
  for (const item of items) groups.set(item[key], [...(groups.get(item[key]) ?? []), item])
  return [...groups.values()]
}

const PEOPLE = ['User', 'Place', 'VirtualLine', 'VirtuaLline']
const isPerson = (item: Item) => PEOPLE.includes(String(item['User type']))
const isAnswered = (item: Item) => item.Answered === 'true'
const isCalled = (item: Item) => item.Direction === 'TERMINATING'
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

    const missed = await rowsOf(bench, 'Missed calls by hunt group and queue in seven days')
    expect(lines(missed)).toEqual(missedOf(truth))
    const minutes = await rowsOf(bench, 'Talk time in minutes, by location and call type in 30 days')
    expect(lines(minutes)).toEqual(minutesOf(truth))
    expect(lines(await rowsOf(bench, 'Why calls failed'))).toEqual(failuresOf(truth))
  }, 120_000)
})

/** By call: what a hunt group or queue was rung for, and whether a person answered it. */
function missedOf(truth: readonly Item[]): string[] {
  const services = ['HuntGroup', 'CallCenterStandard', 'CallCenterPremium']
  const calls = grouped(truth, 'Correlation ID').flatMap((call) => {
    const entry = call.find((item) => services.includes(String(item['User type'])) && isCalled(item))
    if (!entry) return []
    return [
      {
        service: entry.User,
        missed: !call.some((item) => isPerson(item) && isCalled(item) && isAnswered(item))
      }
    ]
  })
  expect(calls.filter(({ missed }) => missed).length).toBeGreaterThan(3)
  return grouped(calls, 'service')
    .map((of) => `${of[0]?.service}, ${of.length}, ${of.filter(({ missed }) => missed).length}`)
    .sort()
}

/** By leg, which has one or two records: with the one who was called, or who called where there is no other. */
function minutesOf(truth: readonly Item[]): string[] {
  const talks = grouped(truth, 'Network call ID').flatMap((leg) => {
    expect(leg.length).toBeLessThan(3)
    const owner = leg.find(isCalled) ?? leg[0]!
    return isPerson(owner) && isAnswered(owner) ? [owner] : []
  })
  const kinds = new Map<string, Item[]>()
  for (const talk of talks) {
    const kind = `${talk.Location}, ${talk['Call type']}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), talk])
  }
  return [...kinds]
    .map(
      ([kind, of]) =>
        `${kind}, ${of.length}, ${Math.floor(of.reduce((all, { Duration }) => all + Number(Duration), 0) / 60)}`
    )
    .sort()
}

function failuresOf(truth: readonly Item[]): string[] {
  // Of a call over the edge of the day, the leg that nobody redirected may not be there.
  const place = (item: Item) => (item['Redirect reason'] === '' ? 0 : 1)
  const began = grouped(truth, 'Correlation ID').map((call) => {
    const [first] = [...call].sort(
      (a, b) =>
        place(a) - place(b) ||
        startOf(a) - startOf(b) ||
        String(a.Direction).localeCompare(String(b.Direction))
    )
    return first!
  })
  const failed = began.filter((item) => item['Call outcome'] !== 'Success')
  expect(failed.length).toBeGreaterThan(50)
  return counted(failed, (item) => `${item['Call outcome']}, ${item['Call outcome reason']}`)
}

let made = 0

/** The two records of a leg, or one where one end only is in Webex Calling; with other ids in each call. */
function call(
  ...legs: { from?: string; to?: string; more?: Item; seconds?: number; kind?: string; after?: number }[]
) {
  made += 1
  const correlation = `call-${made}`
  return legs.flatMap(({ from, to, more = {}, seconds, kind = 'SIP_ENTERPRISE', after = 0 }, index) => {
    const start = Date.now() - DAY + made * HOUR + after * 1_000
    const ends = [
      { owner: from, Direction: 'ORIGINATING', local: `${made}-${index}-a`, remote: `${made}-${index}-b` },
      { owner: to, Direction: 'TERMINATING', local: `${made}-${index}-b`, remote: `${made}-${index}-a` }
    ]
    return ends.flatMap(({ owner, Direction, local, remote }) => {
      if (!owner) return []
      const [name, type, location] = owner.split('|')
      return [
        {
          ...live,
          'Report ID': `00000000-0000-3000-8000-${String(made * 1_000 + index * 2 + (Direction === 'TERMINATING' ? 1 : 0)).padStart(12, '0')}`,
          'Correlation ID': correlation,
          'Network call ID': `${correlation}-${index}`,
          'Local call ID': local,
          'Remote call ID': from && to ? remote : '',
          'Start time': new Date(start).toISOString(),
          Direction,
          User: name,
          'User type': type,
          Location: location,
          'Call type': kind,
          Answered: String(seconds !== undefined),
          Duration: seconds ?? 0,
          'Call outcome': 'Success',
          'Call outcome reason': 'Normal',
          'Redirect reason': made % 2 === 0 ? '' : 'NA',
          ...more
        }
      ]
    })
  })
}

const ANNA = 'Anna|User|Rome'
const BEN = 'Ben|User|Oslo'
const HALL = 'Hall|Place|Oslo'
const LINE = 'Line|VirtuaLline|Oslo'
const SALES = 'Sales|HuntGroup|Oslo'
const CARE = 'Care|CallCenterStandard|Oslo'
const MENU = 'Menu|AutomatedAttendantVideo|Rome'
const IN = 'SIP_INBOUND'
const refused = (reason: string) => ({ 'Call outcome': 'Refusal', 'Call outcome reason': reason })
const by = (reason: string) => ({ 'Redirect reason': reason })

contract('the published queries on calls of which we know all', () => {
  async function synced() {
    made = 0
    const bench = await setUp({ now: Date.now() })
    const calls = [
      // Inside: both sides have a record.
      call({ from: ANNA, to: BEN, seconds: 1_800, more: { 'Network call ID': 'NA' } }),
      // From outside: one record.
      call({ to: BEN, kind: IN, seconds: 600 }),
      call({ from: ANNA, kind: 'SIP_NATIONAL', seconds: 300 }),
      // A hunt group: it answers when an agent does; the agents' legs are inside.
      call(
        { to: SALES, kind: IN, seconds: 900 },
        { from: SALES, to: BEN, seconds: 900, more: by('HuntGroup') },
        { from: SALES, to: HALL, more: { ...by('HuntGroup'), ...refused('UserBusy') } }
      ),
      // A queue: it answers at once and plays music for five minutes.
      call(
        { to: CARE, kind: IN, seconds: 1_200 },
        { from: CARE, to: HALL, seconds: 900, after: 300, more: by('CallQueue') }
      ),
      // The caller gives up.
      call(
        { to: CARE, kind: IN, seconds: 120 },
        { from: CARE, to: HALL, after: 60, more: { ...by('CallQueue'), ...refused('UserBusy') } }
      ),
      call(
        { to: MENU, kind: IN, seconds: 330 },
        { from: MENU, to: ANNA, seconds: 300, after: 30, more: by('Deflection') }
      ),
      // A colleague calls the hunt group.
      call(
        { from: ANNA, to: SALES, seconds: 600 },
        { from: SALES, to: BEN, seconds: 600, more: by('HuntGroup') }
      ),
      call({ to: LINE, kind: IN, seconds: 60 }),
      call({ from: ANNA, kind: 'SIP_INTERNATIONAL', more: refused('NoRouteToDestination') }),
      call({ from: ANNA, to: BEN, more: { 'Call outcome': 'Failure', 'Call outcome reason': 'NoAnswer' } }),
      // Nobody of the group answers: one call, whatever its agents say.
      call(
        { to: SALES, kind: IN, more: { 'Call outcome': 'Failure', 'Call outcome reason': 'NoAnswer' } },
        { from: SALES, to: BEN, more: { ...by('HuntGroup'), ...refused('UserAbsent') } },
        { to: HALL, more: { ...by('HuntGroup'), ...refused('TemporarilyUnavailable') } }
      ),
      // To a number of the PBX, over a trunk.
      call(
        {
          from: ANNA,
          seconds: 120,
          more: { 'Outbound trunk': 'PBX', 'Network call ID': 'NA', 'Remote call ID': 'NA' }
        },
        { to: MENU, after: 1, seconds: 9, more: { 'Network call ID': 'NA', 'Local call ID': 'NA' } }
      ),
      // A person answers and sends the caller to the group, where nobody does.
      call(
        { to: BEN, kind: IN, seconds: 60 },
        { to: SALES, after: 60, more: by('Deflection') },
        { from: SALES, to: HALL, after: 60, more: { ...by('HuntGroup'), ...refused('UserBusy') } }
      )
    ]
    const items = calls.flat()
    expect(await bench.deliver(...items)).toMatchObject({ inserted: items.length })
    return bench
  }

  test('minutes, missed calls and failures are those', async () => {
    const bench = await synced()
    expect(lines(await rowsOf(bench, 'Talk time in minutes, by location and call type in 30 days'))).toEqual([
      'Oslo, SIP_ENTERPRISE, 2, 40',
      'Oslo, SIP_INBOUND, 5, 42',
      'Rome, SIP_ENTERPRISE, 1, 2',
      'Rome, SIP_INBOUND, 1, 5',
      'Rome, SIP_NATIONAL, 1, 5'
    ])
    expect(lines(await rowsOf(bench, 'Missed calls by hunt group and queue in seven days'))).toEqual([
      'Care, 2, 1',
      'Sales, 4, 2'
    ])
    expect(lines(await rowsOf(bench, 'Why calls failed'))).toEqual([
      'Failure, NoAnswer, 2',
      'Refusal, NoRouteToDestination, 1'
    ])
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
