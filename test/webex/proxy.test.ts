import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigurationError, TemporaryError } from '../../src/errors.js'
import { type Authority, createAuthority, type Identity } from '../support/authority.js'
import { authorityFile } from '../support/authority-file.js'
import { testHttp } from '../support/client.js'
import { type Reply, startConnectProxy } from '../support/connect-proxy.js'

const HOST = 'webexapis.com'
const URL_THERE = `https://${HOST}/v1/people`
let authority: Authority
let identity: Identity
let proxyIdentity: Identity

beforeAll(async () => {
  authority = await createAuthority('Example Corp')
  identity = await authority.sign(HOST)
  proxyIdentity = await authority.sign('127.0.0.1')
})
beforeEach(() => {
  for (const name of ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY', 'no_proxy', 'NO_PROXY']) {
    vi.stubEnv(name, undefined)
  }
  onTestFinished(() => void vi.unstubAllEnvs())
})

interface Options {
  timeout?: number
  tls?: boolean
  answer?: (response: ServerResponse) => void
  /** To be told where TLS is never reached: the list of all authorities takes a while to read. */
  trusts?: false
}

/** A service behind a proxy, and a client that trusts both. */
async function network(
  reply?: (count: number) => Reply,
  { tls, answer = (response) => response.end('{"items":[]}'), timeout = 5_000, trusts }: Options = {}
) {
  const service = createHttpsServer(identity, (_, response) => answer(response))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  const { port } = service.address() as AddressInfo
  const proxy = await startConnectProxy(port, reply, tls ? proxyIdentity : undefined)
  onTestFinished(async () => {
    await proxy.close()
    service.closeAllConnections()
    service.close()
  })
  const { http, lines } = testHttp({
    timeout,
    caFile: trusts === false ? undefined : authorityFile(authority)
  })
  return {
    proxy,
    lines,
    http,
    ask: (url = URL_THERE) => http.request({ url }),
    async fail(url = URL_THERE): Promise<Error> {
      return http.request({ url }).then(
        () => Promise.reject(new Error('an answer came')),
        (error) => error
      )
    }
  }
}

describe('the login of a proxy is sent decoded, as curl does', () => {
  test.each([
    ['user:p%40ss%3Aw%25rd', 'user:p@ss:w%rd'],
    ['CORP%5Cuser:secret', 'CORP\\user:secret'],
    ['j%C3%BCrgen:gr%C3%BC%C3%9Fe', 'jürgen:grüße'],
    ['jürgen:grüße', 'jürgen:grüße'],
    ['user:100%', 'user:100%'],
    ['user:50%zz', 'user:50%zz'],
    ['user', 'user:'],
    ['user:a b', undefined]
  ])('%s', async (written, sent) => {
    const { proxy, ask, fail } = await network()
    vi.stubEnv('HTTPS_PROXY', `http://${written}@127.0.0.1:${proxy.port}`)
    if (sent === undefined) {
      expect((await fail()).message).toMatch(/^HTTPS_PROXY is not a proxy URL: use http:/)
      return
    }
    expect((await ask()).status).toBe(200)
    expect(proxy.asked).toEqual([{ target: `${HOST}:443`, login: sent }])
  })
})

describe('which proxy', () => {
  test.each([
    ['HTTPS_PROXY', (port: number) => `127.0.0.1:${port}`],
    ['HTTPS_PROXY', (port: number) => `user:secret@127.0.0.1:${port}`],
    ['https_proxy', (port: number) => `HTTP://127.0.0.1:${port}/`],
    ['ALL_PROXY', (port: number) => ` http://127.0.0.1:${port} `],
    ['all_proxy', (port: number) => `localhost:${port}`]
  ])('%s', async (name, value) => {
    const { proxy, ask } = await network()
    vi.stubEnv(name, value(proxy.port))
    expect((await ask()).status).toBe(200)
    expect(proxy.asked).toHaveLength(1)
  })

  test('one that is spoken to by TLS itself', async () => {
    const { proxy, ask } = await network(undefined, { tls: true })
    vi.stubEnv('HTTPS_PROXY', `https://127.0.0.1:${proxy.port}`)
    expect((await ask()).status).toBe(200)
    expect(proxy.asked).toHaveLength(1)
  })

  test.each([
    'http://proxy.corp:notaport',
    'proxy.corp:notaport',
    'http://proxy corp:3128',
    'http://user:pa#ss@proxy.corp:3128',
    'http://user:1/2@proxy.corp:3128',
    'http://user:1?2@proxy.corp:3128',
    'http://user:gr%FC%DFe@proxy.corp:3128',
    'http://user:100%ab@proxy.corp:3128',
    'http://',
    ':3128'
  ])('%j is one line that names the variable, at once', async (value) => {
    const { fail, lines, http } = await network(undefined, { trusts: false })
    vi.stubEnv('HTTPS_PROXY', value)
    const error = await fail()
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toBe(
      'HTTPS_PROXY is not a proxy URL: use http://proxy.example.com:3128 or http://user:password@proxy.example.com:3128, with characters such as @ : / ? # % of user and password percent-encoded (@ is %40, ü is %C3%BC)'
    )
    expect(lines).toEqual([])
    expect(http.requests).toBe(1)
  })

  test('a SOCKS proxy is not supported', async () => {
    const { fail } = await network(undefined, { trusts: false })
    vi.stubEnv('all_proxy', 'socks5://127.0.0.1:1080')
    expect((await fail()).message).toMatch(
      /^all_proxy names a socks5 proxy, which is not supported: use http:/
    )
  })

  test.each([
    ['webexapis.com', 0],
    ['.webexapis.com,webexapis.com:443', 0],
    ['*', 0],
    ['example.com webexapis.com', 0],
    ['webexapis.com:8443', 1],
    ['other.com', 1],
    ['10.0.0.0/8', 1]
  ])('NO_PROXY=%s', async (value, through) => {
    const { proxy, http } = await network(() => 'hang up', { trusts: false })
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`)
    vi.stubEnv('NO_PROXY', value)
    await expect(http.request({ url: URL_THERE })).rejects.toThrow(
      through ? /the proxy 127/ : /ENOTFOUND|EAI_AGAIN/
    )
    expect(proxy.asked.length > 0).toBe(through === 1)
  })
})

const NEVER = /secret|scope|role|client id|WEBEX_API_URL/i

describe('a proxy that refuses is named, and not Webex', () => {
  const refusal = (status: string, headers = '') => ({
    raw: `HTTP/1.1 ${status}\r\n${headers}Content-Type: text/html\r\n\r\n<html>No</html>`
  })
  test.each<[string, Reply, string, RegExp]>([
    [
      '407 without a login',
      refusal('407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="p"\r\n'),
      '',
      /answered 407 Proxy Authentication Required and refuses to connect to webexapis\.com; it requires authentication: set HTTPS_PROXY=http:\/\/user:password@127\.0\.0\.1:\d+$/
    ],
    [
      '407 with another login',
      refusal(
        '407 Proxy Authentication Required',
        'Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: basic\r\n'
      ),
      'ann:pw-in-a-url@',
      /; it does not accept the user and password in HTTPS_PROXY: check them; special characters must be percent-encoded$/
    ],
    [
      '407 with others in the same header',
      refusal('407 Nope', 'Proxy-Authenticate: Negotiate, Basic realm="a, b", charset = "UTF-8"\r\n'),
      'ann:pw-in-a-url@',
      /; it does not accept the user and password in HTTPS_PROXY/
    ],
    [
      '407 that takes NTLM in a realm called Basic',
      refusal('407 Nope', 'Proxy-Authenticate: NTLM realm="x, Basic", Digest realm="Basic"\r\n'),
      '',
      /; it accepts only NTLM, Digest authentication, and this program supports only Basic/
    ],
    [
      '407 that takes NTLM only',
      refusal('407 Nope', 'Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM\r\n'),
      'ann:pw-in-a-url@',
      /; it accepts only Negotiate, NTLM authentication, and this program supports only Basic: have the proxy allow webexapis\.com without authentication, or point HTTPS_PROXY to a local proxy that authenticates \(Px, Cntlm\)$/
    ],
    [
      '403',
      refusal('403 Forbidden'),
      '',
      /answered 403 Forbidden and refuses to connect to webexapis\.com; have the proxy allow webexapis\.com \(docs\/SECURITY\.md lists all hosts\), or check HTTPS_PROXY$/
    ],
    [
      '403 that repeats the login',
      refusal(`403 Not for pw-in-a-url, ${Buffer.from('ann:pw-in-a-url').toString('base64')}`),
      'ann:pw-in-a-url@',
      /answered 403 Not for \[redacted\], \[redacted\] and refuses to connect/
    ],
    ['404', refusal('404 Not Found'), '', /answered 404 Not Found/],
    [
      'what is no HTTP',
      { raw: 'SSH-2.0-OpenSSH_9.6\r\n\r\n' },
      '',
      /did not answer in HTTP; check its address in HTTPS_PROXY$/
    ]
  ])('%s: once', async (_, reply, login, message) => {
    const { proxy, fail, lines } = await network(() => reply, { trusts: false })
    vi.stubEnv('HTTPS_PROXY', `http://${login}127.0.0.1:${proxy.port}`)
    const error = await fail()
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(
      /^GET https:\/\/webexapis\.com\/v1\/people: the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) /
    )
    expect(error.message).not.toMatch(NEVER)
    expect(error.message).not.toContain('pw-in-a-url')
    expect(proxy.asked).toHaveLength(1)
    expect(lines).toEqual([])
  })

  test.each<[string, Reply, RegExp]>([
    ['503', refusal('503 Service Unavailable'), /answered 503 Service Unavailable and refuses to connect to/],
    [
      'no answer',
      'silence',
      /: no response from the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) to CONNECT within 1 s, after 3 attempts/
    ],
    ['the end of the connection', 'hang up', /the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) cannot be used: /],
    [
      'nothing after 200',
      'open and silence',
      /: no complete response through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) within 1 s, after 3 attempts/
    ],
    [
      'the end after 200',
      'open and hang up',
      / through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\), after 3 attempts/
    ]
  ])('%s: three attempts', async (_, reply, message) => {
    const { proxy, fail } = await network(
      () => reply,
      String(reply).endsWith('silence') ? { timeout: 1_000 } : {}
    )
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`)
    const error = await fail()
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(message)
    expect(error.message).not.toMatch(NEVER)
    expect(proxy.asked).toHaveLength(3)
  })

  test('one that fails for a moment is tried again', async () => {
    const { proxy, ask } = await network((count) => (count === 0 ? 'hang up' : 'tunnel'))
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`)
    expect((await ask()).status).toBe(200)
    expect(proxy.asked).toHaveLength(2)
  })

  test('https:// for one that does not use TLS is one line that says so', async () => {
    const { proxy, fail } = await network()
    vi.stubEnv('HTTPS_PROXY', `https://127.0.0.1:${proxy.port}`)
    const error = await fail()
    expect(error).toBeInstanceOf(ConfigurationError)
    expect(error.message).toMatch(
      /: the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) does not use TLS; use http:\/\/ in HTTPS_PROXY$/
    )
  })

  test('nobody listens there', async () => {
    const { fail } = await network(undefined, { trusts: false })
    vi.stubEnv('HTTPS_PROXY', 'http://127.0.0.1:9')
    expect((await fail()).message).toMatch(
      /: the proxy 127\.0\.0\.1:9 \(HTTPS_PROXY\) cannot be used: connect ECONNREFUSED 127\.0\.0\.1:9, after 3 attempts/
    )
  })
})

describe('a firewall’s answer in place of Webex’s', () => {
  const PAGE = '<!DOCTYPE html><html><body>Blocked</body></html>'
  test.each([
    [403, PAGE, true],
    [407, 'x', true],
    [403, '{"message":"No"}', false]
  ])('%i %s', async (status, body, isForeign) => {
    const { ask, proxy } = await network(undefined, {
      answer: (response) => response.writeHead(status, { 'content-type': 'text/html' }).end(body)
    })
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`)
    if (!isForeign) expect(await ask()).toMatchObject({ status, told: 'No' })
    else {
      await expect(ask()).rejects.toThrow(
        `GET ${URL_THERE}: a ${status} response that is not from Webex: a proxy or firewall blocks the request; have it allow ${HOST} (docs/SECURITY.md lists all hosts)`
      )
    }
  })

  test('a page with 200 is told as one', async () => {
    const { fail, proxy } = await network(undefined, { answer: (response) => response.end(PAGE) })
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${proxy.port}`)
    expect((await fail()).message).toContain('a web page instead of JSON, probably from a proxy or firewall')
  })
})
