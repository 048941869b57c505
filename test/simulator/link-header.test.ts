import { describe, expect, it } from 'vitest'
import type { SimulatorOptions } from '../../src/simulator/index.js'
import {
  accessToken,
  allPages,
  ask,
  fixed,
  HOUR,
  items,
  MINUTE,
  NOW,
  nextUrl,
  range,
  start
} from './caller.js'

describe('the Link header', () => {
  const first = async (options: SimulatorOptions) => {
    const simulator = await start({ recordsPerHour: 600, ...options })
    const query = { ...range(), max: '500', locations: 'Main Office,München,Springfield, IL' }
    return { query, response: await ask(simulator, await accessToken(simulator), query) }
  }

  it('has the malformed form of the reference by default', async () => {
    const { response } = await first({})
    expect(response.headers.get('link')).toMatch(
      /^<<http:\/\/127\.0\.0\.1:\d+\/v1\/cdr_feed\?[^<>]+>;rel="next">$/
    )
  })

  it('has the form of RFC 8288 when told so', async () => {
    const { response } = await first({ linkForm: 'rfc8288' })
    expect(response.headers.get('link')).toMatch(
      /^<http:\/\/127\.0\.0\.1:\d+\/v1\/cdr_feed\?[^<>]+>; rel="next"$/
    )
  })

  it('carries what was asked, the cursor, the count and the organisation', async () => {
    const { query, response } = await first({})
    const last = (await items(response)).at(-1)
    const next = Object.fromEntries(new URL(nextUrl(response) as string).searchParams)
    expect(next).toEqual({
      ...query,
      startTimeForNextFetch: last?.['Start time'],
      totalCount: expect.stringMatching(/^\d{4,}$/),
      orgId: last?.['Org UUID']
    })
  })

  it('encodes location names that a URL or a header cannot carry', async () => {
    const location = 'R&D, 東京 📞'
    const records = [1, 2, 3].map((id) => ({ ...fixed(id, NOW - HOUR + id), Location: location }))
    const simulator = await start({ records, minPageSize: 1 })
    const query = { ...range(), max: '1', locations: location }
    const pages = await allPages(simulator, await accessToken(simulator), query)
    expect(new Set(pages.flat())).toEqual(new Set(records))
  })

  it('is missing from the last page', async () => {
    const simulator = await start({ records: [fixed(1, NOW - HOUR)] })
    const response = await ask(simulator, await accessToken(simulator), range())
    expect(response.headers.has('link')).toBe(false)
  })

  it('can still be followed when the start has passed the age of 30 days meanwhile', async () => {
    let now = NOW
    const simulator = await start({ now: () => now, recordsPerHour: 200 })
    const token = await accessToken(simulator)
    const from = NOW - 30 * 24 * HOUR
    const response = await ask(simulator, token, { ...range(from), max: '500' })
    now += MINUTE
    expect((await ask(simulator, token, range(from))).status).toBe(400)
    expect((await ask(simulator, token, nextUrl(response) as string)).status).toBe(200)
  })
})
