import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { AuthenticationError, ConfigurationError, UsageError } from '../../src/errors.js'
import { CallbackServer } from '../../src/webex/callback-server.js'
import { freePort } from '../support/free-port.js'
import { until } from '../support/until.js'

const STATE = 'state-of-this-setup'
const unaborted = new AbortController().signal
const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((i) => i.address === '::1'))
const addresses = ['127.0.0.1', ...(hasIpv6 ? ['[::1]'] : [])]

async function occupy(host: string, port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer().listen({ host, port, ipv6Only: true })
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, server }
}

async function setUp(timeout = 20_000, signal = unaborted) {
  const port = await freePort()
  const server = await CallbackServer.listen(`http://localhost:${port}/callback`, STATE)
  onTestFinished(() => server.close())
  const callback = server.callback(timeout, signal)
  callback.catch(() => undefined)
  const get = (parameters: Record<string, string> | string, init?: RequestInit) =>
    fetch(`http://127.0.0.1:${port}/callback?${new URLSearchParams(parameters)}`, init)
  return { port, server, callback, get }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const server = createServer().listen({ host, port, ipv6Only: true })
  try {
    await once(server, 'listening')
    server.close()
    return true
  } catch {
    return false
  }
}

/** What comes back for these bytes. */
async function send(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(bytes)
  return text(socket)
}

describe('the callback', () => {
  test.each(['localhost', ...addresses])('is taken on %s', async (host) => {
    const { port, callback } = await setUp()
    const page = fetch(`http://${host}:${port}/callback?code=c%2B1%20x&state=${STATE}`)
    const { code, succeed } = await callback
    expect(code).toBe('c+1 x')
    await succeed()
    expect((await page).status).toBe(200)
  })

  test('has its page only when the caller knows how it ended, whole though the server closes at once', async () => {
    const { server, callback, get } = await setUp()
    let answered = false
    const page = get({ code: 'c', state: STATE }).then((response) => {
      answered = true
      return response
    })
    const { succeed } = await callback
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(answered).toBe(false)
    await succeed()
    await server.close()
    const response = await page
    const html = await response.text()
    expect(html).toMatch(/<h1>Authorised<\/h1>(.|\n)*<\/html>/)
    const style = /<style>(.*)<\/style>/s.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(style).digest('base64')
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining(`default-src 'none'; style-src 'sha256-${hash}';`),
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff'
    })
  })

  test('that fails afterwards has a page that says so, hostile text escaped', async () => {
    const { callback, get } = await setUp()
    const page = get({ code: 'c', state: STATE })
    const { fail } = await callback
    await fail(`<script>alert("1" + '2')</script> & more`)
    const html = await (await page).text()
    expect(html).toContain('<h1>Not authorised</h1>')
    expect(html).toContain(
      '&#60;script&#62;alert(&#34;1&#34; + &#39;2&#39;)&#60;/script&#62; &#38; more. You can close'
    )
    expect(html).not.toMatch(/<script|https?:|src=|href=/)
  })

  test('is taken once: the next one hears that it is over', async () => {
    const { callback, get } = await setUp()
    const page = get({ code: 'first', state: STATE })
    const { code, succeed } = await callback
    const second = await get({ code: 'second', state: STATE })
    expect(second.status).toBe(410)
    expect(await second.text()).toContain('Already completed')
    await succeed()
    expect((await page).status).toBe(200)
    expect((await get({ code: 'third', state: STATE })).status).toBe(410)
    expect(code).toBe('first')
  })

  test('of a browser that has gone settles too', async () => {
    const { callback, get } = await setUp()
    const leaving = new AbortController()
    get({ code: 'c', state: STATE }, { signal: leaving.signal }).catch(() => undefined)
    const { succeed } = await callback
    leaving.abort()
    await new Promise((resolve) => setTimeout(resolve, 50))
    await succeed()
  })

  test('may come before anybody waits for it', async () => {
    const port = await freePort()
    const server = await CallbackServer.listen(`http://localhost:${port}/callback`, STATE)
    onTestFinished(() => server.close())
    const refused = await fetch(`http://127.0.0.1:${port}/callback?error=access_denied&state=${STATE}`)
    expect(refused.status).toBe(400)
    await expect(server.callback(1_000, unaborted)).rejects.toThrow('access_denied')
  })
})

describe('what is not the callback is answered, and waiting goes on', () => {
  const code = 'c'
  test.each<[string, number, string, string, string?]>([
    ['another path', 404, '/', `code=c&state=${STATE}`],
    ['a longer path', 404, '/callback/', `code=c&state=${STATE}`],
    ['the icon', 404, '/favicon.ico', ''],
    ['no state', 400, '/callback', 'code=c'],
    ['an empty state', 400, '/callback', 'code=c&state='],
    ['another state', 400, '/callback', 'code=c&state=other'],
    ['the beginning of the state', 400, '/callback', `code=c&state=${STATE.slice(0, -1)}`],
    ['the state twice', 400, '/callback', `code=c&state=${STATE}&state=${STATE}`],
    ['an error with another state', 400, '/callback', 'error=access_denied&state=other'],
    ['neither code nor error', 400, '/callback', `state=${STATE}`],
    ['an empty code', 400, '/callback', `code=&state=${STATE}`],
    ['the code twice', 400, '/callback', `code=c&code=d&state=${STATE}`],
    ['code and error', 400, '/callback', `code=c&error=e&state=${STATE}`],
    ['broken escapes', 400, '/callback', 'code=%E0%A4%A&state=%'],
    ['HEAD', 405, '/callback', `code=c&state=${STATE}`, 'HEAD'],
    ['POST', 405, '/callback', `code=c&state=${STATE}`, 'POST'],
    ['DELETE', 405, '/callback', `code=c&state=${STATE}`, 'DELETE']
  ])('%s: %i', async (_, status, path, query, method = 'GET') => {
    const { port, callback, get } = await setUp()
    const body = method === 'POST' ? `code=c&state=${STATE}` : undefined
    const response = await fetch(`http://127.0.0.1:${port}${path}?${query}`, { method, body })
    expect(response.status).toBe(status)
    expect(response.headers.get('allow')).toBe(status === 405 ? 'GET' : null)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await response.text()
    expect(html).not.toContain(STATE)
    if (status === 400) expect(html).toContain('does not belong to the setup')
    const page = get({ code, state: STATE })
    const arrived = await callback
    expect(arrived.code).toBe(code)
    await arrived.succeed()
    await page
  })

  test.each([
    ['noise', '\u0000\u0001\u0002 not http\r\n\r\n', 400],
    ['a URL without end', `GET /callback?code=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
    ['a proxy request', `GET http://a/callback?code=c&state=${STATE} HTTP/1.1\r\nHost: a\r\n\r\n`, 404],
    ['no path', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['an upgrade', 'GET /callback HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', 400]
  ])('%s', async (_, bytes, status) => {
    const { port, callback, get } = await setUp()
    expect(await send(port, bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    const page = get({ code, state: STATE })
    await (await callback).succeed()
    expect((await page).status).toBe(200)
  })
})

describe('an error in place of the code', () => {
  test('ends the wait with the words of the service, in the terminal and in the browser', async () => {
    const { callback, get } = await setUp()
    const description = 'The user said “no”'
    const page = await get({ error: 'access_denied', error_description: description, state: STATE })
    await expect(callback).rejects.toThrow(AuthenticationError)
    await expect(callback).rejects.toThrow(
      /^Webex did not authorise the integration: access_denied: The user said “no”; run setup again/
    )
    expect(page.status).toBe(400)
    expect(await page.text()).toContain(`access_denied: ${description}. You can close`)
    expect((await get({ code: 'c', state: STATE })).status).toBe(410)
  })

  test('is one short line, whatever it holds', async () => {
    const { callback, get } = await setUp()
    const error_description = `a\r\nb\u001b[31m\u202e <img src=x>${'😀'.repeat(500)}`
    const page = await get({ error: 'server_error\u0007', error_description, state: STATE })
    const { message } = await callback.then(
      () => expect.unreachable(),
      (thrown: Error) => thrown
    )
    const reason = /integration: (.*); run setup again/.exec(message)?.[1] ?? ''
    expect(reason).toMatch(/^server_error : a b \[31m <img src=x>/)
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(reason.length).toBe(300)
    expect(reason.isWellFormed()).toBe(true)
    expect(await page.text()).not.toContain('<img')
  })
})

describe('waiting', () => {
  test('ends in time, names the remedy, and leaves nothing behind', async () => {
    const countOf = (kind: string) => process.getActiveResourcesInfo().filter((name) => name === kind).length
    const before = [countOf('Timeout'), countOf('TCPServerWrap')] as const
    const { port, server, callback } = await setUp(60)
    await expect(callback).rejects.toThrow(AuthenticationError)
    await expect(callback).rejects.toThrow(
      /^no response at http:\/\/localhost:\d+\/callback within 1 s: run setup again.*--grant device$/
    )
    await server.close()
    for (const address of addresses) expect(await isFree(port, address.replace(/[[\]]/g, ''))).toBe(true)
    await until(() => countOf('Timeout') <= before[0] && countOf('TCPServerWrap') <= before[1])
  })

  test('keeps no timer once the callback is there', async () => {
    const started = vi.spyOn(globalThis, 'setTimeout')
    const cleared = vi.spyOn(globalThis, 'clearTimeout')
    onTestFinished(() => void vi.restoreAllMocks())
    const { callback, get } = await setUp(600_000)
    const page = get({ code: 'c', state: STATE })
    await (await callback).succeed()
    await page
    const timer = started.mock.results[started.mock.calls.findIndex(([, ms]) => ms === 600_000)]?.value
    expect(timer).toBeDefined()
    expect(cleared).toHaveBeenCalledWith(timer)
  })

  test('ends when it is aborted, before or meanwhile', async () => {
    const stop = new AbortController()
    const { server, callback } = await setUp(20_000, stop.signal)
    stop.abort(new Error('Ctrl-C'))
    await expect(callback).rejects.toThrow('Ctrl-C')
    await expect(server.callback(20_000, stop.signal)).rejects.toThrow('Ctrl-C')
  })

  test('ends though somebody holds a connection open', async () => {
    const { port, server } = await setUp()
    const silent = connect(port, '127.0.0.1')
    silent.on('error', () => undefined)
    await once(silent, 'connect')
    const half = connect(port, '127.0.0.1')
    half.on('error', () => undefined)
    half.write('GET /callback?code=')
    await once(half, 'connect')
    await server.close()
    await server.close()
  })
})

describe('the redirect URI', () => {
  test.each(addresses.map((address) => address.replace(/[[\]]/g, '')))(
    'on a port that is taken on %s is refused, and neither address is kept',
    async (host) => {
      const { port } = await occupy(host)
      const failure = CallbackServer.listen(`http://localhost:${port}/oauth/back?x=1`, STATE)
      await expect(failure).rejects.toThrow(ConfigurationError)
      await expect(failure).rejects.toThrow(
        `port ${port} is in use by another program: free it, or register another redirect URI such as http://localhost:8080/oauth/back?x=1 and pass --redirect-uri`
      )
      for (const address of addresses) {
        const plain = address.replace(/[[\]]/g, '')
        if (plain !== host) expect(await isFree(port, plain)).toBe(true)
      }
    }
  )

  test.each([
    'https://localhost:8080/callback',
    'http://example.com:8080/callback',
    'http://127.0.0.2:8080/callback',
    'http://localhost.example.com/callback',
    'http://127.0.0.1.example.com/callback',
    'http://0.0.0.0:8080/callback',
    'http://user:secret-password@localhost:8080/callback',
    'http://localhost:8080/callback#here',
    'http://localhost:0/callback',
    'localhost:8080/callback',
    'javascript:alert(1)',
    ''
  ])('%j is refused', async (redirectUri) => {
    const failure = CallbackServer.listen(redirectUri, STATE)
    await expect(failure).rejects.toThrow(UsageError)
    await expect(failure).rejects.toThrow(
      /^--redirect-uri must point to this machine.*--grant device.*refresh token of a Service App$/
    )
  })

  test('may be another way to write this machine', async () => {
    const port = await freePort()
    const server = await CallbackServer.listen(`http://LOCALHOST:${port}`, STATE)
    onTestFinished(() => server.close())
    expect((await fetch(`http://127.0.0.1:${port}/?code=c`)).status).toBe(400)
  })
})
