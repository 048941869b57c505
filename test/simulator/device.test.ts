import { describe, expect, it } from 'vitest'
import { DEMO_CREDENTIALS, type Simulator } from '../../src/simulator/index.js'
import { press } from './browser.js'
import { ask, NOW, type Query, range, refresh, start } from './caller.js'

const SCOPE = 'spark-admin:calling_cdr_read'

interface Device {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
}

function authorize(simulator: Simulator, changes: Query = {}): Promise<Response> {
  const form = { client_id: DEMO_CREDENTIALS.clientId, scope: SCOPE, ...changes }
  return fetch(`${simulator.url}/device/authorize`, { method: 'POST', body: new URLSearchParams(form) })
}

async function device(simulator: Simulator): Promise<Device> {
  return (await (await authorize(simulator)).json()) as Device
}

function poll(
  simulator: Simulator,
  device_code: string,
  changes: Query = {},
  credentials = 'demo-client-id:demo-client-secret'
): Promise<Response> {
  return fetch(`${simulator.url}/device/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      client_id: DEMO_CREDENTIALS.clientId,
      device_code,
      ...changes
    })
  })
}

/** Status and, where it is an error, its description. */
async function outcome(response: Response): Promise<[status: number, description?: string]> {
  const body = (await response.json()) as { errors?: [{ description: string }]; trackingId?: string }
  if (response.ok) return [response.status]
  expect(body.trackingId).toBe(response.headers.get('trackingid'))
  return [response.status, body.errors?.[0].description]
}

describe('the device grant', () => {
  it('leads over the page and its Accept to tokens that work, once', async () => {
    const simulator = await start()
    const response = await authorize(simulator, { scope: `${SCOPE} analytics:read_all` })
    expect(response.status).toBe(200)
    const made = (await response.json()) as Device
    expect(made).toEqual({
      device_code: expect.stringMatching(/./),
      expires_in: 300,
      user_code: expect.stringMatching(/^\d{6}$/),
      verification_uri: `${simulator.url}/device`,
      verification_uri_complete: expect.stringContaining(`${simulator.url}/device?userCode=`),
      interval: 2
    })
    expect(await outcome(await poll(simulator, made.device_code))).toEqual([428, 'authorization_pending'])

    const done = await press(await fetch(made.verification_uri), 'accept', {
      userCode: ` ${made.user_code} `
    })
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('Accepted')])

    const tokens = (await (await poll(simulator, made.device_code)).json()) as Query
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/./),
      expires_in: 1_209_599,
      refresh_token: simulator.currentRefreshToken(),
      refresh_token_expires_in: 7_775_999,
      token_type: 'Bearer',
      scope: `${SCOPE} analytics:read_all`
    })
    expect((await ask(simulator, tokens.access_token as string, range())).status).toBe(200)
    expect((await refresh(simulator, { refresh_token: tokens.refresh_token as string })).status).toBe(200)
    expect(await outcome(await poll(simulator, made.device_code))).toEqual([400, 'invalid_grant'])
  })

  it('fills in the code and shows the scopes at the complete address, which has only a hash', async () => {
    const simulator = await start()
    const made = await device(simulator)
    expect(new URL(made.verification_uri_complete).searchParams.get('userCode')).toMatch(/^[0-9a-f]{64}$/)
    const page = await fetch(made.verification_uri_complete)
    expect(await page.clone().text()).toContain(SCOPE)
    expect((await press(page, 'accept')).status).toBe(200)
    expect((await poll(simulator, made.device_code)).status).toBe(200)
  })

  it('says access_denied after Decline, as often as it is asked', async () => {
    const simulator = await start()
    const made = await device(simulator)
    const done = await press(await fetch(made.verification_uri_complete), 'decline')
    expect(await done.text()).toContain('Declined')
    for (let i = 0; i < 2; i++) {
      expect(await outcome(await poll(simulator, made.device_code))).toEqual([400, 'access_denied'])
    }
  })

  it('can be decided without a page', async () => {
    const simulator = await start()
    const [good, bad] = [await device(simulator), await device(simulator)]
    simulator.decideDevice(good.user_code, true)
    simulator.decideDevice(bad.user_code, false)
    expect((await poll(simulator, good.device_code)).status).toBe(200)
    expect((await poll(simulator, bad.device_code)).status).toBe(400)
    expect(() => simulator.decideDevice(bad.user_code, true)).toThrow(bad.user_code)
  })

  it('takes a decision once', async () => {
    const simulator = await start()
    const made = await device(simulator)
    const page = () => fetch(made.verification_uri)
    expect((await press(await page(), 'decline', { userCode: made.user_code })).status).toBe(200)
    expect((await press(await page(), 'accept', { userCode: made.user_code })).status).toBe(400)
    expect((await fetch(made.verification_uri_complete)).status).toBe(400)
    expect((await poll(simulator, made.device_code)).status).toBe(400)
  })

  it('shows nothing of what is typed or sent to the page', async () => {
    const simulator = await start()
    const userCode = '"><script>alert(1)</script>\r\n'
    const opened = await fetch(`${simulator.url}/device?${new URLSearchParams({ userCode })}`)
    const typed = await press(await fetch(`${simulator.url}/device`), 'accept', { userCode })
    for (const response of [opened, typed]) {
      expect(response.status).toBe(400)
      expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8')
      expect(await response.text()).not.toContain('script')
    }
  })

  it('takes no decision but accept and decline', async () => {
    const simulator = await start()
    const made = await device(simulator)
    const body = new URLSearchParams({ userCode: made.user_code, decision: '<script>' })
    const response = await fetch(`${simulator.url}/device/decision`, { method: 'POST', body })
    expect([response.status, await response.text()]).toEqual([400, expect.not.stringContaining('<script')])
    expect((await poll(simulator, made.device_code)).status).toBe(428)
  })

  it('expires after 300 s, decided on or not', async () => {
    let now = NOW
    const simulator = await start({ now: () => now })
    const [open, accepted, fetched] = [
      await device(simulator),
      await device(simulator),
      await device(simulator)
    ]
    for (const { user_code } of [accepted, fetched]) simulator.decideDevice(user_code, true)
    now += 299_999
    expect((await poll(simulator, fetched.device_code)).status).toBe(200)
    expect(await outcome(await poll(simulator, open.device_code))).toEqual([428, 'authorization_pending'])
    now += 1
    expect(await outcome(await poll(simulator, open.device_code))).toEqual([400, 'expired_token'])
    expect(await outcome(await poll(simulator, accepted.device_code))).toEqual([400, 'expired_token'])
    expect((await fetch(open.verification_uri_complete)).status).toBe(400)
    expect(() => simulator.decideDevice(open.user_code, true)).toThrow()
  })

  it.each([
    [undefined, 2_000],
    [0.02, 20]
  ])('asks to slow down, each time by 2.5 intervals: %s', async (deviceInterval, interval) => {
    let now = NOW
    const simulator = await start({ now: () => now, deviceInterval })
    const response = await authorize(simulator)
    const { device_code, user_code, ...rest } = (await response.json()) as Device & { interval: number }
    expect(rest.interval).toBe(interval / 1_000)
    const after = async (wait: number) => {
      now += wait
      return (await outcome(await poll(simulator, device_code)))[1]
    }
    expect(await after(0)).toBe('authorization_pending')
    expect(await after(interval)).toBe('authorization_pending')
    expect(await after(interval - 1)).toBe('slow_down')
    expect(await after(interval * 3.5)).toBe('authorization_pending')
    expect(await after(interval * 3.5 - 1)).toBe('slow_down')
    expect(await after(interval * 6)).toBe('authorization_pending')
    simulator.decideDevice(user_code, true)
    expect(await after(0)).toBe(undefined)
  })

  it.each([
    ['another client', { client_id: 'x' }, 'Client Id is invalid'],
    ['an unknown scope', { scope: 'spark:all' }, 'The requested scope is invalid.'],
    ['no scope', { scope: '' }, 'The requested scope is invalid.']
  ])('is not begun by %s', async (_case, changes, description) => {
    expect(await outcome(await authorize(await start(), changes))).toEqual([400, description])
  })

  it.each([
    ['an unknown code', { device_code: 'x' }, 400, 'invalid_grant'],
    ['the user code', { device_code: '000000' }, 400, 'invalid_grant'],
    ['another client_id', { client_id: 'x' }, 400, 'invalid_client'],
    ['another grant_type', { grant_type: 'device_code' }, 400, 'unsupported_grant_type']
  ])('refuses %s', async (_case, changes, status, description) => {
    const simulator = await start()
    const made = await device(simulator)
    simulator.decideDevice(made.user_code, true)
    expect(await outcome(await poll(simulator, made.device_code, changes))).toEqual([status, description])
    expect((await poll(simulator, made.device_code)).status).toBe(200)
  })

  it('wants id and secret in a Basic header, not in the form', async () => {
    const simulator = await start()
    const made = await device(simulator)
    simulator.decideDevice(made.user_code, true)
    const secret = { client_secret: DEMO_CREDENTIALS.clientSecret }
    expect(await outcome(await poll(simulator, made.device_code, {}, 'demo-client-id:x'))).toEqual([
      401,
      'Client Secret is invalid'
    ])
    expect((await poll(simulator, made.device_code, secret, '')).status).toBe(401)
    expect((await poll(simulator, made.device_code)).status).toBe(200)
    expect(JSON.stringify(simulator.requests)).not.toContain(
      Buffer.from('demo-client-id:demo-client-secret').toString('base64')
    )
  })

  it('meets the faults queued for tokens', async () => {
    const simulator = await start()
    const made = await device(simulator)
    simulator.failNextToken({ kind: 'status', status: 503 })
    expect((await poll(simulator, made.device_code)).status).toBe(503)
    expect((await poll(simulator, made.device_code)).status).toBe(428)
  })
})
