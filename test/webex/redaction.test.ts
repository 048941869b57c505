import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Redaction } from '../../src/webex/redaction.js'
import { pagesOf, testClient } from '../support/client.js'
import { sendJson, startHostileServer } from '../support/hostile-server.js'

function redaction(...secrets: string[]): Redaction {
  const made = new Redaction()
  for (const secret of secrets) made.conceal(secret)
  return made
}

describe('what the service says', () => {
  test.each([
    ['The requested refresh_token is invalid.', 'The requested refresh_token is invalid.'],
    [
      'client_secret mismatch; use Bearer authentication',
      'client_secret mismatch; use Bearer authentication'
    ],
    ['{"refresh_token":"abcdefgh12"}', '{"refresh_token":"[redacted]"}'],
    ['refresh_token=abcdefgh12&x=1', 'refresh_token=[redacted]&x=1'],
    ['Authorization: Bearer NzU1ODYyNDktN2I0Zi00', 'Authorization: Bearer [redacted]'],
    ['refresh_token=-abcdefgh12', 'refresh_token=[redacted]'],
    ['Bearer +zU1ODYyNDktN2I0Zi00', 'Bearer [redacted]']
  ])('%s', (said, told) => {
    expect(new Redaction().clean(said)).toBe(told)
  })

  test('is not cut to pieces by short secrets, nor by what replaces long ones', () => {
    const short = redaction('e', 'No', 'redacted', 'acted]12')
    expect(short.clean('No CDRs for requested time range')).toBe('No CDRs for requested time range')
    expect(short.clean('redacted')).toBe('[redacted]')
  })

  test('holds a secret in none of its spellings, the longest first', () => {
    const made = redaction('abc/def+ghi', 'abc/def+', 'a secret with blanks')
    for (const spelling of [
      'abc/def+ghi',
      'abc%2Fdef%2Bghi',
      'a+secret+with+blanks',
      'a%20secret%20with%20blanks'
    ]) {
      expect(made.clean(`<${spelling}>`)).toBe('<[redacted]>')
    }
  })

  test('is told where a secret is no text that a URL can spell', () => {
    expect(redaction('\ud800-half-a-pair').clean('x \ud800-half-a-pair')).toBe('x [redacted]')
  })

  test('holds no half of a secret either, where only the beginning of a long text is read', () => {
    const secret = 'a-secret-of-twenty-characters'
    for (let blanks = 9_963; blanks < 10_005; blanks += 1) {
      expect(redaction(secret).clean(`said${' '.repeat(blanks)}${secret} more`)).not.toContain('a-sec')
    }
  })

  test('holds no secret of eight characters or more, whatever is around it', () => {
    const secret = fc
      .string({ minLength: 8, maxLength: 40 })
      .filter((text) => text.trim() === text && !/\s/.test(text))
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.string(),
        fc.string(),
        (secrets, a, b) => {
          const told = redaction(...secrets).clean(`${a} ${secrets.join(' ')} ${b}`)
          const rest = told.replaceAll('[redacted]', '')
          for (const text of secrets) expect(rest).not.toContain(text)
        }
      )
    )
  })
})

test('an empty window is known as one though a secret is one letter', async () => {
  const server = await startHostileServer((response) =>
    sendJson(response, 404, { message: 'No CDRs for requested time range and filters' })
  )
  onTestFinished(() => server.close())
  const { feed, http } = testClient(server.url)
  for (const secret of ['N', 'CDRs', 'o']) http.conceal(secret)
  expect(await pagesOf(feed, { start: 0, end: 1 })).toEqual([{ items: [], last: true }])
})
