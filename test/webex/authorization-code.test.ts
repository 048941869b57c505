import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { sleep } from '../../src/clock.js'
import { AuthenticationError, ConfigurationError, FatalError, TemporaryError } from '../../src/errors.js'
import { DEMO_CREDENTIALS, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js'
import { authorizeInBrowser, type BrowserRequest } from '../../src/webex/authorization-code.js'
import { Http } from '../../src/webex/http.js'
import { challengeOf, createPkce, randomToken } from '../../src/webex/pkce.js'
import { freePort } from '../support/free-port.js'
import { memoryLog } from '../support/log.js'
import { until } from '../support/until.js'

const CLIENT_SECRET = 'client-secret-to-recognise'
const CODE = 'authorization-code-to-recognise'
const ACCESS_TOKEN = 'access-token-to-recognise'
const REFRESH_TOKEN = 'refresh-token-to-recognise'

type Answer = [status: number, body: unknown] | 'reset'

const tokens: Answer = [
  200,
  {
    access_token: ACCESS_TOKEN,
    expires_in: 1_209_599,
    refresh_token: REFRESH_TOKEN,
    refresh_token_expires_in: 7_775_999,
    token_type: 'Bearer'
  }
]

/** A service whose token endpoint gives this answer, and a machine that is called back on a free port. */
async function setUp(answer: Answer | ((form: URLSearchParams) => Answer) = tokens) {
  const forms: URLSearchParams[] = []
  const service = createServer(async (request, response) => {
    const form = new URLSearchParams(await text(request))
    forms.push(form)
    const given = typeof answer === 'function' ? answer(form) : answer
    if (given === 'reset') request.socket.destroy()
    else response.writeHead(given[0]).end(JSON.stringify(given[1]))
  }).listen(0, '127.0.0.1')
  await once(service, 'listening')
  onTestFinished(() => {
    service.closeAllConnections()
    service.close()
  })
  const { log, lines } = memoryLog()
  const stop = new AbortController()
  const redirectUri = `http://localhost:${await freePort()}/callback`
  const urls: string[] = []
  const http = new Http({ timeout: 5_000, retryDelay: 2, log, now: Date.now, sleep, signal: stop.signal })
  const authorize = (request: Partial<BrowserRequest> = {}) =>
    authorizeInBrowser({
      http,
      apiUrl: `http://127.0.0.1:${(service.address() as AddressInfo).port}/v1`,
      clientId: 'the-client',
      clientSecret: CLIENT_SECRET,
      redirectUri,
      scopes: ['spark-admin:calling_cdr_read', 'spark:people_read'],
      onUrl: (url) => void urls.push(url),
      openUrl: async () => undefined,
      timeout: 20_000,
      signal: stop.signal,
      ...request
    })
  /** What ended it, shown to hold no secret, nor any line of the log. */
  const failure = async (request: Partial<BrowserRequest> = {}): Promise<Error> => {
    const error = await authorize(request).then(
      () => expect.unreachable('it succeeded'),
      (thrown: Error) => thrown
    )
    log.error(error)
    const told = lines.join('\n') + JSON.stringify(error, Object.getOwnPropertyNames(error))
    const verifier = forms[0]?.get('code_verifier') ?? 'a verifier'
    for (const secret of [CLIENT_SECRET, CODE, ACCESS_TOKEN, REFRESH_TOKEN, verifier]) {
      expect(told).not.toContain(secret)
    }
    return error
  }
  return { forms, urls, lines, stop, http, redirectUri, authorize, failure }
}

/** Where the browser is sent back to by the authorisation page at `url`. */
function callbackOf(url: string, answer: Record<string, string>): string {
  const { searchParams } = new URL(url)
  const callback = new URL(searchParams.get('redirect_uri') ?? '')
  callback.search = String(new URLSearchParams({ ...answer, state: searchParams.get('state') ?? '' }))
  return callback.href
}

/** A browser in which the person accepts, and the page that it shows in the end. */
function browser(answer: Record<string, string> = { code: CODE }) {
  const pages: Promise<{ status: number; html: string }>[] = []
  const show = async (url: string) => {
    const response = await fetch(callbackOf(url, answer))
    return { status: response.status, html: await response.text() }
  }
  return { pages, openUrl: async (url: string) => pages.push(show(url)) }
}

describe('proof keys', () => {
  test('have the challenge of RFC 7636, appendix B', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    )
  })

  test('are new each time, of the characters and the length that are allowed', () => {
    const many = Array.from({ length: 100 }, () => [createPkce().verifier, randomToken()]).flat()
    expect(new Set(many).size).toBe(200)
    for (const one of many) expect(one).toMatch(/^[\w-]{43}$/)
  })
})

describe('the authorization code', () => {
  test('is asked for, taken and exchanged', async () => {
    const { authorize, forms, urls, lines, redirectUri } = await setUp()
    const { openUrl, pages } = browser()
    expect(await authorize({ openUrl })).toEqual({
      accessToken: ACCESS_TOKEN,
      refreshToken: REFRESH_TOKEN,
      refreshTokenExpiresIn: 7_775_999
    })
    expect(urls).toHaveLength(1)
    const { pathname, search, searchParams } = new URL(urls[0]!)
    const verifier = forms[0]?.get('code_verifier') ?? ''
    expect(pathname).toBe('/v1/authorize')
    expect(search).toContain('&scope=spark-admin%3Acalling_cdr_read%20spark%3Apeople_read&')
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: 'the-client',
      redirect_uri: redirectUri,
      scope: 'spark-admin:calling_cdr_read spark:people_read',
      state: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256'
    })
    expect(forms.map((form) => Object.fromEntries(form))).toEqual([
      {
        grant_type: 'authorization_code',
        client_id: 'the-client',
        client_secret: CLIENT_SECRET,
        code: CODE,
        redirect_uri: redirectUri,
        code_verifier: expect.stringMatching(/^[\w-]{43}$/)
      }
    ])
    expect(await pages[0]).toMatchObject({ status: 200, html: expect.stringContaining('Authorised') })
    for (const secret of [CLIENT_SECRET, CODE, ACCESS_TOKEN, REFRESH_TOKEN, verifier]) {
      expect(lines.join('\n') + urls.join('\n')).not.toContain(secret)
    }
  })

  test.each<[string, () => Promise<unknown>]>([
    ['rejects', () => Promise.reject(new Error('no browser'))],
    [
      'throws',
      () => {
        throw new Error('no browser')
      }
    ],
    ['hangs', () => new Promise(() => undefined)]
  ])('comes where the person opens the URL by hand, though opening a browser %s', async (_, openUrl) => {
    const { authorize } = await setUp()
    const { openUrl: byHand } = browser()
    const onUrl = (url: string) => void byHand(url)
    expect(await authorize({ onUrl, openUrl })).toMatchObject({ refreshToken: REFRESH_TOKEN })
  })
})

test('no token that has come is shown if the service repeats it', async () => {
  const { authorize, http } = await setUp()
  const { accessToken, refreshToken } = await authorize(browser())
  const repeating = await setUp([400, { message: `${accessToken} and ${refreshToken}` }])
  const error = await repeating.authorize({ ...browser(), http }).catch((thrown: Error) => thrown)
  expect(String(error)).toContain('[redacted] and [redacted]')
})

describe('in the browser of a person', () => {
  /** The pages that a person sees who presses this button on the authorisation page. */
  function person(button: 'Accept' | 'Decline') {
    const pages: { status: number; html: string }[] = []
    const see = async (response: Response) => {
      const page = { status: response.status, html: await response.text() }
      pages.push(page)
      return page.html
    }
    const openUrl = async (url: string) => {
      const html = await see(await fetch(url))
      const action = /<form method="post" action="([^"]+)"/.exec(html)?.[1]
      if (action === undefined) return
      const [, name = '', value = ''] = /<input type="hidden" name="([^"]+)" value="([^"]+)"/.exec(html) ?? []
      const [, decision = '', pressed = ''] =
        new RegExp(`<button[^>]* name="([^"]+)" value="([^"]+)">${button}<`).exec(html) ?? []
      const body = new URLSearchParams({ [name]: value, [decision]: pressed })
      await see(await fetch(new URL(action, url), { method: 'POST', body }))
    }
    return { pages, openUrl }
  }

  async function simulated(options: SimulatorOptions = {}, clientSecret = DEMO_CREDENTIALS.clientSecret) {
    const { authorize, ...rest } = await setUp()
    const sim = await startSimulator({ records: [], ...options })
    onTestFinished(() => sim.close())
    const request = { apiUrl: sim.url, clientId: DEMO_CREDENTIALS.clientId, clientSecret }
    return {
      ...rest,
      sim,
      authorize: (more: Partial<BrowserRequest>) =>
        authorize({ ...request, scopes: ['spark-admin:calling_cdr_read'], ...more })
    }
  }

  test('who accepts, setup gets tokens that the service takes', async () => {
    const { authorize, sim, http } = await simulated()
    const { openUrl, pages } = person('Accept')
    const answer = await authorize({ openUrl })
    expect(answer).toEqual({
      accessToken: expect.stringMatching(/^access-/),
      refreshToken: sim.currentRefreshToken(),
      refreshTokenExpiresIn: 7_775_999,
      scope: 'spark-admin:calling_cdr_read'
    })
    const day = 24 * 3_600_000
    const times = [Date.now() - day, Date.now() - day / 2].map((ms) => new Date(ms).toISOString())
    const feed = await http.request({
      url: `${sim.url}/cdr_feed?startTime=${times[0]}&endTime=${times[1]}`,
      headers: { Authorization: `Bearer ${answer.accessToken}` }
    })
    expect(feed).toMatchObject({ status: 404, body: { message: expect.stringMatching(/^No CDRs/) } })
    await until(() => pages.length === 2)
    expect(pages.map(({ status }) => status)).toEqual([200, 200])
    expect(pages[1]?.html).toContain('<h1>Authorised</h1>')
  })

  test('who declines, setup ends with the words of the service', async () => {
    const { authorize, sim } = await simulated()
    const { openUrl, pages } = person('Decline')
    await expect(authorize({ openUrl })).rejects.toThrow(
      /: access_denied: The resource owner denied the request\.; run setup again/
    )
    await until(() => pages.length === 2)
    expect(pages[1]?.html).toContain('access_denied: The resource owner denied the request.')
    expect(sim.requests.map(({ path }) => path)).not.toContain('/v1/access_token')
  })

  test('who accepts with a wrong client secret sees that it failed', async () => {
    const { authorize } = await simulated({}, CLIENT_SECRET)
    const { openUrl, pages } = person('Accept')
    await expect(authorize({ openUrl })).rejects.toThrow(/does not accept the client secret.*answered 401: /)
    await until(() => pages.length === 2)
    expect(pages[1]?.html).toMatch(/<h1>Not authorised<\/h1>(.|\n)*does not accept the client secret/)
  })

  test('who is asked for a scope that the integration has not, setup says so', async () => {
    const { authorize } = await simulated({ integrationScopes: ['analytics:read_all'] })
    await expect(authorize(person('Accept'))).rejects.toThrow(
      /: invalid_scope: The requested scope is invalid/
    )
  })

  test('who is sent with another redirect URI sees that at Webex, and setup says where to look', async () => {
    const { authorize } = await simulated({ redirectUris: ['http://localhost:8080/callback'] })
    const { openUrl, pages } = person('Accept')
    await expect(authorize({ openUrl, timeout: 300 })).rejects.toThrow(
      /redirect URI and scopes are those of the integration/
    )
    expect(pages.map(({ status }) => status)).toEqual([400])
  })
})

describe('an authorisation that fails', () => {
  test('because Webex refuses the code shows that here and in the browser, without secrets', async () => {
    const echo = (form: URLSearchParams): Answer => [
      400,
      { message: `Bad ${[...form.values()].join(' and ')}`, trackingId: 'ROUTER_1' }
    ]
    const { failure } = await setUp(echo)
    const { openUrl, pages } = browser()
    const error = await failure({ openUrl })
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(
      /^Webex does not accept the client secret or the authorization code: the service answered 400: Bad.*\[redacted\].*run setup again$/
    )
    expect(error.message).not.toContain('refresh token')
    const { status, html } = (await pages[0])!
    expect(status).toBe(400)
    expect(html).toContain('Webex does not accept the client secret or the authorization code')
    for (const secret of [CLIENT_SECRET, CODE]) expect(html).not.toContain(secret)
  })

  test.each<[string, Answer, unknown, RegExp]>([
    ['is down', [503, { message: 'Down' }], TemporaryError, /answered 503: Down, after 3 attempts/],
    ['resets', 'reset', TemporaryError, /after 3 attempts/],
    ['gives no access token', [200, { refresh_token: REFRESH_TOKEN }], FatalError, /^No access token/]
  ])('because Webex %s says so in the browser too', async (_, answer, kind, message) => {
    const { failure } = await setUp(answer)
    const { openUrl, pages } = browser()
    const error = await failure({ openUrl })
    expect(error).toBeInstanceOf(kind)
    expect(error.message).toMatch(message)
    expect(await pages[0]).toMatchObject({ status: 400, html: expect.stringContaining('Not authorised') })
    expect((await pages[0])?.html).not.toContain(REFRESH_TOKEN)
  })

  test('because the person declines asks for no token', async () => {
    const { failure, forms } = await setUp()
    const error = await failure(browser({ error: 'access_denied' }))
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(/^Webex did not authorise the integration: access_denied;/)
    expect(forms).toEqual([])
  })

  test('because nobody comes ends in time', async () => {
    const { failure } = await setUp()
    expect((await failure({ timeout: 50 })).message).toMatch(/^no response at/)
  })

  test('waits five minutes where nothing else is said', async () => {
    const { authorize, urls, stop } = await setUp()
    const timers = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => timers.mockRestore())
    const failing = expect(authorize({ timeout: undefined })).rejects.toThrow()
    while (urls.length === 0) await sleep(5)
    await sleep(5)
    stop.abort()
    await failing
    expect(timers.mock.calls.map(([, ms]) => ms)).toContain(300_000)
  })

  test('because it is aborted, ends at once', async () => {
    const { authorize, urls, stop } = await setUp()
    const failing = expect(authorize()).rejects.toThrow('Ctrl-C')
    while (urls.length === 0) await sleep(5)
    stop.abort(new Error('Ctrl-C'))
    await failing
  })

  test('because the port is taken shows no URL', async () => {
    const { authorize, urls, redirectUri } = await setUp()
    const other = createTcpServer().listen(Number(new URL(redirectUri).port), '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    await expect(authorize()).rejects.toThrow(ConfigurationError)
    expect(urls).toEqual([])
  })

  test('gives the port back, whatever happened', async () => {
    const { authorize, redirectUri } = await setUp([400, {}])
    for (let i = 0; i < 2; i += 1) await expect(authorize(browser())).rejects.toThrow(AuthenticationError)
    await expect(fetch(redirectUri)).rejects.toThrow()
  })
})
