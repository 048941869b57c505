import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { TimeZone } from '../../src/history/time-zone.js'

/** With and without summer time, by a half and a quarter of an hour, on either side of the date line. */
const NAMES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Sao_Paulo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Apia',
  'Pacific/Chatham',
  'Africa/Casablanca'
]
const zones = new Map(NAMES.map((name) => [name, new TimeZone(name)]))
const clocks = new Map(
  NAMES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
  ])
)

/** What a clock shows there. */
function shownIn(name: string, moment: number): string {
  const ms = String(moment % 1_000).padStart(3, '0')
  return `${clocks.get(name)?.format(moment).replace(' ', 'T')}.${ms}`
}

function momentOf(name: string, local: string): number {
  return Date.parse(zones.get(name)?.toUtc(local) ?? '')
}

const moment = fc.integer({ min: Date.UTC(2022, 0), max: Date.UTC(2027, 0) - 1 })

describe('a local time', () => {
  test('is when a clock there shows it; of two such moments the second', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NAMES), moment, (name, time) => {
        const local = shownIn(name, time)
        const read = momentOf(name, local)
        if (read !== time) expect([read > time, shownIn(name, read)]).toEqual([true, local])
      }),
      { numRuns: 1_500 }
    )
  })

  test.each([
    ['Europe/Berlin', '2026-10-25T02:30:00.000', '2026-10-25T01:30:00.000Z'],
    ['Europe/Berlin', '2026-10-25T01:59:59.999', '2026-10-24T23:59:59.999Z'],
    ['Europe/Berlin', '2026-10-25T03:00:00.000', '2026-10-25T02:00:00.000Z'],
    ['America/New_York', '2026-11-01T01:30:00.000', '2026-11-01T06:30:00.000Z'],
    ['America/New_York', '2026-03-08T03:00:00.000', '2026-03-08T07:00:00.000Z'],
    ['Australia/Sydney', '2026-04-05T02:30:00.000', '2026-04-04T16:30:00.000Z'],
    ['Australia/Lord_Howe', '2026-04-05T01:45:00.000', '2026-04-04T15:15:00.000Z'],
    ['Africa/Casablanca', '2026-02-15T02:30:00.000', '2026-02-15T02:30:00.000Z'],
    ['UTC', '2026-10-25 02:30:00,5', '2026-10-25T02:30:00,5Z'],
    ['Asia/Kolkata', '2026-01-01 00:00:00', '2025-12-31T18:30:00Z']
  ])('in %s %s is %s', (name, local, utc) => {
    expect(zones.get(name)?.toUtc(local)).toBe(utc)
  })

  test('that clocks skip is what it would be had they gone on', () => {
    expect(zones.get('Europe/Berlin')?.toUtc('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00Z')
  })

  test.each(['2026-02-30T10:00:00', '2026-01-01T24:00:00', '2026-13-01T00:00:00', '2026-01-01T10:60:00'])(
    '%s is none, wherever',
    (local) => {
      for (const zone of zones.values()) expect(zone.toUtc(local), zone.name).toBeUndefined()
    }
  )
})

test('of any year is read or none', () => {
  for (const zone of zones.values()) {
    for (const year of ['0000', '0001', '0099', '1883', '1969', '9999']) {
      expect(zone.toUtc(`${year}-01-01T00:00:00`) ?? '', `${year} ${zone.name}`).toMatch(/^$|:00Z$/)
    }
  }
})

test.each(['', 'Berlin', 'Europe/Nowhere', '../../etc'])('“%s” is no time zone', (name) => {
  expect(() => new TimeZone(name)).toThrow(UsageError)
  expect(() => new TimeZone(name)).toThrow(/--time-zone .* is not a time zone: use a name such as UTC/)
})
