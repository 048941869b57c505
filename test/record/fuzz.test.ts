import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { live } from '../support/live.js'
import { anyItem, hostile } from './any-item.js'

chooseDialect('sqlite')
const { apiFields } = await import('../../src/entities/columns.js')
const { CdrRecord } = await import('../../src/entities/index.js')
const { folded } = await import('../../src/record/fields.js')
const { toRecord } = await import('../../src/record/record.js')
const { preparePage } = await import('../../src/record/page.js')
const { fieldValue } = await import('../../src/record/values.js')

const KINDS = ['text', 'email', 'time', 'integer', 'boolean', 'uuid'] as const
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

describe('a value', () => {
  test('of any JSON is what its column takes, or NULL', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom(...KINDS),
        fc.integer({ min: 2, max: 300 }),
        (raw, kind, length) => {
          const { value } = fieldValue(raw, kind, length)
          expect(value === null || fits(value, kind, length), JSON.stringify({ raw, kind, value })).toBe(true)
        }
      ),
      { numRuns: 1_000 }
    )
  })

  test('that only turns into “true” is not read as true', () => {
    for (const raw of [['true'], [['false']], { toString: 'true' }, { toString: null }]) {
      expect(fieldValue(raw, 'boolean', 0)).toEqual({ value: null, flaw: 'unreadable' })
    }
  })

  test('a time is read in every form that the service and its reference write', () => {
    const moment = fc.date({
      min: new Date('0002-01-02T00:00:00Z'),
      max: new Date('9998-12-30T00:00:00Z'),
      noInvalidDate: true
    })
    const offset = fc.integer({ min: -14 * 60, max: 14 * 60 })
    fc.assert(
      fc.property(moment, offset, fc.constantFrom('T', ' ', 't'), (date, minutes, between) => {
        const iso = date.toISOString().replace('T', between)
        const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, -1)
        const ahead = String(Math.floor(Math.abs(minutes) / 60)).padStart(2, '0')
        const zone = [minutes < 0 ? '-' : '+', ahead, String(Math.abs(minutes) % 60).padStart(2, '0')]
        for (const text of [
          iso,
          iso.slice(0, -1),
          iso.replace('.', ','),
          iso.toLowerCase(),
          ` ${iso} `,
          iso.replace('Z', '999Z'),
          `${local}${zone.join('')}`,
          `${local}${zone[0]}${zone[1]}:${zone[2]}`
        ]) {
          expect(fieldValue(text, 'time', 0), text).toEqual({ value: date })
        }
        expect(fieldValue(iso.replace(/\.\d+/, ''), 'time', 0)).toEqual({
          value: new Date(Math.floor(date.getTime() / 1_000) * 1_000)
        })
      })
    )
  })
})

describe('an item', () => {
  test('of any JSON becomes a row whose every column holds what it can, or says why not', () => {
    fc.assert(
      fc.property(anyItem, (any) => {
        const mapped = toRecord(any)
        if ('unstorable' in mapped) {
          expect(mapped.unstorable.payload).toBe(JSON.stringify(any))
          expect(mapped.unstorable.key).toMatch(UUID)
          return
        }
        const row = mapped.row as unknown as Record<string, unknown>
        expect(row.rawJson).toBe(JSON.stringify(any))
        expect(row.startTime).toBeInstanceOf(Date)
        for (const { property, kind, length } of apiFields(CdrRecord)) {
          const value = row[property]
          const empty = value === null || (property === 'callId' && value === '')
          expect(empty || fits(value, kind, length), `${property}: ${JSON.stringify(value)}`).toBe(true)
        }
        expect(row.callId).not.toBeNull()
        expect(row.reportId).not.toBeNull()
      }),
      { numRuns: 500 }
    )
  })

  test('nested about as deep as the stack goes is stored or quarantined, never thrown', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    let depth = 0
    for (let step = 2 ** 16; step >= 1; step /= 2) {
      if (writable(JSON.parse(nested(depth + step)))) depth += step
    }
    for (const name of ['Answered', 'Model', 'Unknown key']) {
      for (let more = -30; more < 10; more += 3) {
        const text = JSON.stringify({ ...live, [name]: 0 }).replace(
          `"${name}":0`,
          `"${name}":${nested(depth + more)}`
        )
        const mapped = toRecord(JSON.parse(text))
        const payload = 'row' in mapped ? mapped.row.rawJson : mapped.unstorable.payload
        const told = JSON.parse(String(payload))
        expect(Object.keys(told)).toEqual(Object.keys(JSON.parse(text)))
        expect(told['Report ID']).toBe(live['Report ID'])
      }
    }
  })

  function writable(value: unknown): boolean {
    try {
      JSON.stringify(value)
      return true
    } catch {
      return false
    }
  }
})

const LEG_KEYS = new Set(['direction', 'correlationid', 'useruuid', 'localcallid'])

/** Without what tells legs apart. */
function ofOneLeg(item: unknown): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
  return Object.fromEntries(Object.entries(item).filter(([key]) => !LEG_KEYS.has(folded(key))))
}

test('the counts of a page add up, and no key stands twice but for other legs', () => {
  fc.assert(
    fc.property(fc.array(anyItem, { maxLength: 12 }), (any) => {
      const whole = preparePage(any)
      expect(whole.kept.length + whole.unstorable.length + whole.repeats).toBe(any.length)
      const items = any.map(ofOneLeg)
      const page = preparePage(items)
      expect(page.length).toBe(items.length)
      const rows = [...page.rows()]
      expect([...page.payloads()]).toHaveLength(page.unstorable.length)
      expect(rows.length + page.unstorable.length + page.repeats).toBe(items.length)
      expect(new Set(rows.map(({ reportId }) => reportId)).size).toBe(rows.length)
      for (const { rawJson } of rows) expect(items.map((one) => JSON.stringify(one))).toContain(rawJson)
    })
  )
})

function fits(value: unknown, kind: (typeof KINDS)[number], length: number): boolean {
  switch (kind) {
    case 'text':
    case 'email':
      return (
        typeof value === 'string' &&
        value.length > 0 &&
        value.length <= length &&
        value.isWellFormed() &&
        !value.includes('\0')
      )
    case 'time':
      return value instanceof Date && value.getUTCFullYear() >= 2 && value.getUTCFullYear() <= 9998
    case 'integer':
      return typeof value === 'number' && value === (value | 0)
    case 'boolean':
      return typeof value === 'boolean'
    case 'uuid':
      return UUID.test(String(value))
  }
}
