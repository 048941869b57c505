import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type MssqlSettings, parseDatabaseUrl } from '../../src/config/database-url.js'
import { parseDuration, parseMoment } from '../../src/config/moments.js'
import { ConfigurationError, UsageError } from '../../src/errors.js'

/** What `read` returns, or the error that it threw, which is of this class or none that was expected. */
function resultOf<T>(read: () => T, expected: typeof ConfigurationError | typeof UsageError): T | Error {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(expected)
    return error as Error
  }
}

describe('parseDatabaseUrl', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter((text) => text.isWellFormed()),
    fc.string({ unit: fc.constantFrom(...'a:@/?#[]%&=+;\\ \t\n\0.'), minLength: 1, maxLength: 10 })
  )
  // No URL holds a path of dots, however they are written.
  const name = part.filter((text) => !['.', '..'].includes(text))

  test('reads user, password and database back, whatever characters they have, percent-encoded', () => {
    const host = fc.oneof(
      fc.domain(),
      fc.ipV4(),
      fc.ipV6().map((address) => `[${address}]`)
    )
    fc.assert(
      fc.property(
        part,
        part,
        name,
        host,
        fc.integer({ min: 1, max: 65_535 }),
        (user, password, database, at, port) => {
          const [u, p, d] = [user, password, database].map(encodeURIComponent)
          expect(parseDatabaseUrl(`mssql://${u}:${p}@${at}:${port}/${d}`)).toMatchObject({
            type: 'mssql',
            port,
            database,
            authentication: { type: 'default', options: { userName: user, password } }
          })
        }
      )
    )
  })

  test('reads options back, percent-encoded', () => {
    fc.assert(
      fc.property(part, part, (domain, instance) => {
        const options = `authentication=ntlm&domain=${encodeURIComponent(domain)}&instance=${encodeURIComponent(instance)}`
        expect(parseDatabaseUrl(`mssql://u:p@h/d?${options}`)).toMatchObject({
          instance,
          authentication: { type: 'ntlm', options: { domain } }
        })
      })
    )
  })

  test.each([
    ['a tab', 'pa\tss'],
    ['a line end', 'pa\nss'],
    ['a number sign', 'pa#ss']
  ])('does not lose %s of a password or database that is not encoded', (_, text) => {
    for (const url of [`mssql://u:${text}@h/d`, `mssql://u:p@h/${text}`, `mssql://u:p@h/d?domain=${text}`]) {
      expect(() => parseDatabaseUrl(url)).toThrow(/percent-encoded/)
    }
  })

  test('takes a line end after the URL, as files have it', () => {
    expect(parseDatabaseUrl('mssql://u:p@h/d\r\n')).toMatchObject({ database: 'd' })
  })

  test('any text is settings, or an error of one line that repeats nothing of the password', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9]{4}QZJ[A-Za-z0-9]{4}$/)
    const pieces = fc.constantFrom(
      ...[
        'mssql:',
        'sqlite:',
        '//',
        ':',
        '@',
        '/',
        '?',
        '#',
        '%',
        '%41',
        '&',
        '=',
        '[',
        ']',
        '\\',
        ' ',
        '\n',
        '\0'
      ],
      ...[
        'u',
        'host',
        '1433',
        '99999',
        'db',
        'encrypt',
        'authentication',
        'ntlm',
        'instance',
        'true',
        '\ud800'
      ]
    )
    const text = fc.array(pieces, { maxLength: 12 }).map((some) => some.join(''))
    fc.assert(
      fc.property(
        fc.constantFrom('mssql://', 'mssql:', 'sqlite:', ''),
        text,
        secret,
        text,
        (scheme, a, password, b) => {
          const result = resultOf(() => parseDatabaseUrl(`${scheme}${a}${password}${b}`), ConfigurationError)
          if (!(result instanceof Error)) return
          expect(result.message).not.toContain(password)
          expect(result.message).not.toContain('QZJ')
          expect(result.message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        }
      ),
      { numRuns: 2_000 }
    )
  })

  test('what it takes has a host, a user and a database', () => {
    const text = fc.string({ unit: fc.constantFrom(...'u:p@/h?#%[]1.\\ ') })
    fc.assert(
      fc.property(text, (rest) => {
        const result = resultOf(() => parseDatabaseUrl(`mssql://${rest}`), ConfigurationError)
        if (result instanceof Error) return
        const { host, database, authentication, port } = result as MssqlSettings
        expect(host && database && 'userName' in authentication.options).toBeTruthy()
        expect(port).toBeLessThanOrEqual(65_535)
      })
    )
  })
})

describe('moments', () => {
  const now = Date.UTC(2026, 10, 23, 10)
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('0m', '00d', '000000h', '999999d', '9999999d'),
    fc
      .array(fc.constantFrom(...'0123456789mhdTZ:-. ', '2026-', '-02-', '30', 'T24:', ':60'), {
        maxLength: 12
      })
      .map((some) => some.join('')),
    fc
      .tuple(fc.integer({ min: -5, max: 10_000_000 }), fc.constantFrom('m', 'h', 'd', 's'))
      .map((all) => all.join(''))
  )

  test('any text is a duration of some length, or wrong usage that names the flag', () => {
    fc.assert(
      fc.property(text, (any) => {
        const result = resultOf(() => parseDuration(any, '--lookback'), UsageError)
        if (result instanceof Error) expect(result.message).toMatch(/^--lookback/)
        else expect(Number.isSafeInteger(result) && result > 0).toBe(true)
      })
    )
  })

  test('any text is a moment that can be written, or wrong usage that names the flag', () => {
    fc.assert(
      fc.property(text, (any) => {
        const result = resultOf(() => parseMoment(any, '--since', now), UsageError)
        if (result instanceof Error) expect(result.message).toMatch(/^--since/)
        else expect(Number.isNaN(new Date(result).getTime())).toBe(false)
      })
    )
  })

  test('every day and time is read back in UTC, and none that does not exist', () => {
    const date = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
    fc.assert(
      fc.property(date, (moment) => {
        const iso = moment.toISOString()
        expect(parseMoment(iso, '--since', now)).toBe(moment.getTime())
        expect(parseMoment(iso.slice(0, -1), '--since', now)).toBe(moment.getTime())
        expect(parseMoment(iso.slice(0, 16), '--since', now)).toBe(
          Math.floor(moment.getTime() / 60_000) * 60_000
        )
        expect(parseMoment(iso.slice(0, 10), '--since', now)).toBe(
          Math.floor(moment.getTime() / 86_400_000) * 86_400_000
        )
      })
    )
    const two = (least: number, most: number) =>
      fc.integer({ min: least, max: most }).map((value) => String(value).padStart(2, '0'))
    fc.assert(
      fc.property(
        two(0, 13),
        two(0, 32),
        two(0, 25),
        two(0, 61),
        two(0, 61),
        (month, day, hour, minute, second) => {
          const written = `2026-${month}-${day}T${hour}:${minute}:${second}`
          const result = resultOf(() => parseMoment(written, '--since', now), UsageError)
          if (!(result instanceof Error)) expect(new Date(result).toISOString()).toBe(`${written}.000Z`)
        }
      )
    )
  })
})
