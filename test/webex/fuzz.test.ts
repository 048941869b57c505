import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FatalError } from '../../src/errors.js'
import { mayReceiveToken } from '../../src/webex/hosts.js'
import { nextLink } from '../../src/webex/link.js'
import { Redaction } from '../../src/webex/redaction.js'
import { retryAfter, sayResponse, serviceResponse } from '../../src/webex/response.js'

const answer = (body: unknown, headers = {}, status = 400) =>
  serviceResponse({ status, data: body, headers }, new Redaction())

/** Text of the pieces that a parser looks for, in any order. */
const textOf = (...pieces: string[]) =>
  fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((some) => some.join(''))

describe('nextLink', () => {
  const url = fc.webUrl({ withQueryParameters: true, withFragments: true })
  const parameters = fc
    .record({
      title: fc.string().map((text) => `title="${text.replace(/["\\]/g, '')}"`),
      type: fc.constantFrom('type=text/html', "type='a'", 'hreflang="en"', 'crossorigin'),
      rel: fc.constantFrom('rel="next"', 'rel=next', "rel='next'", 'REL = "Next"', 'rel="last next"')
    })
    .chain(({ title, type, rel }) =>
      fc.shuffledSubarray([title, type, rel], { minLength: 3 }).map((all) => all.join(';'))
    )

  test('reads a link of either documented form back, wherever rel stands', () => {
    fc.assert(
      fc.property(url, parameters, (target, rest) => {
        expect(nextLink(`<${target}>;${rest}`)).toBe(target)
        expect(nextLink(`<<${target}>;${rest}>`)).toBe(target)
        expect(nextLink(`<https://example.com/>; rel="first", <${target}>; ${rest}`)).toBe(target)
      })
    )
  })

  test('what stands in quotes is no link and no relation', () => {
    expect(nextLink('<https://a/b>; title="<https://a/c>"; rel="next"')).toBe('https://a/b')
    expect(() => nextLink('<https://a/b>; title="; rel=next"; rel="prev"')).toThrow(FatalError)
  })

  test('a link that lost a character is never taken for the last page', () => {
    for (const header of ['<https://a/v1>; rel="next"', '<<https://a/v1>;rel="next">']) {
      for (let at = 0; at < header.length; at += 1) {
        const without = header.slice(0, at) + header.slice(at + 1)
        if (!without.includes('next')) continue
        expect(targetOrError(without), without).toBeDefined()
      }
    }
  })

  test('any header is a target, none, or an error of one line', () => {
    const pieces = [
      '<',
      '>',
      ';',
      '"',
      "'",
      '=',
      ',',
      ' ',
      '\t',
      'rel',
      'next',
      'title',
      'https://a/',
      '\u009b'
    ]
    fc.assert(
      fc.property(textOf(...pieces), (header) => {
        const target = targetOrError(header)
        if (typeof target === 'string') expect(header).toContain(target)
      })
    )
  })

  function targetOrError(header: string): unknown {
    try {
      return nextLink(header)
    } catch (error) {
      expect(error).toBeInstanceOf(FatalError)
      expect(String(error)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
      return error
    }
  }
})

test('retryAfter is undefined or a number of ms that can be waited for', () => {
  const digits = ['0', '9', '.', '-', '+', 'e', ' ', ',', 'Infinity', 'NaN', '0x1']
  const dates = [
    'Mon, ',
    'Xyz, ',
    '23 ',
    '99 ',
    'Nov ',
    'Foo ',
    '2026 ',
    '10:00:00 ',
    '99:99:99 ',
    'GMT',
    '+0000'
  ]
  const header = fc.oneof(
    fc.string(),
    textOf(...digits),
    textOf(...dates),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString())
  )
  fc.assert(
    fc.property(header, fc.integer({ min: 0, max: 8.64e15 }), (value, now) => {
      const wait = retryAfter(answer('', { 'retry-after': value }), now)
      expect(wait === undefined || (Number.isFinite(wait) && wait >= 0), String(wait)).toBe(true)
    })
  )
})

describe('what the service says', () => {
  const invisible = [
    '\u009b31m',
    '\u200b',
    '\u202e',
    '\u2028',
    '\ufeff',
    '\u{e0041}',
    '\r\n',
    '\0',
    '\ud800',
    'a'
  ]
  const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 600 }), textOf(...invisible))
  const fields = ['message', 'error', 'errors', 'error_description', 'description', 'trackingId', 'items']
  const json = fc.oneof(
    fc.jsonValue({ stringUnit: 'binary' }),
    anyText,
    fc.dictionary(fc.constantFrom(...fields), fc.oneof(anyText, fc.jsonValue())),
    anyText.map((description) => ({ message: 'x', errors: [{ description }] })),
    anyText.map((text) => ({ message: `${'x'.repeat(290)}${text}\u{1f600}\u{1f600}` }))
  )

  test('is one line, short, well-formed and without control characters', () => {
    fc.assert(
      fc.property(json, fc.option(anyText, { nil: undefined }), (body, trackingid) => {
        const response = answer(body, { trackingid })
        for (const [text, most] of [
          [response.told, 300],
          [sayResponse(response), 700]
        ] as const) {
          expect(text).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
          expect(text.length).toBeLessThanOrEqual(most)
          expect(text.isWellFormed()).toBe(true)
        }
      })
    )
  })

  test('holds no token that is called one', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9._~+/-]{20,60}$/)
    const called = fc.constantFrom(
      'Bearer ',
      'BEARER  ',
      'Bearer\n',
      'access_token=',
      '"access_token" : "',
      '\\"refresh_token\\":\\"',
      "refresh_token='",
      'client_secret: ',
      '?client_secret='
    )
    fc.assert(
      fc.property(called, token, fc.string({ maxLength: 20 }), (name, secret, around) => {
        for (const text of [`${around} ${name}${secret}`, `${name}${secret}" ${around}`]) {
          for (const body of [text, { message: text }, { errors: [{ description: text }] }]) {
            expect(sayResponse(answer(body))).not.toContain(secret)
          }
          expect(sayResponse(answer('', { trackingid: text }))).not.toContain(secret)
          expect(sayResponse(answer('', { location: `https://a/${text}` }, 302))).not.toContain(secret)
        }
      })
    )
  })
})

describe('mayReceiveToken', () => {
  const HOST = 'analytics-calling-eu.webexapis.com'
  const hosts = [
    HOST,
    HOST.toUpperCase(),
    `${HOST}.`,
    `${HOST}.example.com`,
    `${HOST}:443`,
    `${HOST}:80`,
    `${HOST}:8443`,
    `${HOST}@example.com`,
    `example.com@${HOST}`,
    `:@${HOST}`,
    `example.com\\@${HOST}`,
    `example.com\\.${HOST}`,
    `${HOST}\\@example.com`,
    `example.com#${HOST}`,
    `example.com?${HOST}`,
    `${HOST}%2eexample.com`,
    `${HOST}\u3002example.com`,
    'analytics-c\u0430lling-eu.webexapis.com',
    'xn--analytics-clling-eu-ync.webexapis.com',
    'analytics-calling-eu.webexapis.c\u043em',
    '127.0.0.1',
    '127.1',
    '0x7f000001',
    '2130706433',
    '127.0.0.1.example.com',
    '127.0.0.1.',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'localhost.example.com',
    '0.0.0.0',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    '[::]',
    '[::1]@example.com'
  ]
  const schemes = [
    'https://',
    'http://',
    'https:',
    'https:\\\\',
    'HTTPS://',
    '//',
    'ws://',
    'wss://',
    'ftp://'
  ]
  const urls = ['blob:https://', 'blob:http://', 'file://', 'data:text/plain,', 'javascript://', 'mssql://']
    .concat(schemes)
    .flatMap((scheme) => hosts.flatMap((host) => [`${scheme}${host}`, `${scheme}${host}/v1/cdr_feed?a=b`]))

  test.each([
    ['https://analytics-calling.webexapis.com/v1/', /^https:\/\/analytics-calling(-eu)?\.webexapis\.com\//],
    [
      'https://webex-proxy.example.com/v1/',
      /^https:\/\/(webex-proxy\.example|analytics-calling-eu\.webexapis)\.com\//
    ],
    ['http://127.0.0.1:8090/v1/', /^https?:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?\//]
  ])('where %s is set, no URL outside %s may, however it is spelt', (configured, allowed) => {
    const base = new URL(configured)
    const may = urls
      .filter((url) => URL.canParse(url, base.href))
      .map((url) => new URL(url, base))
      .filter((url) => mayReceiveToken(url, base))
    expect(may.length).toBeGreaterThan(3)
    expect(may.map(String).filter((url) => !allowed.test(url))).toEqual([])
  })

  test('a URL around the configured one has its origin and is still another', () => {
    const base = new URL('https://analytics-calling.webexapis.com/v1/')
    expect(mayReceiveToken(new URL(`blob:${base}`), base)).toBe(false)
  })

  test('no random URL may', () => {
    fc.assert(
      fc.property(fc.webUrl({ authoritySettings: { withPort: true, withUserInfo: true } }), (url) => {
        fc.pre(URL.canParse(url))
        expect(mayReceiveToken(new URL(url), new URL(`https://${HOST}/v1/`))).toBe(false)
      })
    )
  })
})
