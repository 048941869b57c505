import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { CdrError, FatalError, TemporaryError } from '../../src/errors.js'
import { Http } from '../../src/webex/http.js'
import { type ClientOptions, pagesOf, type ReadPage, readPage, testClient } from '../support/client.js'
import {
  ACCESS_TOKEN,
  type HostileServer,
  type Hostility,
  sendJson,
  sendRaw,
  startHostileServer
} from '../support/hostile-server.js'

const window = { start: Date.UTC(2026, 10, 23), end: Date.UTC(2026, 10, 23, 12) }
const ITEM = { 'Report ID': 'a' }

const running: HostileServer[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function serve(hostility: Hostility): Promise<HostileServer> {
  const server = await startHostileServer(hostility)
  running.push(server)
  return server
}

/** What a window brings before it ends, and the error that ends it: one line, no secret, not long. */
async function readWindow(server: HostileServer, options: ClientOptions = {}) {
  const client = testClient(server.url, options)
  const pages: ReadPage[] = []
  const error: unknown = await (async () => {
    for await (const page of client.feed.pages({ locations: [], ...window })) pages.push(readPage(page))
  })().catch((thrown) => thrown)
  if (error !== undefined) {
    expect(error).toBeInstanceOf(CdrError)
    const { message } = error as Error
    expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(message.length).toBeLessThan(1_000)
    expect(pages.filter(({ last }) => last)).toEqual([])
  }
  for (const told of [String(error), ...client.lines]) expect(told).not.toContain(ACCESS_TOKEN)
  for (const line of client.lines) expect(line.trim()).not.toMatch(/\p{Cc}/u)
  return { ...client, pages, error: error as CdrError }
}

const next = (server: () => HostileServer, query: string) => ({
  link: `<${server().url}/cdr_feed?${query}>; rel="next"`
})

describe('an answer that is no page', () => {
  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    [
      'headers of 100 KB',
      (response) => sendJson(response, 200, {}, { x: 'x'.repeat(100_000) }),
      /Header overflow/
    ],
    ['no headers: the connection is closed', (response) => response.socket?.end(), /socket hang up/],
    ['garbage', (response) => sendRaw(response, 'SSH-2.0-OpenSSH_9.6\r\n'), /Parse Error/],
    [
      'a body that ends before its length',
      (response) => sendRaw(response, 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"items":[]}'),
      /aborted|cut off/
    ],
    [
      'a chunk that is none',
      (response) =>
        sendRaw(response, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"items":[]}'),
      /Parse Error|aborted/
    ],
    [
      'gzip that is none',
      (response) => sendJson(response, 200, {}, { 'content-encoding': 'gzip' }),
      /header check/
    ],
    ['a status of 600', (response) => sendRaw(response, 'HTTP/1.1 600 Odd\r\n\r\n'), /answered 600/],
    ['HTML', (response) => response.end('<html>Sign in</html>'), /a web page instead of JSON/],
    [
      'an endless 103',
      (response) => sendRaw(response, 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(50)),
      /hang up|reset/i
    ]
  ])('%s: tried three times, then left to the next run', async (_, hostility, message) => {
    const server = await serve(hostility)
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(message)
    expect(error.message).toMatch(/after 3 attempts; the next run tries again$/)
    expect(server.asked).toHaveLength(3)
    expect(pages).toEqual([])
  })

  test.each([
    ['a JSON array', [ITEM]],
    ['items that are text', { items: 'x' }],
    ['items as an object', { items: { 0: ITEM } }],
    ['items of another name', { records: [ITEM] }],
    ['items of null beside a message', { items: null, message: 'Try later' }]
  ])('%s is no empty window', async (_, body) => {
    const { error, pages } = await readWindow(await serve((response) => sendJson(response, 200, body)))
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(/without a list of items; the next run tries again$/)
    expect(pages).toEqual([])
  })

  test.each([201, 202, 206, 300, 418])('%i with a page is not taken for one', async (status) => {
    const { error, pages } = await readWindow(
      await serve((response) => sendJson(response, status, { items: [ITEM] }))
    )
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toContain(`answered ${status}`)
    expect(pages).toEqual([])
  })

  test.each([
    [500, TemporaryError, /answered 500.*after 3 attempts/],
    [400, FatalError, /answered 400/]
  ])(
    '%i with a body nested deeper than the stack goes is told by its status',
    async (status, type, message) => {
      const deep = `{"message":"Deep","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
      const server = await serve((response) => {
        response.statusCode = status
        response.end(deep)
      })
      const { error } = await readWindow(server)
      expect(error).toBeInstanceOf(type)
      expect(error.message).toMatch(message)
      expect(error.message).toContain('Deep')
    }
  )

  test.each([200, 404, 400, 503])(
    '%i that repeats our token does not bring it into an error or a log',
    async (status) => {
      const body = { message: `no session for ${ACCESS_TOKEN} here`, trackingId: `T_${ACCESS_TOKEN}` }
      const server = await serve((response) =>
        sendJson(response, status, body, { trackingid: `T_${ACCESS_TOKEN}` })
      )
      const { error } = await readWindow(server)
      expect(error.message).toMatch(/no session for \[redacted\] here \(Trackingid T_\[redacted\]\)/)
    }
  )
})

describe('size and time', () => {
  test('a gzip bomb is given up at the same size as a plain body', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024), { level: 1 })
    expect(bomb.length).toBeLessThan(1024 * 1024)
    const server = await serve((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(bomb)
    })
    const { error } = await readWindow(server, { timeout: 30_000 })
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(/a response of more than 64 MB.*after 3 attempts/)
  })

  test('a body that drips is given up when the time of the attempt is over', async () => {
    const server = await serve((response) => {
      response.write('{"items":[')
      const dripping = setInterval(() => response.write(' '), 10)
      response.on('close', () => clearInterval(dripping))
    })
    const { error } = await readWindow(server, { timeout: 150 })
    expect(error).toBeInstanceOf(TemporaryError)
    expect(error.message).toMatch(/no complete response within 1 s, after 3 attempts/)
  })

  test.each([
    ['a week', '604800', TemporaryError, []],
    ['more digits than a number has', '9'.repeat(400), undefined, [60_000]],
    ['a fraction of a second', '0.0001', undefined, [1_000]],
    ['a fraction', '1.5', undefined, [1_500]],
    ['below zero', '-1e9', undefined, [60_000]],
    ['an exponent', '1e9', undefined, [60_000]],
    ['a date long past', 'Thu, 01 Jan 1970 00:00:00 GMT', undefined, [1_000]],
    ['a date in a thousand years', 'Thu, 01 Jan 3026 00:00:00 GMT', TemporaryError, []],
    ['a date that does not exist', 'Thu, 99 Foo 2026 99:99:99 GMT', undefined, [60_000]]
  ])('a Retry-After of %s', async (_, value, failure, sleeps) => {
    const server = await serve((response, count) =>
      count === 0
        ? sendJson(response, 429, {}, { 'retry-after': value })
        : sendJson(response, 200, { items: [] })
    )
    const read = await readWindow(server, { present: window.end })
    expect(read.sleeps).toEqual(sleeps)
    if (failure) expect(read.error).toBeInstanceOf(failure)
    else expect(read.pages).toEqual([{ items: [], last: true }])
  })
})

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])(
    'of status %i is not followed, and its target is told',
    async (status) => {
      const elsewhere = await serve((response) => sendJson(response, 200, { items: [ITEM] }))
      const target = `${elsewhere.url.replace('127.0.0.1', 'localhost')}/login`
      const server = await serve((response) =>
        sendJson(response, status, {}, { location: `${target}?state=s` })
      )
      const { error, pages } = await readWindow(server)
      expect(error).toBeInstanceOf(FatalError)
      expect(error.message).toContain(`answered ${status}, a redirect to ${target} that is not followed`)
      expect(error.message).not.toContain('state=s')
      expect(elsewhere.asked).toEqual([])
      expect(pages).toEqual([])
    }
  )

  test('that repeats our token and holds control characters shows neither', async () => {
    const location = `https://example.com/${ACCESS_TOKEN}\u009b31m/${'x'.repeat(5_000)}`
    const { error } = await readWindow(
      await serve((response) => sendRaw(response, `HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`))
    )
    expect(error.message).toContain('a redirect to https://example.com/[redacted] 31m/')
  })

  test('of the token endpoint is told with its remedy', async () => {
    const server = await serve((response) =>
      sendJson(response, 302, {}, { location: 'https://proxy.example.com/' })
    )
    const { feed } = testClient(server.url, { apiUrl: `${server.url}/moved` })
    await expect(pagesOf(feed, window)).rejects.toThrow(
      /No access token from WEBEX_API_URL: .*a redirect to https:\/\/proxy\.example\.com\/.*; is a proxy asking to sign in\? If not, check that it is/
    )
  })
})

describe('links', () => {
  test.each([
    ['to a host of another name', () => 'https://example.com/v1/cdr_feed?page=2'],
    ['to a host without a scheme', () => '//example.com/v1/cdr_feed?page=2'],
    ['with a user name', (url: string) => `${url.replace('http://', 'http://user:pass@')}/cdr_feed?page=2`],
    ['with the real host as user name', (url: string) => `${url.replace('/v1', '')}@example.com/v1`],
    ['with backslashes', () => 'http:\\\\example.com\\v1\\cdr_feed'],
    ['to a file', () => 'file:///etc/passwd'],
    ['to data', () => 'data:application/json,{"items":[]}'],
    ['to another protocol here', (url: string) => `${url.replace('http', 'ftp')}/cdr_feed`],
    ['to no URL', () => 'http://[::1/']
  ])('%s are not followed, and the window does not end as complete', async (_, link) => {
    const server: HostileServer = await serve((response) =>
      sendJson(response, 200, { items: [ITEM] }, { link: `<${link(server.url)}>; rel="next"` })
    )
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(
      /not a known Webex host, so the token was not sent there; .*set WEBEX_ANALYTICS_URL/
    )
    expect(server.asked).toHaveLength(1)
    expect(pages).toEqual([{ items: [ITEM], last: false }])
  })

  test('that cannot be read do not end the window as complete', async () => {
    const server = await serve((response) =>
      sendJson(response, 200, { items: [] }, { link: '<http://a;rel="next">' })
    )
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/malformed.*the next run tries again/)
    expect(pages).toEqual([])
  })

  test.each([
    ['A to A', ['a', 'a'], 2],
    ['A to B to A', ['a', 'b', 'a'], 3]
  ])('that go from %s end in an error', async (_, cursors, requests) => {
    const server: HostileServer = await serve((response, count) =>
      sendJson(
        response,
        200,
        { items: [ITEM] },
        next(() => server, `cursor=${cursors[count]}`)
      )
    )
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/repeats its page links.*the next run tries again/)
    expect(server.asked).toHaveLength(requests)
    expect(pages).toHaveLength(requests)
  })

  test('without end are not followed without end', async () => {
    const server = await serve(() => {})
    const { feed, http } = testClient(server.url)
    const request = Http.prototype.request
    let count = 0
    // Ten thousand answers over the wire would take a minute.
    http.request = async (config) => {
      if (config.method === 'POST') return request.call(http, config)
      count += 1
      const link = `<${server.url}/cdr_feed?cursor=${count}>; rel="next"`
      return {
        status: 200,
        body: { items: [] },
        message: '',
        told: '',
        location: undefined,
        link,
        retryAfter: undefined,
        trackingId: undefined
      }
    }
    await expect(pagesOf(feed, window)).rejects.toThrow(FatalError)
    expect(count).toBe(10_000)
  })

  test('bring no control characters and no long text into an error', async () => {
    const server: HostileServer = await serve((response, count) => {
      if (count > 0) return void sendJson(response, 503, {})
      const link = `<${server.url}/\u009b31m${'x'.repeat(5_000)}/${ACCESS_TOKEN}>; rel="next"`
      sendRaw(response, `HTTP/1.1 200 OK\r\nLink: ${link}\r\n\r\n{"items":[]}`)
    })
    const { error } = await readWindow(server)
    expect(error.message).toMatch(/^GET .*\/v1\/ 31mxxx.*answered 503/)
  })

  test.each([
    ['204', (response: ServerResponse) => void response.writeHead(204).end()],
    ['a redirect', (response: ServerResponse) => sendJson(response, 302, {}, { location: '/v1/cdr_feed' })],
    ['404', (response: ServerResponse) => sendJson(response, 404, {})],
    ['451', (response: ServerResponse) => sendJson(response, 451, { message: 'Please use 127.0.0.2' })]
  ])('to a page that is %s do not end the window as complete', async (_, hostility) => {
    const server: HostileServer = await serve((response, count) =>
      count > 0
        ? hostility(response)
        : sendJson(
            response,
            200,
            { items: [ITEM] },
            next(() => server, 'page=2')
          )
    )
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(FatalError)
    expect(pages).toEqual([{ items: [ITEM], last: false }])
  })
})

describe('451', () => {
  test.each([
    ['its own host', (host: string) => host],
    ['its own URL', (host: string) => `URL: http://${host}/v1`],
    ['no host', () => 'Wrong region'],
    ['a host with a user name', (host: string) => `http://user:pass@${host}`],
    ['a thousand hosts', () => Array.from({ length: 1_000 }, (_, n) => `h${n}.example.com`).join(' ')]
  ])('that names %s ends the run after one request, with the remedy', async (_, wording) => {
    const server: HostileServer = await serve((response) =>
      sendJson(response, 451, { message: wording(new URL(server.url).host) })
    )
    const { error, pages } = await readWindow(server)
    expect(error).toBeInstanceOf(FatalError)
    expect(error.message).toMatch(/answered 451.*names no known Webex host: set WEBEX_ANALYTICS_URL/)
    expect(server.asked).toHaveLength(1)
    expect(pages).toEqual([])
  })
})
