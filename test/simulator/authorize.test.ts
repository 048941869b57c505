import { describe, expect, it } from 'vitest'
import { DEMO_CREDENTIALS, type Simulator } from '../../src/simulator/index.js'
import { press } from './browser.js'
import { ask, MINUTE, NOW, type Query, range, refresh, start } from './caller.js'

const CALLBACK = 'http://localhost:8080/callback'
const SCOPE = 'spark-admin:calling_cdr_read'
/** RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const S256 = {
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256'
}

/** Opens the page that a client sends its user to. */
function open(simulator: Simulator, changes: Query = {}, more = ''): Promise<Response> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: DEMO_CREDENTIALS.clientId,
    redirect_uri: CALLBACK,
    scope: SCOPE,
    state: 'xyz',
    ...changes
  })
  return fetch(`${simulator.url}/authorize?${query}${more}`, { redirect: 'manual' })
}

/** Where the browser is sent, and what it takes there. */
function redirected(response: Response): { to: string; parameters: Query } {
  expect(response.status).toBe(302)
  const url = new URL(response.headers.get('location') as string)
  return { to: url.origin + url.pathname, parameters: Object.fromEntries(url.searchParams) }
}

async function codeFor(simulator: Simulator, changes: Query = {}): Promise<string> {
  const { parameters } = redirected(await press(await open(simulator, changes), 'accept'))
  return parameters.code as string
}

/** POST access_token with a code; with `authorization` the id and secret are left to it. */
function exchange(simulator: Simulator, form: Query, authorization?: string): Promise<Response> {
  const own = { client_id: DEMO_CREDENTIALS.clientId, client_secret: DEMO_CREDENTIALS.clientSecret }
  return fetch(`${simulator.url}/access_token`, {
    method: 'POST',
    headers: authorization === undefined ? {} : { authorization },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      redirect_uri: CALLBACK,
      ...(authorization === undefined ? own : {}),
      ...form
    })
  })
}

async function refusal(response: Response): Promise<{ status: number; description: string }> {
  const body = (await response.json()) as { errors: [{ description: string }]; trackingId: string }
  expect(body).toEqual({
    message: expect.any(String),
    errors: [{ description: expect.any(String) }],
    trackingId: response.headers.get('trackingid')
  })
  return { status: response.status, description: body.errors[0].description }
}

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

describe('authorize', () => {
  it('leads over the page and its Accept to a code, and the code with PKCE to tokens that work', async () => {
    const simulator = await start()
    const page = await open(simulator, { scope: `${SCOPE} analytics:read_all`, ...S256 })
    expect(page.status).toBe(200)
    expect(page.headers.get('content-type')).toBe('text/html;charset=utf-8')
    const { to, parameters } = redirected(await press(page, 'accept'))
    expect(to).toBe(CALLBACK)
    expect(parameters).toEqual({ code: expect.stringMatching(/./), state: 'xyz' })

    const response = await exchange(simulator, { code: parameters.code as string, code_verifier: VERIFIER })
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const tokens = (await response.json()) as { access_token: string; refresh_token: string }
    expect(tokens).toEqual({
      access_token: expect.stringMatching(/./),
      expires_in: 1_209_599,
      refresh_token: expect.stringMatching(/./),
      refresh_token_expires_in: 7_775_999,
      token_type: 'Bearer',
      scope: `${SCOPE} analytics:read_all`
    })
    expect(tokens.refresh_token).not.toBe(DEMO_CREDENTIALS.refreshToken)
    expect(simulator.currentRefreshToken()).toBe(tokens.refresh_token)
    expect((await ask(simulator, tokens.access_token, range())).status).toBe(200)
    const again = await refresh(simulator, { refresh_token: tokens.refresh_token })
    expect(again.status).toBe(200)
    expect(((await again.json()) as Query).refresh_token).toBe(tokens.refresh_token)
  })

  it('shows the scopes and where one goes from there', async () => {
    const text = await (await open(await start(), { scope: `${SCOPE} analytics:read_all` })).text()
    expect(text).toContain('<title>Webex (simulated)</title>')
    for (const part of [SCOPE, 'analytics:read_all', CALLBACK]) expect(text).toContain(part)
  })

  it('says access_denied after Decline', async () => {
    const { to, parameters } = redirected(await press(await open(await start()), 'decline'))
    expect(to).toBe(CALLBACK)
    expect(parameters).toEqual({
      error: 'access_denied',
      error_description: expect.any(String),
      state: 'xyz'
    })
  })

  it('takes one decision for each page, and only for a page it has shown', async () => {
    const simulator = await start()
    const text = await (await open(simulator)).text()
    const request = /name="request" value="([^"]+)"/.exec(text)?.[1] as string
    const decide = async (form: Query) => {
      const body = new URLSearchParams(form)
      const url = `${simulator.url}/authorize/decision`
      return (await fetch(url, { method: 'POST', body, redirect: 'manual' })).status
    }
    expect(await decide({ request: 'made up', decision: 'accept' })).toBe(400)
    expect(await decide({ request, decision: 'perhaps' })).toBe(400)
    expect(await decide({ request, decision: 'accept' })).toBe(302)
    expect(await decide({ request, decision: 'accept' })).toBe(400)
  })

  it.each([
    ['another client', { client_id: 'x' }],
    ['no client', { client_id: '' }],
    ['no redirect_uri', { redirect_uri: '' }],
    ['another host', { redirect_uri: 'http://example.com/callback' }],
    ['https', { redirect_uri: 'https://localhost:8080/callback' }],
    ['a script', { redirect_uri: 'javascript:alert(1)' }],
    ['data', { redirect_uri: 'data:text/html,<script>alert(1)</script>' }],
    ['a host behind a login', { redirect_uri: 'http://localhost:8080@example.com/' }],
    ['a login', { redirect_uri: 'http://user:password@localhost:8080/' }],
    ['a host that begins alike', { redirect_uri: 'http://localhost.example.com/' }],
    ['a backslash', { redirect_uri: 'http://localhost\\@example.com/' }],
    ['a fragment', { redirect_uri: `${CALLBACK}#part` }],
    ['line breaks', { redirect_uri: `${CALLBACK}\r\nSet-Cookie: a=b` }],
    ['markup', { redirect_uri: '"><script>alert(1)</script>' }]
  ])('shows a page and redirects nowhere for %s', async (_case, changes: Query) => {
    const response = await open(await start(), changes)
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8')
    expect(response.headers.has('location')).toBe(false)
    expect(response.headers.has('set-cookie')).toBe(false)
    expect(await response.text()).not.toContain('<script')
  })

  it.each([
    ['an unknown scope', { scope: 'spark:all' }, 'invalid_scope'],
    ['a known scope and an unknown one', { scope: `${SCOPE} spark:all` }, 'invalid_scope'],
    ['no scope', { scope: '' }, 'invalid_scope'],
    ['markup for a scope', { scope: '<script>alert(1)</script>' }, 'invalid_scope'],
    ['line breaks between scopes', { scope: `${SCOPE}\r\nanalytics:read_all` }, 'invalid_scope'],
    ['another response_type', { response_type: 'token' }, 'unsupported_response_type'],
    ['a short challenge', { code_challenge: 'x'.repeat(42) }, 'invalid_request'],
    ['a padded challenge', { code_challenge: `${S256.code_challenge}=` }, 'invalid_request'],
    ['another challenge method', { ...S256, code_challenge_method: 'S512' }, 'invalid_request'],
    ['a method without a challenge', { code_challenge_method: 'S256' }, 'invalid_request']
  ])('tells the client of %s', async (_case, changes: Query, error) => {
    const { to, parameters } = redirected(await open(await start(), changes))
    expect(to).toBe(CALLBACK)
    expect(parameters).toEqual({ error, error_description: expect.any(String), state: 'xyz' })
  })

  it('takes a parameter once only', async () => {
    const simulator = await start()
    const response = await open(simulator, {}, `&scope=${SCOPE}`)
    expect(redirected(response).parameters.error).toBe('invalid_request')
    expect((await open(simulator, {}, `&redirect_uri=${CALLBACK}`)).status).toBe(400)
    expect((await open(simulator, {}, '&client_id=x')).status).toBe(400)
  })

  it('gives the state back as it came, whatever is in it, and shows it nowhere', async () => {
    const simulator = await start()
    const state = '"><script>alert(1)</script>\r\nSet-Cookie: a=b\r\n\r\n&code=forged#ü 📞+%0d'
    const page = await open(simulator, { state })
    expect(await page.clone().text()).not.toContain('alert')
    for (const button of ['accept', 'decline'] as const) {
      const response = await press(await open(simulator, { state }), button)
      expect(response.headers.has('set-cookie')).toBe(false)
      expect(redirected(response).parameters.state).toBe(state)
    }
    expect(redirected(await open(simulator, { state, scope: 'x' })).parameters.state).toBe(state)
  })

  it('sends back no state where none came', async () => {
    const simulator = await start()
    const url = `${simulator.url}/authorize?response_type=code&client_id=demo-client-id&redirect_uri=${CALLBACK}&scope=${SCOPE}`
    const { parameters } = redirected(await press(await fetch(url), 'accept'))
    expect(Object.keys(parameters)).toEqual(['code'])
  })

  it('escapes what it shows', async () => {
    const scope = `<b>&"'`
    const simulator = await start({ integrationScopes: [scope] })
    const text = await (await open(simulator, { scope, redirect_uri: `${CALLBACK}?a='&b=c` })).text()
    expect(text).toContain('<li>&#60;b&#62;&#38;&#34;&#39;</li>')
    expect(text).toContain(`${CALLBACK}?a=&#39;&#38;b=c`)
  })

  it('sends the browser to any http address of this machine, and keeps its query', async () => {
    const simulator = await start()
    for (const uri of ['http://127.0.0.1:1/', 'http://[::1]:5000/a', 'http://localhost']) {
      expect((await open(simulator, { redirect_uri: uri })).status).toBe(200)
    }
    const response = await press(await open(simulator, { redirect_uri: `${CALLBACK}?a=b` }), 'accept')
    expect(redirected(response).parameters).toMatchObject({ a: 'b', state: 'xyz' })
  })

  it('sends the browser only to what is registered where the test says so', async () => {
    const simulator = await start({ redirectUris: ['https://example.com/callback'] })
    expect((await open(simulator)).status).toBe(400)
    expect((await open(simulator, { redirect_uri: 'https://example.com/callback/' })).status).toBe(400)
    const page = await open(simulator, { redirect_uri: 'https://example.com/callback' })
    expect(redirected(await press(page, 'accept')).to).toBe('https://example.com/callback')
  })
})

describe('access_token for a code', () => {
  it('takes id and secret from a Basic header too', async () => {
    const simulator = await start({ clientSecret: 'with:colon' })
    const good = basic('demo-client-id', 'with:colon')
    expect((await exchange(simulator, { code: await codeFor(simulator) }, good)).status).toBe(200)
    const own = { client_secret: 'with:colon', refresh_token: DEMO_CREDENTIALS.refreshToken }
    expect((await refresh(simulator, own)).status).toBe(200)
  })

  it.each([
    ['a wrong secret', {}, basic('demo-client-id', 'x'), 'Client Secret is invalid'],
    ['a wrong id', {}, basic('x', 'demo-client-secret'), 'Client Id is invalid'],
    ['two ids', { client_id: 'x' }, basic('demo-client-id', 'demo-client-secret'), 'Client Id is invalid'],
    ['no Base64', {}, 'Basic demo-client-id:demo-client-secret', 'Client Id is invalid'],
    ['a wrong secret in the form', { client_secret: 'x' }, undefined, 'Client Secret is invalid'],
    ['no secret in the form', { client_secret: '' }, undefined, 'Client Secret is invalid']
  ])('answers 401 to %s, and the code stays good', async (_case, form: Query, header, description) => {
    const simulator = await start()
    const code = await codeFor(simulator)
    const response = await exchange(simulator, { code, ...form }, header)
    expect(await refusal(response)).toEqual({ status: 401, description })
    expect((await exchange(simulator, { code })).status).toBe(200)
  })

  it('takes a code once, and a wrong attempt uses it up', async () => {
    const simulator = await start()
    const code = await codeFor(simulator)
    expect((await exchange(simulator, { code })).status).toBe(200)
    const invalid = { status: 400, description: 'Invalid code' }
    expect(await refusal(await exchange(simulator, { code }))).toEqual(invalid)
    const other = await codeFor(simulator)
    expect((await exchange(simulator, { code: other, redirect_uri: `${CALLBACK}/` })).status).toBe(400)
    expect(await refusal(await exchange(simulator, { code: other }))).toEqual(invalid)
    expect(await refusal(await exchange(simulator, {}))).toEqual(invalid)
  })

  it('takes a code for ten minutes', async () => {
    let now = NOW
    const simulator = await start({ now: () => now })
    const [first, second] = [await codeFor(simulator), await codeFor(simulator)]
    now += 10 * MINUTE - 1
    expect((await exchange(simulator, { code: first })).status).toBe(200)
    now += 1
    expect((await exchange(simulator, { code: second })).status).toBe(400)
  })

  const long = (length: number) => 'a'.repeat(length)

  it.each([
    ['the verifier', S256, VERIFIER],
    ['the challenge itself where it is plain', { code_challenge: VERIFIER }, VERIFIER],
    ['the longest verifier', { code_challenge: long(128), code_challenge_method: 'plain' }, long(128)]
  ])('takes %s', async (_case, challenge: Query, code_verifier) => {
    const simulator = await start()
    const code = await codeFor(simulator, challenge)
    expect((await exchange(simulator, { code, code_verifier })).status).toBe(200)
  })

  it.each([
    ['a missing verifier', S256, {}, 'code_verifier is missing'],
    ['another verifier', S256, { code_verifier: long(43) }, 'does not match'],
    ['the challenge for the verifier', S256, { code_verifier: S256.code_challenge }, 'does not match'],
    ['a short verifier', S256, { code_verifier: long(42) }, '43 to 128'],
    ['a long verifier', S256, { code_verifier: long(129) }, '43 to 128'],
    ['a verifier with a blank', S256, { code_verifier: `${VERIFIER} ` }, '43 to 128'],
    ['a verifier out of nowhere', {}, { code_verifier: VERIFIER }, 'without a code_challenge']
  ])('answers 400 to %s', async (_case, challenge: Query, form: Query, part) => {
    const simulator = await start()
    const code = await codeFor(simulator, challenge)
    const { status, description } = await refusal(await exchange(simulator, { code, ...form }))
    expect(status).toBe(400)
    expect(description).toContain(part)
  })

  it('leaves no secret in the log', async () => {
    const simulator = await start()
    const code = await codeFor(simulator, S256)
    const header = basic('demo-client-id', 'demo-client-secret')
    const response = await exchange(simulator, { code, code_verifier: VERIFIER }, header)
    const tokens = (await response.json()) as Query
    await exchange(simulator, { code }, Buffer.from('demo-client-secret').toString('base64'))
    const log = JSON.stringify(simulator.requests)
    for (const secret of [header.slice(6), Buffer.from('demo-client-secret').toString('base64'), code]) {
      expect(log).not.toContain(secret)
    }
    for (const secret of [VERIFIER, tokens.refresh_token, tokens.access_token]) {
      expect(log).not.toContain(secret)
    }
    expect(simulator.requests.map(({ authorization }) => authorization)).toEqual([
      undefined,
      undefined,
      'Basic',
      ''
    ])
  })
})
