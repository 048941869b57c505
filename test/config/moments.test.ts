import { describe, expect, test } from 'vitest'
import { parseDuration, parseMoment } from '../../src/config/moments.js'
import { UsageError } from '../../src/errors.js'

const now = Date.UTC(2026, 10, 23, 10, 0, 0)

describe('parseMoment', () => {
  test.each([
    ['30d', now - 30 * 86_400_000],
    ['12h', now - 12 * 3_600_000],
    ['90m', now - 90 * 60_000],
    ['2026-11-01', Date.UTC(2026, 10, 1)],
    ['2026-11-01T08:30', Date.UTC(2026, 10, 1, 8, 30)],
    ['2026-11-01T08:30:15.250Z', Date.UTC(2026, 10, 1, 8, 30, 15, 250)]
  ])('%s is UTC', (text, expected) => {
    expect(parseMoment(text, '--since', now)).toBe(expected)
  })

  test.each([
    '',
    '30',
    '30w',
    '-1d',
    '0d',
    '2026-02-30',
    '2026-13-01',
    '2026-11-01T25:00',
    '1.5h',
    'yesterday',
    '2026-11-01T08:30:00+02:00'
  ])('refuses %j and names the flag', (text) => {
    expect(() => parseMoment(text, '--since', now)).toThrow(UsageError)
    expect(() => parseMoment(text, '--since', now)).toThrow(/^--since/)
  })
})

test('parseDuration reads m, h and d and nothing else', () => {
  expect(parseDuration('30m', '--lookback')).toBe(1_800_000)
  expect(() => parseDuration('2026-11-01', '--lookback')).toThrow(/--lookback .* 30m, 12h or 2d/)
})
