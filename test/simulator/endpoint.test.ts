import { describe, expect, it } from 'vitest'
import { accessToken, allPages, ask, HOUR, items, MINUTE, NOW, type Query, range, start } from './caller.js'

const DAY = 24 * HOUR

async function refusal(query: Query): Promise<{ status: number; message: string }> {
  const simulator = await start()
  const response = await ask(simulator, await accessToken(simulator), query)
  const body = (await response.json()) as { message: string; errorCode: number; trackingId: string }
  if (response.status >= 400) {
    expect(body.errorCode).toBe(response.status)
    expect(body.trackingId).toBe(response.headers.get('trackingid'))
  }
  return { status: response.status, message: body.message }
}

describe('cdr_feed', () => {
  it('serves items with Trackingid and Date', async () => {
    const simulator = await start()
    const response = await ask(simulator, await accessToken(simulator), range())
    expect(response.status).toBe(200)
    expect(response.headers.get('trackingid')).toMatch(/^ROUTER_/)
    expect(response.headers.get('date')).toMatch(/GMT$/)
    expect((await items(response)).length).toBeGreaterThan(300)
  })

  it.each([
    ['no startTime', { endTime: range().endTime as string }, 'startTime'],
    ['no endTime', { startTime: range().startTime as string }, 'endTime'],
    ['no milliseconds', { ...range(), startTime: '2026-11-20T04:00:00Z' }, 'YYYY'],
    ['an offset', { ...range(), startTime: '2026-11-20T04:00:00.000+00:00' }, 'YYYY'],
    ['a blank for T', { ...range(), startTime: '2026-11-20 04:00:00.000Z' }, 'YYYY'],
    ['a day that does not exist', { ...range(), startTime: '2026-11-31T04:00:00.000Z' }, 'YYYY'],
    ['end before start', range(NOW - HOUR, NOW - 2 * HOUR), 'later'],
    ['end equal to start', range(NOW - HOUR, NOW - HOUR), 'later'],
    ['a window of 12 h and 1 ms', range(NOW - DAY, NOW - DAY + 12 * HOUR + 1), '12 hours'],
    ['an end less than 5 min ago', range(NOW - HOUR, NOW - 5 * MINUTE + 1), '5 minutes'],
    ['a start more than 30 days ago', range(NOW - 30 * DAY - 1, NOW - 30 * DAY + HOUR), '30 days'],
    ['max that is no number', { ...range(), max: 'all' }, 'max'],
    ['eleven locations', { ...range(), locations: 'a,b,c,d,e,f,g,h,i,j,k' }, '10 locations'],
    [
      'a cursor outside the window',
      { ...range(), startTimeForNextFetch: range(NOW - DAY).startTime as string },
      'range'
    ]
  ])('answers 400 to %s', async (_case, query: Query, part) => {
    const { status, message } = await refusal(query)
    expect(status).toBe(400)
    expect(message).toContain(part)
  })

  it.each([
    ['a window of exactly 12 h', range(NOW - DAY, NOW - DAY + 12 * HOUR)],
    ['an end exactly 5 min ago', range(NOW - 2 * HOUR, NOW - 5 * MINUTE)],
    ['a start exactly 30 days ago', range(NOW - 30 * DAY, NOW - 30 * DAY + 12 * HOUR)],
    ['ten locations', { ...range(), locations: 'Main Office,b,c,d,e,f,g,h,i,j' }]
  ])('accepts %s', async (_case, query: Query) => {
    expect((await refusal(query)).status).toBe(200)
  })

  it('answers 401 to a token that is missing, unknown, or has expired', async () => {
    let now = NOW
    const simulator = await start({ now: () => now, accessTokenSeconds: 60 })
    const token = await accessToken(simulator)
    const feed = `${simulator.url}/cdr_feed?${new URLSearchParams(range())}`
    expect((await fetch(feed)).status).toBe(401)
    expect((await ask(simulator, 'unknown', range())).status).toBe(401)
    expect((await ask(simulator, token, range())).status).toBe(200)
    now += 60_000
    expect((await ask(simulator, token, range())).status).toBe(401)
    const fresh = await accessToken(simulator)
    expect((await ask(simulator, fresh, range())).status).toBe(200)
    simulator.expireAccessTokens()
    expect((await ask(simulator, fresh, range())).status).toBe(401)
    expect((await ask(simulator, await accessToken(simulator), range())).status).toBe(200)
  })

  it('answers 404 with one message to an empty window and with another to an unknown path', async () => {
    const simulator = await start({ records: [] })
    const token = await accessToken(simulator)
    const empty = await ask(simulator, token, range())
    expect(empty.status).toBe(404)
    expect(await empty.json()).toMatchObject({
      message: 'No CDRs for requested time range and filters',
      errorCode: 404
    })
    const lost = await fetch(`${simulator.url}/cdr_feeds`)
    expect(lost.status).toBe(404)
    expect(await lost.text()).not.toContain('No CDRs')
  })

  it('answers 405 to a wrong method', async () => {
    const simulator = await start()
    expect((await fetch(`${simulator.url}/cdr_feed`, { method: 'POST' })).status).toBe(405)
    expect((await fetch(`${simulator.url}/access_token`)).status).toBe(405)
  })

  it('answers 451 and names the host when the region is another', async () => {
    const simulator = await start({ region: 'analytics-calling-eu.webexapis.com' })
    const response = await ask(simulator, await accessToken(simulator), range())
    expect(response.status).toBe(451)
    expect(await response.json()).toMatchObject({
      message:
        'This server cannot serve the data for this organization. Please use analytics-calling-eu.webexapis.com',
      errorCode: 451
    })
  })

  it('answers 429 to a second initial request and an eleventh page within 60 s of one token', async () => {
    let now = NOW
    const simulator = await start({ now: () => now, rateLimit: true })
    const token = await accessToken(simulator)
    const query = range(NOW - 13 * HOUR)
    const page = { ...query, startTimeForNextFetch: query.startTime as string }
    expect((await ask(simulator, token, query)).status).toBe(200)
    now += 20_500
    const second = await ask(simulator, token, query)
    expect(second.status).toBe(429)
    expect(second.headers.get('retry-after')).toBe('40')
    expect(await second.json()).toMatchObject({ message: 'Request rate exceeds threshold' })
    for (let i = 0; i < 10; i++) expect((await ask(simulator, token, page)).status).toBe(200)
    expect((await ask(simulator, token, page)).status).toBe(429)
    expect((await ask(simulator, await accessToken(simulator), query)).status).toBe(200)
    now += 40_000
    expect((await ask(simulator, token, query)).status).toBe(200)
    expect((await ask(simulator, token, query)).headers.get('retry-after')).toBe('60')
  })

  it('shows a record from its time on, and not before', async () => {
    let now = NOW
    const simulator = await start({ now: () => now })
    const token = await accessToken(simulator)
    const window = range(NOW - HOUR, NOW - 5 * MINUTE)
    const before = new Set((await allPages(simulator, token, window)).flat().map((item) => item['Report ID']))
    now += 40 * HOUR
    const after = new Set((await allPages(simulator, token, window)).flat().map((item) => item['Report ID']))
    expect(after.size).toBeGreaterThan(before.size)
    expect([...before].filter((id) => !after.has(id))).toEqual([])
  })

  it('logs requests without their secrets', async () => {
    const simulator = await start()
    const token = await accessToken(simulator)
    await ask(simulator, token, range())
    expect(simulator.requests).toMatchObject([
      { method: 'POST', path: '/v1/access_token', query: {}, status: 200 },
      { method: 'GET', path: '/v1/cdr_feed', query: range(), authorization: `Bearer ${token}`, status: 200 }
    ])
    expect(JSON.stringify(simulator.requests)).not.toContain('demo-client-secret')
  })
})

describe('the locations parameter', () => {
  const served = async (locations: string) => {
    const simulator = await start()
    const pages = await allPages(simulator, await accessToken(simulator), { ...range(), locations })
    return [...new Set(pages.flat().map((item) => item.Location))].sort()
  }

  it('keeps the records of one location or of several', async () => {
    expect(await served('Branch 1')).toEqual(['Branch 1'])
    expect(await served('Branch 1,Main Office')).toEqual(['Branch 1', 'Main Office'])
  })

  it('knows a name that has a comma in it', async () => {
    expect(await served('Springfield, IL')).toEqual(['Springfield, IL'])
    expect(await served('Springfield, IL,Branch 1')).toEqual(['Branch 1', 'Springfield, IL'])
  })

  it('finds nothing for an unknown name', async () => {
    expect(await served('Springfield')).toEqual([])
  })
})
