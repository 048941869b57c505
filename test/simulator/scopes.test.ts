import { describe, expect, it } from 'vitest'
import { DEMO_CREDENTIALS, type Simulator, type SimulatorOptions } from '../../src/simulator/index.js'
import { accessToken, ask, NOW, type Query, range, refresh, start } from './caller.js'

const CDR = 'spark-admin:calling_cdr_read'
const REPORTS = 'analytics:read_all'

/** Tokens for these scopes, by the device grant. */
async function tokensFor(simulator: Simulator, scope: string): Promise<Query> {
  const { clientId, clientSecret } = DEMO_CREDENTIALS
  const post = async (path: string, form: Query) => {
    const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
    const body = new URLSearchParams({ client_id: clientId, ...form })
    const response = await fetch(`${simulator.url}${path}`, {
      method: 'POST',
      headers: { authorization },
      body
    })
    return (await response.json()) as Query
  }
  const device = await post('/device/authorize', { scope })
  simulator.decideDevice(device.user_code as string, true)
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  return post('/device/token', { grant_type, device_code: device.device_code as string })
}

async function feed(simulator: Simulator, token: string | undefined): Promise<number> {
  const response = await ask(simulator, token as string, range())
  if (response.status === 403) {
    expect(await response.json()).toEqual({
      message: expect.stringMatching(/missing required scopes or the user is missing required roles/),
      errorCode: 403,
      trackingId: response.headers.get('trackingid')
    })
  }
  return response.status
}

describe('scopes', () => {
  it('admit an access token to cdr_feed, or do not', async () => {
    const simulator = await start()
    expect(await feed(simulator, (await tokensFor(simulator, CDR)).access_token)).toBe(200)
    expect(await feed(simulator, (await tokensFor(simulator, `${REPORTS} ${CDR}`)).access_token)).toBe(200)
    const other = await tokensFor(simulator, REPORTS)
    expect(other.scope).toBe(REPORTS)
    expect(await feed(simulator, other.access_token)).toBe(403)
  })

  it.each([false, true])(
    'stay with a refresh token, through rotation too: %s',
    async (rotateRefreshToken) => {
      const simulator = await start({ rotateRefreshToken })
      for (const [scope, status] of [
        [REPORTS, 403],
        [CDR, 200]
      ] as const) {
        let { refresh_token } = await tokensFor(simulator, scope)
        for (let i = 0; i < 2; i++) {
          const form = { refresh_token: refresh_token as string }
          const tokens = (await (await refresh(simulator, form)).json()) as Query
          expect(await feed(simulator, tokens.access_token)).toBe(status)
          refresh_token = tokens.refresh_token
        }
      }
    }
  )

  it('are all the integration has for the refresh token that is there from the start', async () => {
    const demo = async (options: SimulatorOptions) => {
      const simulator = await start(options)
      return feed(simulator, await accessToken(simulator))
    }
    expect(await demo({})).toBe(200)
    expect(await demo({ integrationScopes: ['spark:all', CDR] })).toBe(200)
    expect(await demo({ integrationScopes: [REPORTS] })).toBe(403)
  })
})

describe('roleMissing', () => {
  it('keeps every token from cdr_feed, and leaves a bad one unauthorised', async () => {
    const simulator = await start({ roleMissing: true })
    const token = await accessToken(simulator)
    expect(await feed(simulator, token)).toBe(403)
    expect(await feed(simulator, 'unknown')).toBe(401)
  })
})

describe('clockSkew', () => {
  it.each([0, -7 * 60_000, 26 * 3_600_000])('shifts the Date of every answer by %s ms', async (clockSkew) => {
    const simulator = await start({ clockSkew })
    simulator.failNextToken({ kind: 'none' }, { kind: 'status', status: 503 })
    const answers = [
      await refresh(simulator),
      await refresh(simulator),
      await ask(simulator, 'unknown', range()),
      await fetch(`${simulator.url}/device`),
      await fetch(`${simulator.url}/nowhere`)
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 503, 401, 200, 404])
    // A Date has whole seconds.
    const date = new Date(NOW + clockSkew).toUTCString()
    expect(answers.map(({ headers }) => headers.get('date'))).toEqual(answers.map(() => date))
  })
})
