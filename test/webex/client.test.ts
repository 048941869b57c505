import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { AuthenticationError, FatalError, TemporaryError } from '../../src/errors.js'
import {
  DEMO_CREDENTIALS,
  type Fault,
  type Simulator,
  type SimulatorOptions,
  startSimulator
} from '../../src/simulator/index.js'
import { Http } from '../../src/webex/http.js'
import { type ClientOptions, pagesOf, testClient } from '../support/client.js'

const HOUR = 3_600_000
/** The simulator's clock: how many calls an hour brings depends on the time of day. */
const NOW = Date.UTC(2026, 10, 23, 16)
const end = NOW - 330_000
const window = { start: end - 12 * HOUR, end }

const running: Simulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.close()))
})

async function simulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const started = await startSimulator({ recordsPerHour: 120, now: () => NOW, ...options })
  running.push(started)
  return started
}

async function setUp(options: SimulatorOptions = {}, client: ClientOptions = {}) {
  const sim = await simulator(options)
  return { sim, ...testClient(sim.url, client) }
}

const idsOf = (pages: { items: unknown[] }[]) =>
  new Set(
    pages.flatMap(({ items }) => items.map((item) => String((item as Record<string, unknown>)['Report ID'])))
  )
const feedRequests = ({ requests }: Simulator) => requests.filter(({ path }) => path === '/v1/cdr_feed')
const unavailable: Fault = { kind: 'status', status: 503 }

describe('pages', () => {
  test.each(['reference', 'rfc8288'] as const)(
    'are read to the last, the links in the form %s',
    async (linkForm) => {
      const { sim, feed } = await setUp({ linkForm })
      const pages = await pagesOf(feed, window)
      expect(pages.length).toBeGreaterThan(2)
      expect(pages.map(({ last }) => last)).toEqual([...pages.slice(1).map(() => false), true])
      expect(idsOf(pages)).toEqual(new Set(sim.truth(window.start, window.end).keys()))
    }
  )

  test('are asked for with times in milliseconds, max, and each location encoded by itself', async () => {
    const { sim, feed, http } = await setUp()
    const asked: string[] = []
    const request = vi.spyOn(http, 'request')
    request.mockImplementation((config) => {
      asked.push(config.url ?? '')
      return Http.prototype.request.call(http, config)
    })
    await pagesOf(feed, { ...window, locations: ['Main Office', 'Branch 1'] })
    await pagesOf(feed, { ...window, locations: ['A,B', 'C'] })
    expect(asked.at(-1)).toContain('locations=A%2CB,C&'.slice(0, -1))
    const { query } = feedRequests(sim)[0]!
    expect(query).toMatchObject({
      startTime: new Date(window.start).toISOString(),
      max: '500',
      locations: 'Main Office,Branch 1'
    })
  })

  test('404 “No CDRs” is an empty window', async () => {
    const { feed } = await setUp({ records: [] })
    expect(await pagesOf(feed, window)).toEqual([{ items: [], last: true }])
  })

  test('another 404 is not: it fails with the service’s words and its Trackingid', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'status', status: 404, body: '{"message":"Not here","trackingId":"T_1"}' })
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /^cdr_feed: the service answered 404: Not here \(Trackingid /
    )
  })

  test('404 “No CDRs” on a further page is an error: the link promised one', async () => {
    const { sim, feed } = await setUp()
    sim.failNext(
      { kind: 'none' },
      { kind: 'status', status: 404, body: '{"message":"No CDRs for requested time range and filters"}' }
    )
    await expect(pagesOf(feed, window)).rejects.toThrow(/answered 404: No CDRs/)
  })

  test('204 is an empty window', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'status', status: 204, body: '' })
    expect(await pagesOf(feed, window)).toEqual([{ items: [], last: true }])
  })

  test('200 without items is an empty page, and is told', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'body', body: '{}' })
    expect(await pagesOf(feed, window)).toEqual([{ items: [], withoutItems: true, last: true }])
  })

  test.each([
    '{"message":"Internal error, try again","errorCode":500}',
    '{"items":{}}',
    '[]',
    'null',
    '"items"'
  ])('200 with %s in place of items is an error', async (body) => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'body', body })
    await expect(pagesOf(feed, window)).rejects.toThrow(/the service answered 200.*without a list of items/)
  })

  test('links tell how many records were announced', async () => {
    const { sim, feed } = await setUp()
    const pages = await pagesOf(feed, window)
    const fetched = pages.reduce((sum, { items }) => sum + items.length, 0)
    expect(pages[0]?.announced).toBeGreaterThanOrEqual(sim.truth(window.start, window.end).size)
    expect(pages[0]?.announced).toBeLessThanOrEqual(fetched)
  })

  test('a link to another host is not followed, and the token does not go there', async () => {
    const { sim, feed } = await setUp()
    const link = '<https://evil.example.com/v1/cdr_feed?startTimeForNextFetch=x>; rel="next"'
    sim.failNext({ kind: 'status', status: 200, body: '{"items":[]}', headers: { Link: link } })
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /leads to https:\/\/evil\.example\.com, which is not a known Webex host/
    )
  })

  test('a link that repeats ends in an error, not in a loop', async () => {
    const { sim, feed } = await setUp()
    const fault: Fault = {
      kind: 'status',
      status: 200,
      body: '{"items":[]}',
      headers: { Link: `<${sim.url}/cdr_feed?page=2>; rel="next"` }
    }
    sim.failNext(fault, fault, fault)
    await expect(pagesOf(feed, window)).rejects.toThrow(/repeats its page links/)
  })
})

describe('faults', () => {
  test.each<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['502 with an HTML page', { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' }],
    ['a reset', { kind: 'reset' }],
    ['a truncated body', { kind: 'truncate' }],
    ['a body that is no JSON', { kind: 'body', body: '<html>Welcome</html>' }],
    ['an empty body', { kind: 'body', body: '' }]
  ])('%s twice: the third attempt brings the page', async (_, fault) => {
    const { sim, feed, http } = await setUp()
    sim.failNext(fault, fault)
    expect(idsOf(await pagesOf(feed, window))).toEqual(new Set(sim.truth(window.start, window.end).keys()))
    expect(http.requests).toBe(sim.requests.length)
  })

  test('a failure on a later page is retried too', async () => {
    const { sim, feed } = await setUp()
    const pages = feed.pages({ ...window, locations: [] })
    const first = await pages.next()
    expect(first.value?.last).toBe(false)
    sim.failNext(unavailable, { kind: 'truncate' })
    expect((await pages.next()).value?.items.length).toBeGreaterThan(0)
  })

  test('three times: the run fails, and says what the service said', async () => {
    const { sim, feed } = await setUp()
    sim.failNext(unavailable, unavailable, {
      kind: 'status',
      status: 502,
      body: '{"message":"Upstream is down","trackingId":"T_2"}'
    })
    const failure = pagesOf(feed, window)
    await expect(failure).rejects.toThrow(TemporaryError)
    await expect(failure).rejects.toThrow(
      /GET .*\/cdr_feed: the service answered 502: Upstream is down.*after 3 attempts/
    )
    expect(feedRequests(sim)).toHaveLength(3)
  })

  test('a body without end is given up', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'endless' }, { kind: 'endless' }, { kind: 'endless' })
    await expect(pagesOf(feed, window)).rejects.toThrow(/a response of more than 64 MB/)
  })

  test('a request that hangs is given up', async () => {
    const { sim, feed } = await setUp({}, { timeout: 150 })
    sim.failNext({ kind: 'hang' }, { kind: 'hang' }, { kind: 'hang' })
    await expect(pagesOf(feed, window)).rejects.toThrow(/no complete response within 1 s, after 3 attempts/)
  })

  test('the time limit holds when garbage is collected meanwhile', async () => {
    const { sim, feed } = await setUp({}, { timeout: 1_000 })
    sim.failNext({ kind: 'hang' }, { kind: 'hang' }, { kind: 'hang' })
    const failure = expect(pagesOf(feed, window)).rejects.toThrow(/no complete response within 1 s/)
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const collecting = setInterval(collect, 200)
    await failure
    clearInterval(collecting)
  })

  test('requests to loopback never go through a proxy', async () => {
    const { sim, feed } = await setUp()
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9')
    vi.stubEnv('http_proxy', 'http://127.0.0.1:9')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect((await pagesOf(feed, window)).length).toBeGreaterThan(0)
    expect(feedRequests(sim).length).toBeGreaterThan(0)
  })

  test('400 is not retried', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'status', status: 400, body: '{"message":"bad range"}' })
    await expect(pagesOf(feed, window)).rejects.toThrow(/answered 400: bad range/)
    expect(feedRequests(sim)).toHaveLength(1)
  })

  test('403 names the scope and the role', async () => {
    const { sim, feed } = await setUp()
    sim.failNext({ kind: 'status', status: 403 })
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /spark-admin:calling_cdr_read.*Detailed Call History API access/
    )
  })

  test('hostile words of the service stay one short line without tokens', async () => {
    const { sim, feed } = await setUp()
    const message = `a\n\u001b[31mb ${'x'.repeat(1_000)}`
    sim.failNext({ kind: 'status', status: 400, body: JSON.stringify({ message }) })
    const error = await pagesOf(feed, window).catch((thrown: Error) => thrown)
    expect(String(error)).not.toMatch(/\p{Cc}/u)
    expect(String(error).length).toBeLessThan(500)
  })
})

describe('rate limits', () => {
  const limited = (headers: Record<string, string> = {}): Fault => ({ kind: 'status', status: 429, headers })

  test('429 waits as long as Retry-After says, else 60 s, and uses up no attempt', async () => {
    const { sim, feed, sleeps, http } = await setUp()
    sim.failNext(
      unavailable,
      unavailable,
      limited({ 'Retry-After': '17' }),
      limited(),
      unavailable,
      unavailable
    )
    await pagesOf(feed, window)
    expect(sleeps).toEqual([17_000, 60_000])
    expect(http.rateLimitWait).toBe(77_000)
  })

  test('Retry-After may be a date', async () => {
    const present = Date.UTC(2026, 10, 23, 10, 0, 0)
    const { sim, feed, sleeps } = await setUp({}, { present })
    sim.failNext(limited({ 'Retry-After': new Date(present + 42_000).toUTCString() }))
    await pagesOf(feed, window)
    expect(sleeps).toEqual([42_000])
  })

  test('a Retry-After of 0 still waits a second', async () => {
    const { sim, feed, sleeps } = await setUp()
    sim.failNext(limited({ 'Retry-After': '0' }))
    await pagesOf(feed, window)
    expect(sleeps).toEqual([1_000])
  })

  test.each(['-5', '5, 5', 'soon', ''])('a Retry-After of %j cannot be read: 60 s', async (value) => {
    const { sim, feed, sleeps } = await setUp()
    sim.failNext(limited({ 'Retry-After': value }))
    await pagesOf(feed, window)
    expect(sleeps).toEqual([60_000])
  })

  test('patience is bounded for the run, and its end is said', async () => {
    const { sim, feed, sleeps } = await setUp()
    sim.failNext(...Array.from({ length: 70 }, () => limited()))
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /rate limited; the service asks for another 60 s after 3600 s of waiting/
    )
    expect(sleeps).toHaveLength(60)
    const week = await setUp()
    week.sim.failNext(limited({ 'Retry-After': '604800' }))
    await expect(pagesOf(week.feed, window)).rejects.toThrow(TemporaryError)
    expect(week.sleeps).toEqual([])
  })

  test('pacing keeps within one initial request and ten page requests a minute', async () => {
    const present = NOW
    const clock: { now: () => number } = { now: () => present }
    const sim = await simulator({ rateLimit: true, recordsPerHour: 600, now: () => clock.now() })
    const client = testClient(sim.url, { requestsPerMinute: 1, pagesPerMinute: 10, present })
    clock.now = client.now
    const pages = await pagesOf(client.feed, window)
    await pagesOf(client.feed, { start: window.start - HOUR, end: window.start })
    expect(pages.length).toBeGreaterThan(12)
    expect(feedRequests(sim).map(({ status }) => status)).not.toContain(429)
    expect(client.sleeps.length).toBeGreaterThan(0)
  })
})

test.each([
  [
    'ahead of',
    10 * 60_000,
    /the clock of this machine is 600 s ahead of the service’s: synchronise it with NTP$/
  ],
  ['at', 0, /give the Trackingid to Cisco support$/]
])('a range that is refused by a service whose clock ours is %s tells so', async (_, skew, message) => {
  const { feed } = await setUp({}, { present: NOW + skew })
  const end = NOW + 60_000
  await expect(pagesOf(feed, { start: end - HOUR, end })).rejects.toThrow(message)
})

describe('tokens', () => {
  test('are refreshed once a run, and once more on a 401', async () => {
    const { sim, feed } = await setUp()
    await pagesOf(feed, window)
    sim.expireAccessTokens()
    expect(idsOf(await pagesOf(feed, window)).size).toBeGreaterThan(0)
    expect(sim.requests.filter(({ path }) => path === '/v1/access_token')).toHaveLength(2)
  })

  test('a fresh token that is refused as well ends the run', async () => {
    const { sim, feed } = await setUp()
    const refused: Fault = { kind: 'status', status: 401 }
    sim.failNext(refused, refused)
    await expect(pagesOf(feed, window)).rejects.toThrow(AuthenticationError)
    expect(feedRequests(sim)).toHaveLength(2)
  })

  test('where a new one could not be kept, no refresh token is spent', async () => {
    const { sim, feed, secrets } = await setUp()
    secrets.write = async () => {
      throw new Error('read-only')
    }
    await expect(pagesOf(feed, window)).rejects.toThrow('read-only')
    expect(sim.requests).toEqual([])
  })

  test('a new refresh token is kept before the access token is used', async () => {
    const { sim, feed, kept, secrets } = await setUp({ rotateRefreshToken: true })
    const pages = feed.pages({ ...window, locations: [] })
    sim.failNext({ kind: 'status', status: 400 })
    await expect(pages.next()).rejects.toThrow()
    expect(kept).toEqual([sim.currentRefreshToken()])
    expect(await secrets.read('refresh-token')).not.toBe(DEMO_CREDENTIALS.refreshToken)
  })

  test.each([
    [
      { clientSecret: 'other' },
      /Webex does not accept the client ID, client secret or refresh token.*authorise again/
    ],
    [{ refreshToken: 'other' }, /Webex does not accept/]
  ])('wrong credentials: authorise again', async (options, message) => {
    const { feed } = await setUp(options)
    const failure = pagesOf(feed, window)
    await expect(failure).rejects.toThrow(AuthenticationError)
    await expect(failure).rejects.toThrow(message)
  })

  test('the token endpoint is retried when it is down', async () => {
    const { sim, feed } = await setUp()
    sim.failNextToken({ kind: 'status', status: 500 }, { kind: 'reset' })
    expect((await pagesOf(feed, window)).length).toBeGreaterThan(0)
  })

  test('a 200 without an access token shows nothing of what it holds', async () => {
    const { sim, feed } = await setUp()
    sim.failNextToken({ kind: 'status', status: 200, body: '{"refresh_token":"very-secret-token"}' })
    const error = await pagesOf(feed, window).catch((thrown: Error) => thrown)
    expect(String(error)).toMatch(/No access token from WEBEX_API_URL/)
    expect(String(error)).not.toContain('very-secret-token')
  })

  test('a secret that the service repeats is cut out', async () => {
    const { sim, feed } = await setUp()
    const { clientSecret, refreshToken } = DEMO_CREDENTIALS
    sim.failNextToken({
      kind: 'status',
      status: 400,
      body: JSON.stringify({ message: `${refreshToken} and ${clientSecret} are wrong` })
    })
    await expect(pagesOf(feed, window)).rejects.toThrow('[redacted] and [redacted] are wrong')
  })

  test('no secret stands in a log line or an error, whatever fails', async () => {
    const { sim, feed, lines, log } = await setUp()
    sim.failNext(unavailable, { kind: 'reset' }, { kind: 'truncate' })
    const error = await pagesOf(feed, window).catch((thrown: unknown) => thrown)
    log.error(error)
    const token = sim.requests
      .find(({ authorization }) => authorization)
      ?.authorization?.replace('Bearer ', '')
    expect(token).toBeTruthy()
    const told = lines.join('\n') + JSON.stringify(error, Object.getOwnPropertyNames(error))
    for (const secret of [token!, DEMO_CREDENTIALS.clientSecret, DEMO_CREDENTIALS.refreshToken]) {
      expect(told).not.toContain(secret)
    }
    expect(lines.length).toBeGreaterThan(1)
  })
})

describe('regions', () => {
  test.each([
    (host: string) => `This server cannot serve the data for this organization. Please use ${host}`,
    (host: string) => `Wrong region. URL: http://${host}`,
    (host: string) => `Please use <${host}>.`,
    (host: string, here: string) => `Server ${here} cannot serve the data. Please use ${host}`
  ])('451 switches once to the host it names (wording %#)', async (wording) => {
    const there = await simulator()
    const { sim, feed } = await setUp()
    const body = JSON.stringify({
      errorCode: 451,
      message: wording(`127.0.0.1:${there.port}`, `127.0.0.1:${sim.port}`)
    })
    sim.failNext({ kind: 'status', status: 451, body })
    // The token of the one simulator is not known to the other: a 401 there shows that it was asked.
    await pagesOf(feed, window).catch(() => undefined)
    expect(feedRequests(there).length).toBeGreaterThan(0)
  })

  test('451 with a host that is not known: the token stays here', async () => {
    const { feed } = await setUp({ region: 'analytics.example.com' })
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /answered 451: .*analytics\.example\.com.*no known Webex host.*WEBEX_ANALYTICS_URL/
    )
  })

  test('a second 451 ends the run', async () => {
    const sim = await simulator()
    const here = await simulator({ region: `127.0.0.1:${sim.port}` })
    const client = testClient(here.url)
    sim.failNext({ kind: 'status', status: 451, body: `{"message":"Please use 127.0.0.1:${here.port}"}` })
    await expect(pagesOf(client.feed, window)).rejects.toThrow(FatalError)
    expect(feedRequests(here)).toHaveLength(1)
  })
})
