import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sleep } from '../../src/clock.js'
import { AuthenticationError, FatalError, TemporaryError } from '../../src/errors.js'
import { DEMO_CREDENTIALS, startSimulator } from '../../src/simulator/index.js'
import { authorizeDevice, type DeviceCode } from '../../src/webex/device-grant.js'
import { Http } from '../../src/webex/http.js'
import { memoryLog } from '../support/log.js'
import { until } from '../support/until.js'

const CLIENT_SECRET = 'client-secret-to-recognise'
const DEVICE_CODE = 'device-code-to-recognise'
const ACCESS_TOKEN = 'access-token-to-recognise'
const REFRESH_TOKEN = 'refresh-token-to-recognise'
const BASIC = Buffer.from(`the-client:${CLIENT_SECRET}`).toString('base64')

type Answer = [status: number, body: unknown, headers?: Record<string, string>] | 'reset'

/** The example of developer.webex.com, “Login with Webex”, with codes of our own. */
const device = {
  device_code: DEVICE_CODE,
  expires_in: 300,
  user_code: 'a1b2c3',
  verification_uri: 'https://login.webex.example/verify',
  verification_uri_complete: 'https://oauth-helper.example/helperservice?userCode=a1b2c3',
  interval: 2
}
const tokens: Answer = [
  200,
  {
    scope: 'spark-admin:calling_cdr_read',
    access_token: ACCESS_TOKEN,
    expires_in: 64_799,
    token_type: 'Bearer',
    refresh_token: REFRESH_TOKEN,
    refresh_token_expires_in: 7_697_037
  }
]
const pending: Answer = [428, { message: 'Precondition', errors: [{ description: 'authorization_pending' }] }]

/** A service that gives these answers to polls, the last one again and again. */
async function setUp(polls: Answer[], first: Answer = [200, device]) {
  const requests: { request: IncomingMessage; form: Record<string, string> }[] = []
  const server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    requests.push({ request, form })
    const isPoll = request.url?.endsWith('/device/token')
    const answer = isPoll ? polls[Math.min(requests.length - 2, polls.length - 1)]! : first
    if (answer === 'reset') return request.socket.destroy()
    const [status, body, headers] = answer
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
    return
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { log, lines } = memoryLog()
  const sleeps: number[] = []
  const clock = { now: 0 }
  const now = () => clock.now
  const pass = async (ms: number, signal?: AbortSignal) => {
    signal?.throwIfAborted()
    sleeps.push(ms)
    clock.now += ms
  }
  const stop = new AbortController()
  const codes: DeviceCode[] = []
  const authorize = () =>
    authorizeDevice({
      http: new Http({ timeout: 5_000, retryDelay: 2, log, now, sleep: pass, signal: stop.signal }),
      apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      clientId: 'the-client',
      clientSecret: CLIENT_SECRET,
      scopes: ['spark-admin:calling_cdr_read', 'spark:people_read'],
      onCode: (code) => void codes.push(code),
      sleep: pass,
      now,
      signal: stop.signal
    })
  /** What ended it, shown to hold no secret, nor any line of the log. */
  const failure = async (): Promise<Error> => {
    const error = await authorize().then(
      () => expect.unreachable('it succeeded'),
      (thrown: Error) => thrown
    )
    log.error(error)
    const told = lines.join('\n') + JSON.stringify(error, Object.getOwnPropertyNames(error))
    for (const secret of [CLIENT_SECRET, DEVICE_CODE, BASIC, ACCESS_TOKEN, REFRESH_TOKEN]) {
      expect(told).not.toContain(secret)
    }
    expect(error.message).not.toMatch(/[\p{Cc}]/u)
    return error
  }
  return { requests, sleeps, codes, lines, clock, stop, authorize, failure }
}

describe('the device grant', () => {
  test('shows the code, polls at the given interval and brings the tokens', async () => {
    const { authorize, requests, sleeps, codes, lines } = await setUp([pending, pending, tokens])
    expect(await authorize()).toEqual({
      accessToken: ACCESS_TOKEN,
      refreshToken: REFRESH_TOKEN,
      refreshTokenExpiresIn: 7_697_037,
      scope: 'spark-admin:calling_cdr_read'
    })
    expect(codes).toEqual([
      {
        userCode: 'a1b2c3',
        verificationUri: device.verification_uri,
        expiresIn: 300
      }
    ])
    expect(sleeps).toEqual([2_000, 2_000, 2_000])
    expect(requests.map(({ request }) => `${request.method} ${request.url}`)).toEqual([
      'POST /v1/device/authorize',
      ...Array(3).fill('POST /v1/device/token')
    ])
    expect(requests[0]?.form).toEqual({
      client_id: 'the-client',
      scope: 'spark-admin:calling_cdr_read spark:people_read'
    })
    expect(requests[0]?.request.headers.authorization).toBeUndefined()
    expect(requests[1]?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: DEVICE_CODE,
      client_id: 'the-client'
    })
    expect(requests[1]?.request.headers).toMatchObject({
      authorization: `Basic ${BASIC}`,
      'content-type': expect.stringContaining('application/x-www-form-urlencoded')
    })
    for (const secret of [CLIENT_SECRET, DEVICE_CODE, BASIC, ACCESS_TOKEN, REFRESH_TOKEN]) {
      expect(lines.join('\n')).not.toContain(secret)
    }
  })

  test.each([undefined, null, 0, -1, '2', Number.MAX_VALUE])(
    'polls every 5 s where the interval is %j, and never sleeps past the end',
    async (interval) => {
      const { authorize, sleeps } = await setUp([pending, tokens], [200, { ...device, interval }])
      if (interval === Number.MAX_VALUE) {
        await expect(authorize()).rejects.toThrow(AuthenticationError)
        expect(sleeps).toEqual([300_000])
      } else {
        await authorize()
        expect(sleeps).toEqual([5_000, 5_000])
      }
    }
  )

  test.each<[string, Answer]>([
    ['RFC 8628', [400, { error: 'slow_down' }]],
    ['errors[].description', [400, { errors: [{ description: 'Slow_Down' }], message: 'Bad request' }]],
    ['message', [400, { message: 'SLOW DOWN, please' }]],
    ['428', [428, { errors: [{ description: 'slow_down' }] }]]
  ])('slows down by 5 s, and stays so (%s)', async (_, slower) => {
    const { authorize, sleeps } = await setUp([slower, pending, slower, tokens])
    await authorize()
    expect(sleeps).toEqual([2_000, 7_000, 7_000, 12_000])
  })

  test.each<[string, Answer]>([
    ['RFC 8628', [400, { error: 'authorization_pending' }]],
    ['no body', [428, '']],
    ['a body that is no JSON', [428, '<html>Precondition required</html>']]
  ])('goes on polling while it is pending (%s)', async (_, waiting) => {
    const { authorize } = await setUp([waiting, waiting, tokens])
    expect((await authorize()).accessToken).toBe(ACCESS_TOKEN)
  })

  test('goes on after 5xx, resets and rate limits', async () => {
    const down: Answer[] = Array(3).fill([503, 'down'])
    const { authorize, sleeps } = await setUp([
      ...down,
      ...(Array(3).fill('reset') as Answer[]),
      [429, '', { 'Retry-After': '7' }],
      tokens
    ])
    expect((await authorize()).refreshToken).toBe(REFRESH_TOKEN)
    expect(sleeps).toEqual([2_000, 2_000, 2_000, 7_000])
  })
})

describe('ends with “authorise again”', () => {
  test('when the code runs out by the clock', async () => {
    const { failure, sleeps, requests } = await setUp([pending])
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toBe(
      'nobody accepted within 5 minutes, after which the code expires: run setup again'
    )
    expect(sleeps).toHaveLength(150)
    expect(requests).toHaveLength(150)
  })

  test('when it runs out while Webex does not answer, and says so', async () => {
    const { failure, sleeps } = await setUp(
      [[503, 'down']],
      [200, { ...device, expires_in: 60, interval: 25 }]
    )
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(/within 1 minute, .*; the last request failed: POST .*answered 503: down/)
    expect(sleeps).toEqual([25_000, 25_000, 10_000])
  })

  test.each<[string, Answer]>([
    ['RFC 8628', [400, { error: 'expired_token' }]],
    ['errors[].description', [400, { errors: [{}, { description: 'The device code has EXPIRED' }] }]],
    ['message', [400, { message: 'Expired token' }]]
  ])('when the service says that it has expired (%s)', async (_, answer) => {
    const { failure } = await setUp([pending, answer])
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(/^nobody accepted within 5 minutes, .*: run setup again$/)
  })

  test.each<[string, Answer]>([
    ['RFC 8628', [400, { error: 'access_denied' }]],
    ['errors[].description', [400, { errors: [{ description: 'Access_Denied' }] }]],
    ['message', [400, { message: 'The user DECLINED it' }]]
  ])('when the person declines (%s)', async (_, answer) => {
    const { failure, sleeps } = await setUp([pending, answer])
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toBe('the authorisation was declined: run setup again and accept it')
    expect(sleeps).toHaveLength(2)
  })

  test.each<[string, Answer]>([
    ['the secret is wrong', [401, { message: `no ${CLIENT_SECRET}, Basic ${BASIC}` }]],
    ['the code is unknown', [400, { errors: [{ description: `invalid_grant ${DEVICE_CODE}` }] }]],
    ['it is forbidden', [403, 'Forbidden']]
  ])('when %s', async (_, answer) => {
    const { failure } = await setUp([answer])
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(
      /^Webex does not accept the client ID, client secret or device code: the service answered 40.*run setup again$/
    )
  })

  test('when no code is given, and names the redirect URIs that the grant needs', async () => {
    const { failure, codes } = await setUp([], [400, { errors: [{ description: 'Client Id is invalid' }] }])
    const error = await failure()
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error.message).toMatch(
      /^Webex issued no device code.*answered 400: Client Id is invalid;.*oauth-helper-\{a,r,k,d\}/
    )
    expect(codes).toEqual([])
  })
})

describe('answers that are none', () => {
  const { device_code, user_code, verification_uri, expires_in, ...rest } = device
  test.each<[string, Answer]>([
    ['404', [404, 'Not found']],
    ['a list', [200, []]],
    ['no device code', [200, { user_code, verification_uri, expires_in, ...rest }]],
    ['no user code', [200, { device_code, verification_uri, expires_in, ...rest }]],
    ['a user code for the terminal', [200, { ...device, user_code: 'a\u001b[2J' }]],
    ['no address', [200, { device_code, user_code, expires_in, ...rest }]],
    ['a script for an address', [200, { ...device, verification_uri: 'javascript:alert(1)' }]],
    ['a file for an address', [200, { ...device, verification_uri: 'file:///etc/passwd' }]],
    ['http for an address', [200, { ...device, verification_uri: 'http://login.webex.example/' }]],
    ['no end', [200, { device_code, user_code, verification_uri, ...rest }]],
    ['an end too far', [200, { ...device, expires_in: 1e12 }]]
  ])('to the request for a code: %s', async (_, answer) => {
    const { failure, codes } = await setUp([], answer)
    const error = await failure()
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/^No device code from WEBEX_API_URL/)
    expect(codes).toEqual([])
  })

  test('an address is shown as a URL writes it, one with the code only if it is good', async () => {
    const { authorize, codes } = await setUp(
      [tokens],
      [
        200,
        {
          ...device,
          verification_uri: 'https://login.webex.example/\u001b[2Jü'
        }
      ]
    )
    await authorize()
    expect(codes[0]).toMatchObject({ verificationUri: 'https://login.webex.example/%1B[2J%C3%BC' })
  })

  test.each<[string, Answer]>([
    ['a token that is no text', [200, { access_token: 5, refresh_token: REFRESH_TOKEN }]],
    ['a token with a line break', [200, { access_token: 'a\nb', refresh_token: REFRESH_TOKEN }]],
    ['404', [404, { message: 'Not here' }]]
  ])('to a poll: %s', async (_, answer) => {
    const { failure } = await setUp([answer])
    const error = await failure()
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/^No access token from WEBEX_API_URL/)
  })

  test('what is not as it should be beside the access token is left out', async () => {
    const body = {
      access_token: ACCESS_TOKEN,
      refresh_token: '',
      refresh_token_expires_in: '9',
      scope: 'a\nb'
    }
    const { authorize } = await setUp([[200, body]])
    expect(await authorize()).toEqual({ accessToken: ACCESS_TOKEN })
  })
})

describe('when it is aborted', () => {
  test('during a wait, it ends', async () => {
    const { authorize, stop, codes } = await setUp([pending])
    const failing = expect(authorize()).rejects.toThrow('Ctrl-C')
    while (codes.length === 0) await new Promise(setImmediate)
    stop.abort(new Error('Ctrl-C'))
    await failing
  })

  test('during a poll, it ends then and not when the code runs out', async () => {
    const { authorize, stop, clock } = await setUp([pending])
    const failing = expect(authorize()).rejects.toThrow('Ctrl-C')
    while (clock.now < 2_000) await new Promise(setImmediate)
    stop.abort(new Error('Ctrl-C'))
    await failing
    expect(clock.now).toBeLessThan(10_000)
  })

  test('before there is a code, it ends', async () => {
    const { authorize, stop } = await setUp([pending])
    stop.abort()
    await expect(authorize()).rejects.toThrow(TemporaryError)
  })
})

describe('with the simulator, by a real clock', () => {
  async function simulated(accept: boolean) {
    const sim = await startSimulator({ records: [], deviceInterval: 0.05 })
    onTestFinished(() => sim.close())
    const { log, lines } = memoryLog()
    const { signal } = new AbortController()
    const pollsOf = (status: number) =>
      sim.requests.filter((request) => request.path === '/v1/device/token' && request.status === status)
    const onCode = async ({ userCode, verificationUri }: DeviceCode) => {
      expect((await fetch(verificationUri)).status).toBe(200)
      await until(() => pollsOf(428).length > 1)
      sim.decideDevice(userCode, accept)
    }
    const answer = authorizeDevice({
      http: new Http({ timeout: 5_000, retryDelay: 2, log, now: Date.now, sleep, signal }),
      apiUrl: sim.url,
      clientId: DEMO_CREDENTIALS.clientId,
      clientSecret: DEMO_CREDENTIALS.clientSecret,
      scopes: ['spark-admin:calling_cdr_read'],
      onCode: (code) => void onCode(code),
      sleep,
      now: Date.now,
      signal
    })
    return { sim, lines, answer }
  }

  test('who accepts gives tokens', async () => {
    const { sim, lines, answer } = await simulated(true)
    expect(await answer).toEqual({
      accessToken: expect.stringMatching(/^access-/),
      refreshToken: sim.currentRefreshToken(),
      refreshTokenExpiresIn: 7_775_999,
      scope: 'spark-admin:calling_cdr_read'
    })
    expect(lines.join('\n')).not.toContain(DEMO_CREDENTIALS.clientSecret)
  })

  test('who declines ends it', async () => {
    const { answer } = await simulated(false)
    await expect(answer).rejects.toThrow('the authorisation was declined')
  })
})
