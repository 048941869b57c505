import { describe, expect, it } from 'vitest'
import type { Simulator, SimulatorOptions } from '../../src/simulator/index.js'
import { accessToken, allPages, ask, HOUR, MINUTE, NOW, nextUrl, type Query, range, start } from './caller.js'

const lastHour = range(NOW - MINUTE - HOUR, NOW - MINUTE)

async function served(options: SimulatorOptions = {}): Promise<{ simulator: Simulator; token: string }> {
  const simulator = await start(options)
  return { simulator, token: await accessToken(simulator) }
}

async function statusOf(simulator: Simulator, token: string, query = lastHour): Promise<number> {
  return (await ask(simulator, token, query, 'cdr_stream')).status
}

describe('cdr_stream', () => {
  it.each([
    ['a window of 2 h and 1 ms', range(NOW - 5 * HOUR, NOW - 3 * HOUR + 1), '2 hours'],
    ['an end less than 1 min ago', range(NOW - HOUR, NOW - MINUTE + 1), '1 minute'],
    ['a start more than 12 h ago', range(NOW - 12 * HOUR - 1, NOW - 11 * HOUR), '12 hours'],
    ['an end more than 12 h ago', range(NOW - 14 * HOUR, NOW - 12 * HOUR - 1), '12 hours'],
    ['an end equal to the start', range(NOW - HOUR, NOW - HOUR), 'later']
  ])('answers 400 to %s', async (_case, query, part) => {
    const { simulator, token } = await served()
    const response = await ask(simulator, token, query, 'cdr_stream')
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ errorCode: 400, message: expect.stringContaining(part) })
  })

  it.each([
    ['a window of exactly 2 h', range(NOW - 5 * HOUR, NOW - 3 * HOUR)],
    ['an end exactly 1 min ago', range(NOW - HOUR, NOW - MINUTE)],
    ['a start exactly 12 h ago', range(NOW - 12 * HOUR, NOW - 10 * HOUR)]
  ])('accepts %s', async (_case, query) => {
    const { simulator, token } = await served()
    expect(await statusOf(simulator, token, query)).toBe(200)
  })

  it('lets a link be followed when the start has passed the age of 12 h meanwhile', async () => {
    let now = NOW
    const { simulator, token } = await served({ recordsPerHour: 600, now: () => now })
    const window = { ...range(NOW - 12 * HOUR, NOW - 10 * HOUR), max: '500' }
    const response = await ask(simulator, token, window, 'cdr_stream')
    now += MINUTE
    expect(await statusOf(simulator, token, window)).toBe(400)
    const link = nextUrl(response) as string
    expect(new URL(link).pathname).toBe('/v1/cdr_stream')
    expect((await ask(simulator, token, link)).status).toBe(200)
  })

  it('admits, refuses and finds nothing as cdr_feed does', async () => {
    const status = async (options: SimulatorOptions) => {
      const { simulator, token } = await served(options)
      return statusOf(simulator, token)
    }
    expect(await status({ integrationScopes: ['analytics:read_all'] })).toBe(403)
    expect(await status({ roleMissing: true })).toBe(403)
    expect(await status({ region: 'analytics-calling-eu.webexapis.com' })).toBe(451)
    const { simulator, token } = await served({ records: [] })
    expect(await statusOf(simulator, 'unknown')).toBe(401)
    expect((await fetch(`${simulator.url}/cdr_stream`, { method: 'POST' })).status).toBe(405)
    const empty = await ask(simulator, token, lastHour, 'cdr_stream')
    expect(empty.status).toBe(404)
    expect(await empty.json()).toMatchObject({ message: 'No CDRs for requested time range and filters' })
  })

  it('shares its rate limit with cdr_feed', async () => {
    let now = NOW
    const { simulator, token } = await served({ now: () => now, rateLimit: true })
    const feed = async (query: Query) => (await ask(simulator, token, query)).status
    const streamPage = { ...lastHour, startTimeForNextFetch: lastHour.startTime as string }
    const feedPage = { ...range(), startTimeForNextFetch: range().startTime as string }
    expect(await feed(range())).toBe(200)
    expect(await statusOf(simulator, token)).toBe(429)
    for (let i = 0; i < 5; i++) {
      expect([await statusOf(simulator, token, streamPage), await feed(feedPage)]).toEqual([200, 200])
    }
    expect([await statusOf(simulator, token, streamPage), await feed(feedPage)]).toEqual([429, 429])
    now += MINUTE
    expect(await statusOf(simulator, token)).toBe(200)
    expect(await feed(range())).toBe(429)
  })

  it('keeps to the locations asked for', async () => {
    const { simulator, token } = await served()
    const query = { ...lastHour, locations: 'Springfield, IL' }
    const found = await allPages(simulator, token, query, 'cdr_stream')
    expect([...new Set(found.flat().map((item) => item.Location))]).toEqual(['Springfield, IL'])
  })
})

describe('refuseStream', () => {
  it.each([
    [403, /missing required scopes or the user is missing required roles/],
    [404, /^The requested resource could not be found\.$/]
  ] as const)('answers %s to cdr_stream, until it is taken back', async (status, message) => {
    const { simulator, token } = await served({ rateLimit: true })
    simulator.refuseStream(status)
    const refused = await ask(simulator, token, lastHour, 'cdr_stream')
    expect(refused.status).toBe(status)
    expect(await refused.json()).toMatchObject({ message: expect.stringMatching(message) })
    expect(await statusOf(simulator, 'unknown')).toBe(401)
    simulator.refuseStream(undefined)
    expect(await statusOf(simulator, token)).toBe(200)
  })

  it('leaves cdr_feed alone', async () => {
    const { simulator, token } = await served({ rateLimit: true })
    simulator.refuseStream(403)
    expect(await statusOf(simulator, token)).toBe(403)
    expect((await ask(simulator, token, range())).status).toBe(200)
  })
})
