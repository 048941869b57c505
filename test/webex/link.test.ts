import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextLink } from '../../src/webex/link.js'

const url =
  'https://analytics-calling.webexapis.com/v1/cdr_feed?endTime=2025-08-15T10:00:00.000Z&startTimeForNextFetch=2025-08-15T09:30:00.000Z&max=5000'

describe('nextLink', () => {
  test.each([
    ['RFC 8288', `<${url}>; rel="next"`],
    ['the form of the API reference', `<<${url}>;rel="next">`],
    ['single quotes', `<${url}>; rel='next'`],
    ['no quotes', `<${url}>; rel=next`],
    ['another case', `<${url}>; REL="NEXT"`],
    ['several relations', `<${url}>; rel="last next"`],
    ['other parameters first', `<${url}>; title="a, b"; rel="next"`],
    ['other links before', `<https://example.com/a>; rel="first", <${url}>; rel="next"`],
    ['other links after', `<${url}>; rel="next", <https://example.com/z>; rel="last"`],
    ['a comma in the URL', `<${url}&locations=A,B>; rel="next"`]
  ])('reads %s', (_, header) => {
    expect(nextLink(header)).toMatch(/^https:\/\/analytics-calling\.webexapis\.com\/v1\/cdr_feed\?endTime/)
  })

  test('follows the URL as it is written', () => {
    expect(nextLink(`<<${url}>;rel="next">`)).toBe(url)
  })

  test.each([
    undefined,
    '',
    'nonsense',
    `<${url}>`,
    `<${url}>; rel="prev"`,
    `<${url}>; rel="nextish"`,
    '<https://a/v1/cdr_feed?locations=Next%20Door>; rel="self"'
  ])('finds none in %j', (header) => {
    expect(nextLink(header)).toBeUndefined()
  })

  test.each([`${url}; rel="next"`, `"next": <${url}>`, `<${url}>; rel*=UTF-8''next`, '<>; rel="next"'])(
    'does not take %j for the last page',
    (header) => {
      expect(() => nextLink(header)).toThrow(/the Link header to the next page is malformed/)
    }
  )

  test('survives any header', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        fc.pre(!/\bnext\b/i.test(header))
        expect(nextLink(header)).toBeUndefined()
      })
    )
  })
})
