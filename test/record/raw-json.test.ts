import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import { fixture, live } from '../support/live.js'
import { amount } from '../support/long.js'
import { anyItem } from './any-item.js'
import { said } from './said.js'

chooseDialect('sqlite')
const { contentHash, contentOf } = await import('../../src/record/content.js')
const { hashOfJson, itemOf, rawJsonFor } = await import('../../src/record/raw-json.js')
const { toRecord } = await import('../../src/record/record.js')

function rowOf(item: unknown, keeping: 'all' | 'rest' = 'rest') {
  const mapped = toRecord(item, keeping)
  return 'row' in mapped ? mapped.row : undefined
}

const numRuns = amount('ITEMS', 600, 2_000)
const START = Date.UTC(2026, 10, 16)
const simulated = new GeneratedSource(1, 20)
  .between(START, START + 86_400_000, 'start')
  .map(({ item }) => item)

describe('RAW_JSON=rest', () => {
  test('gives back every item from its columns and the rest, key by key', () => {
    for (const item of [...simulated, live, ...fixture('reference-example.json').items]) {
      const row = rowOf(item)
      expect(row && said(itemOf(row))).toEqual(said(item))
    }
  })

  test('gives back any JSON', () => {
    let stored = 0
    fc.assert(
      fc.property(anyItem, (item) => {
        const row = rowOf(item)
        if (!row) return
        stored += 1
        expect(said(itemOf(row))).toEqual(said(item))
        // As JSON, which has no -0.
        expect(JSON.stringify(rowOf(itemOf(row)))).toBe(JSON.stringify(row))
      }),
      { numRuns }
    )
    expect(stored).toBeGreaterThan(numRuns / 2)
  }, 120_000)

  test('keeps nothing where the columns say it all', () => {
    expect(rowOf(live)?.rawJson).toBeNull()
    const kept = simulated.map((item) => rowOf(item)?.rawJson).filter((rest) => rest !== null)
    expect(kept).toEqual([])
  })

  test.each<[what: string, changes: object, rest: object | null]>([
    ['an unknown key', { 'New key': 'x' }, { 'New key': 'x' }],
    ['an unknown key that holds nothing', { 'New key': '', 'Another key': null }, null],
    ['a value that was cut', { Model: 'm'.repeat(200) }, { Model: 'm'.repeat(200) }],
    ['a value that cannot be read', { Duration: 'long' }, { Duration: 'long' }],
    ['a word for nothing where a column is typed', { 'Release time': 'NA' }, { 'Release time': 'NA' }],
    ['another JSON type', { Duration: '7', Model: 8 }, { Duration: '7', Model: 8 }],
    ['an empty value', { Model: '', Duration: null }, null],
    ['a key in two spellings', { MODEL: 'a', Model: 'b' }, { MODEL: 'a', Model: 'b' }],
    ['a Report ID that is none', { 'Report ID': 'none' }, { 'Report ID': 'none' }],
    ['no Report ID', { 'Report ID': '' }, null]
  ])('of %s keeps what it must', (_, changes, rest) => {
    const item = { ...live, ...changes }
    const row = rowOf(item)
    expect(JSON.parse(row?.rawJson ?? 'null')).toEqual(rest)
    expect(row && said(itemOf(row))).toEqual(said(item))
  })

  test('leaves the item whole for the quarantine; with all it is as the service sent it', () => {
    const item = { ...live, Model: '', 'New key': 1 }
    const [all, rest] = [rowOf(item, 'all'), rowOf(item)]
    expect(all && rawJsonFor(all, 'all')).toBe(JSON.stringify(item))
    expect(rest && said(JSON.parse(String(rawJsonFor(rest, 'all'))))).toEqual(said(item))
  })
})

describe('the content hash', () => {
  const hash = (item: Record<string, unknown>) => contentHash(contentOf(item))?.toString('hex')

  test('is of SHA-256 over sorted keys and values, so that anybody can repeat it', () => {
    expect(hash({ 'New  Key': [1], Direction: 'ORIGINATING', 'Answer time': '', Duration: 3 })).toBe(
      // printf '%s' '["direction","ORIGINATING","duration",3,"newkey",[1]]' | sha256sum | cut -c1-16
      '2d106c989438ed94'
    )
  })

  test('is the same whatever the order and spelling of keys, and with empty ones more', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(Object.keys(live), { minLength: 87 }),
        fc.boolean(),
        (keys, shouted) => {
          const item = Object.fromEntries(keys.map((key) => [shouted ? key.toUpperCase() : key, live[key]]))
          expect(hash({ 'New key': '', ...item, 'Another key': null })).toBe(hash(live))
        }
      )
    )
  })

  test('is another one where any key says something else', () => {
    for (const [key, value] of Object.entries(live)) {
      for (const other of ['x', 'NA', 1, false, { '': 1 }, value === '' ? ' ' : '']) {
        if (other !== value) expect(hash({ ...live, [key]: other }), `${key}: ${other}`).not.toBe(hash(live))
      }
    }
    expect(hash({ ...live, 'New key': 0 })).not.toBe(hash(live))
    expect(hash({ Model: 'a', MODEL: 'b' })).not.toBe(hash({ Model: 'b', MODEL: 'a' }))
  })

  test('of the Python tool’s JSON is that of the item', () => {
    expect(hashOfJson(JSON.stringify(live, null, 1)).toString('hex')).toBe(hash(live))
    for (const text of ['', 'null', '[]', '{"cut": ']) {
      expect(hashOfJson(text)).toEqual(Buffer.alloc(8))
    }
  })
})
