import { expect, test } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { parseInterval, sayInterval } from '../../src/schedule/interval.js'

test.each([
  ['5m', 5, '5m'],
  ['15m', 15, '15m'],
  ['60m', 60, '1h'],
  ['90m', 90, '90m'],
  ['12h', 720, '12h'],
  ['24h', 1_440, '24h']
])('%s', (text, minutes, said) => {
  expect(parseInterval(text)).toBe(minutes)
  expect(sayInterval(minutes)).toBe(said)
})

test.each([
  ['4m', '--every 4m is out of range: use 5m to 24h'],
  ['25h', '--every 25h is out of range: use 5m to 24h'],
  ['2d', '--every 2d is out of range: use 5m to 24h'],
  ['15', '--every “15” is not a duration'],
  ['1.5h', '--every “1.5h” is not a duration'],
  ['', '--every “” is not a duration']
])('refuses “%s”', (text, message) => {
  expect(() => parseInterval(text)).toThrow(UsageError)
  expect(() => parseInterval(text)).toThrow(message)
})
