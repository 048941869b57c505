import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { createAuthority } from '../support/authority.js'
import { authorityFile } from '../support/authority-file.js'
import { isLong } from '../support/long.js'
import { type Bench, DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const YEAR = 365 * DAY

const OPEN = 'SELECT error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0'
const DOWN = { kind: 'status', status: 400 } as const
const SOURCES = ['auto', 'feed', 'stream'] as const

/** How far the program's clock is ahead: from a wrong year over a wrong time zone to a few minutes. */
const WRONG = [-24 * YEAR, -40 * DAY, -9 * HOUR, 5 * MINUTE, 3 * HOUR, 24 * YEAR]
const SOME = [-24 * YEAR, -9 * HOUR, 5 * MINUTE]

async function healthOf({ settings, clock }: Bench) {
  const dataSource = await connect(settings.database)
  const health = await import('../../src/report/health.js')
  try {
    return await health.healthOf(dataSource.manager, settings.retention, clock.now + clock.ahead, 30 * MINUTE)
  } finally {
    await dataSource.destroy()
  }
}

/** That the database tells of nothing that is not so: no gap, nothing to make good, nothing of the future. */
function expectNothingWrong({ all, clock }: Bench, windows: { start: string; windows: number }[] = []) {
  expect(all(OPEN)).toEqual([])
  const moments =
    all(`SELECT MAX(last_successful_end_time_utc) AS watermark, MAX(complete_until_utc) AS complete,
    MAX(range_end_utc) AS range_end, MIN(range_start_utc) AS range_start FROM cdr_sync_state`)
  const [{ watermark, complete } = {}] = moments
  for (const moment of [watermark, complete]) expect(String(moment) < sqlTime(clock.now)).toBe(true)
  for (const run of windows) expect(run.windows).toBeLessThan(10)
}

describe.each(SOURCES)('with a clock that is wrong, %s', (source) => {
  const depth = source === 'stream' ? 12 * HOUR : 48 * HOUR
  const request = { source }
  // One source of `auto` alone plans as it does there.
  const wrong = source === 'auto' || isLong ? WRONG : SOME

  test.each(wrong)(
    'by %i ms for the first sync: all that is there comes, and nothing of it stays',
    async (ahead) => {
      const bench = await setUp({ recordsPerHour: 1 })
      const { auto, clock } = bench
      const from = clock.now - depth + 10 * MINUTE
      clock.ahead = ahead
      const runs = await auto(request)
      expect(runs.map(({ notes }) => notes).join()).toMatch(
        /the clock of this machine is \d+ \w+ (ahead of|behind)/
      )
      expect(source === 'stream' ? [] : missing(bench, from)).toEqual([])
      expectNothingWrong(
        bench,
        runs.map(({ range, windows }) => ({ start: range.start, windows }))
      )
      clock.ahead = 0
      clock.now += HOUR
      expectNothingWrong(bench, await windowsOf(auto(request)))
      expect(source === 'stream' ? [] : missing(bench, from)).toEqual([])
      expect(await healthOf(bench)).toMatchObject({ healthy: true })
    }
  )

  test.each(wrong)('by %i ms for a later sync', async (ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    const { auto, clock } = bench
    const from = clock.now - depth + 10 * MINUTE
    await auto(request)
    clock.now += 2 * HOUR
    clock.ahead = ahead
    expectNothingWrong(bench, await windowsOf(auto(request)))
    clock.ahead = 0
    clock.now += HOUR
    expectNothingWrong(bench, await windowsOf(auto(request)))
    expect(source === 'stream' ? [] : missing(bench, from)).toEqual([])
  })

  test.each(wrong)('by %i ms for a sync that fails', async (ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    const { auto, start, sim, clock } = bench
    const from = clock.now - depth + 10 * MINUTE
    clock.ahead = ahead
    sim.failNext(DOWN)
    await expect(start(request)).rejects.toThrow(/400.*the clock of this machine is/)
    clock.ahead = 0
    expectNothingWrong(bench, await windowsOf(auto(request)))
    expect(source === 'stream' ? [] : missing(bench, from)).toEqual([])
  })
})

/** Report IDs from a moment on that the service has had long enough for either source to show, and that are not here. */
function missing({ clock, lost }: Bench, from: number): string[] {
  clock.now -= 2 * MINUTE
  const ids = lost(from, clock.now - SETTLING)
  clock.now += 2 * MINUTE
  return ids
}

async function windowsOf(runs: ReturnType<Bench['auto']>) {
  return (await runs).map(({ range, windows }) => ({ start: range.start, windows }))
}

describe('health', () => {
  test.each([-24 * YEAR, -5 * MINUTE])('is not well with a clock that is %i ms off', async (ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    await bench.auto()
    bench.clock.ahead = ahead
    await bench.auto()
    expect(await healthOf(bench)).toMatchObject({
      healthy: false,
      reason: expect.stringMatching(/the watermark 2026-.* is in the future.*synchronise it with NTP$/)
    })
    const dataSource = await connect(bench.settings.database)
    onTestFinished(() => dataSource.destroy())
    const { collectStats } = await import('../../src/report/stats.js')
    const { warnings } = await collectStats(dataSource, bench.settings.retention, bench.clock.now + ahead)
    expect(warnings.join()).toMatch(/is in the future/)
    expect((await collectStats(dataSource, bench.settings.retention, bench.clock.now)).warnings).toEqual([])
  })

  test('nor where one of the watermarks alone lies ahead', async () => {
    const bench = await setUp({ recordsPerHour: 1 })
    await bench.run({ locations: ['Main Office'] })
    await bench.run()
    bench.execute(
      `UPDATE cdr_sync_state SET last_successful_end_time_utc = '2050-01-01 00:00:00.000' WHERE id = 1`
    )
    expect(await healthOf(bench)).toMatchObject({ healthy: false })
  })
})

test.each([-24 * YEAR, 24 * YEAR])('a clock that jumps by %i ms while a sync is running', async (jump) => {
  const bench = await setUp({ recordsPerHour: 1 })
  const { auto, clock, sim } = bench
  await auto()
  clock.now += 5 * DAY
  const from = clock.now - 5 * DAY - 40 * HOUR
  const before = sim.requests.length
  Object.defineProperty(clock, 'ahead', { get: () => (sim.requests.length - before > 5 ? jump : 0) })
  expect((await auto()).map(({ source }) => source)).toEqual(['cdr_feed', 'cdr_stream'])
  Object.defineProperty(clock, 'ahead', { get: () => 0 })
  expectNothingWrong(bench)
  clock.now += HOUR
  expectNothingWrong(bench, await windowsOf(auto()))
  expect(missing(bench, from)).toEqual([])
})

test.each([-24 * YEAR, 24 * YEAR])(
  'a clock that is set right while a sync is running, %i ms',
  async (ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    const { auto, clock, sim } = bench
    const from = clock.now - 40 * HOUR
    Object.defineProperty(clock, 'ahead', { get: () => (sim.requests.length > 3 ? 0 : ahead) })
    await auto()
    expectNothingWrong(bench)
    clock.now += HOUR
    expectNothingWrong(bench, await windowsOf(auto()))
    expect(missing(bench, from)).toEqual([])
  }
)

test.each([-9 * HOUR, 24 * YEAR])(
  'with a clock that is %i ms off --fill-gaps fetches what is there, and a dry run writes nothing',
  async (ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    const { auto, clock, sim, all, lines } = bench
    await auto()
    const gap = clock.now - 6 * DAY
    sim.failNext({ kind: 'status', status: 400 }, { kind: 'status', status: 400 })
    await expect(auto({ since: gap, until: gap + DAY })).rejects.toThrow()
    clock.now += 2 * DAY
    clock.ahead = ahead
    const before = all('SELECT * FROM cdr_sync_state')
    expect((await auto({ dryRun: true })).map(({ windows }) => windows < 12)).toEqual([true, true])
    expect(all('SELECT * FROM cdr_sync_state')).toEqual(before)
    await auto({ fillGaps: true })
    expect(lines.join('\n')).not.toMatch(/no longer has the calls/)
    expectNothingWrong(bench)
    expect(bench.lost(gap, gap + DAY)).toEqual([])
  }
)

describe('a time that the service tells and that cannot be', () => {
  test('is not believed: the clock of this machine is', async () => {
    const now = Date.UTC(2026, 10, 23, 16)
    const bench = await setUp({ recordsPerHour: 3, now, clockSkew: -now })
    await bench.auto()
    expectNothingWrong(bench)
    expect(missing(bench, now - 40 * HOUR)).toEqual([])
  })

  test('nor is ours: nothing is asked for, and nothing written', async () => {
    const bench = await setUp({ recordsPerHour: 1, clockSkew: -56 * YEAR })
    bench.clock.ahead = -24 * YEAR
    await expect(bench.start({ source: 'auto' })).rejects.toThrow(
      /^the clock of this machine is at 2002-\S+Z: synchronise it with NTP; nothing was fetched$/
    )
    expect(bench.all('SELECT * FROM cdr_sync_state UNION ALL SELECT * FROM cdr_sync_state')).toEqual([])
    expect(bench.all(OPEN)).toEqual([])
    expect(bench.sim.requests.map(({ path }) => path)).toEqual(['/v1/access_token'])
  })

  test('nor is ours where the service cannot be asked at all, as no certificate is valid then', async () => {
    const bench = await setUp({ recordsPerHour: 1 })
    bench.clock.ahead = -24 * YEAR
    bench.sim.failNextToken(...Array(3).fill({ kind: 'reset' }))
    await expect(bench.start({ source: 'auto' })).rejects.toThrow(/^the clock of this machine is at 2002/)
    expect(bench.all(OPEN)).toEqual([])
    bench.clock.ahead = 0
    expectNothingWrong(bench, await windowsOf(bench.auto()))
  })
})

test.each<[string, [number, number], number]>([
  ['no longer', [-9, -2], 200 * DAY],
  ['not yet', [2, 9], -200 * DAY]
])(
  'a certificate that is %s valid tells of the clock, and nothing is written',
  async (_, validity, ahead) => {
    const bench = await setUp({ recordsPerHour: 1 })
    const authority = await createAuthority('Example Corp')
    const server = createSecureServer(await authority.sign('localhost', validity))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { webex } = bench.settings
    webex.apiUrl = `https://localhost:${(server.address() as AddressInfo).port}/v1`
    webex.caFile = authorityFile(authority)
    bench.clock.ahead = ahead
    await expect(bench.start({ source: 'auto' })).rejects.toThrow(
      /is not valid at .* synchronise the clock with NTP/
    )
    expect(bench.all('SELECT id FROM cdr_sync_state')).toEqual([])
    expect(bench.all(OPEN)).toEqual([])
    webex.apiUrl = bench.sim.url
    bench.clock.ahead = 0
    expectNothingWrong(bench, await windowsOf(bench.auto()))
  }
)

describe('where the token comes without a time, and the refusal tells it', () => {
  test.each([-40 * DAY, -9 * HOUR, 5 * MINUTE])(
    'nothing is left of what a clock asked for that is %i ms off',
    async (ahead) => {
      const bench = await setUp({ recordsPerHour: 1 })
      const { start, auto, clock } = bench
      const from = clock.now - 40 * HOUR
      bench.settings.webex.apiUrl = await withoutDate(bench.sim.url)
      clock.ahead = ahead
      if (Math.abs(ahead) >= 40 * DAY || ahead > 0) {
        await expect(start({ source: 'feed' })).rejects.toThrow()
      } else await start({ source: 'feed' })
      bench.settings.webex.apiUrl = bench.sim.url
      clock.ahead = 0
      clock.now += HOUR
      expectNothingWrong(bench, await windowsOf(auto({ source: 'feed' })))
      expect(missing(bench, from)).toEqual([])
    }
  )
})

/** A server before the simulator that leaves out the Date header. */
async function withoutDate(url: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { host: _, 'content-length': __, ...headers } = request.headers as Record<string, string>
    const target = new URL(String(request.url), url)
    const answer = await fetch(target, {
      method: request.method ?? 'POST',
      headers,
      body: Buffer.concat(chunks)
    })
    response.sendDate = false
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}
