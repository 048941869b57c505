import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { fixture, live } from '../support/live.js'

chooseDialect('sqlite')
const { apiFields } = await import('../../src/entities/columns.js')
const { CdrRecord } = await import('../../src/entities/index.js')
const { folded } = await import('../../src/record/fields.js')
const { toRecord } = await import('../../src/record/record.js')
const { preparePage } = await import('../../src/record/page.js')

/** The row of an item, with snake_case columns and SQLite's values; fails where it is not storable. */
function rowOf(item: unknown): Record<string, unknown> {
  const mapped = toRecord(item)
  if (!('row' in mapped)) throw new Error(mapped.unstorable.reason)
  const { contentHash: _, journeyId: __, ...row } = mapped.row
  const entries = Object.entries(row).map(([property, value]) => [
    property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value instanceof Date
      ? value.toISOString().replace('T', ' ').replace('Z', '')
      : typeof value === 'boolean'
        ? Number(value)
        : value
  ])
  return Object.fromEntries(entries)
}

function flawsOf(item: unknown) {
  const mapped = toRecord(item)
  return 'flaws' in mapped ? mapped.flaws : undefined
}

describe('the mapping', () => {
  test('CdrRecord declares all 87 keys of the service, in its order, with the columns of fields.json', () => {
    const fields = fixture('fields.json') as { key: string; column: string }[]
    const declared = apiFields(CdrRecord).filter(
      ({ property }) => !['userEmail', 'locationId'].includes(property)
    )
    expect(
      declared.map(({ key, property }) => [
        key,
        property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
      ])
    ).toEqual(fields.map(({ key, column }) => [key, column]))
    expect(declared.map(({ key }) => key)).toEqual(Object.keys(live))
    expect(new Set(declared.map(({ key }) => folded(key))).size).toBe(87)
  })

  test.each(['live-2026-09', 'reference-example'])('%s arrives column by column', (name) => {
    const item = fixture(`${name}.json`).items[0]
    const { raw_json, ...columns } = rowOf(item)
    expect(columns).toEqual(fixture(`${name}.row.json`))
    expect(JSON.parse(String(raw_json))).toEqual(item)
    expect(flawsOf(item)).toEqual([])
  })

  test('keys are compared without case and blanks', () => {
    const shouted = Object.fromEntries(Object.entries(live).map(([key, value]) => [key.toUpperCase(), value]))
    const { raw_json: _, ...columns } = rowOf(shouted)
    expect(columns).toEqual(fixture('live-2026-09.row.json'))
    expect(rowOf({ ...live, 'Call Transfer  time': '2026-09-24T07:49:10.000Z' })).toMatchObject({
      call_transfer_time: '2026-09-24 07:49:10.000'
    })
  })

  test('of two spellings of one key the one that holds something counts', () => {
    const { 'Start time': start, ...rest } = live
    for (const item of [
      { ...rest, 'Start time': start, 'START TIME': 'NA' },
      { ...rest, 'START TIME': '', 'Start time': start }
    ]) {
      expect(rowOf(item).start_time).toBe('2026-09-24 07:49:10.939')
    }
  })

  test('user_email is filled only where User is an e-mail address', () => {
    expect(rowOf({ ...live, User: 'ann@example.com' })).toMatchObject({
      user_name: 'ann@example.com',
      user_email: 'ann@example.com'
    })
    expect(rowOf({ ...live, User: 'Ann @ Reception' })).toMatchObject({
      user_name: 'Ann @ Reception',
      user_email: null
    })
  })
})

describe('values', () => {
  test.each([
    ['2026-09-24T07:49:10.939Z', '2026-09-24 07:49:10.939'],
    ['2026-09-24 07:49:10.939', '2026-09-24 07:49:10.939'],
    ['2026-09-24T07:49:10Z', '2026-09-24 07:49:10.000'],
    ['2026-09-24T07:49:10.9399999Z', '2026-09-24 07:49:10.939'],
    ['2026-09-24T09:49:10.939+02:00', '2026-09-24 07:49:10.939'],
    ['2026-03-08T02:30:00.000Z', '2026-03-08 02:30:00.000'],
    ['2026-11-01T06:30:00.000Z', '2026-11-01 06:30:00.000']
  ])('time %s is %s', (text, expected) => {
    expect(rowOf({ ...live, 'Release time': text }).release_time).toBe(expected)
    expect(flawsOf({ ...live, 'Release time': text })).toEqual([])
  })

  test.each([
    [
      'Release time',
      [
        '2026-02-30T00:00:00.000Z',
        '2026-09-24T25:00:00Z',
        'yesterday',
        1_700_000_000,
        '0000-01-01T00:00:00Z',
        {}
      ]
    ],
    ['Duration', ['3.5', 3.5, 'long', 2 ** 31, '99999999999', [], {}]],
    ['Answered', ['maybe', 1]]
  ])('%s that cannot be read is NULL, whole in raw_json, and counted', (key, values) => {
    for (const value of values as unknown[]) {
      const item = { ...live, [key]: value }
      expect(rowOf(item)[key.toLowerCase().replace(' ', '_')], String(value)).toBeNull()
      expect(flawsOf(item)).toEqual([{ key, kind: 'unreadable' }])
      expect(JSON.parse(String(rowOf(item).raw_json))[key]).toEqual(value)
    }
  })

  test.each(['', 'NA', 'na', 'N/A', 'n/a', null, undefined])(
    '%j is nothing in a typed column, and no flaw',
    (value) => {
      const item = { ...live, Duration: value, 'Release time': value, Answered: value }
      expect(rowOf(item)).toMatchObject({ duration: null, release_time: null, answered: null })
      expect(flawsOf(item)).toEqual([])
    }
  )

  test.each(['NA', 'N/A'])('a key that holds %j gives way to the same key in another case', (nothing) => {
    const { Model: _, ...rest } = live
    expect(rowOf({ ...rest, Model: nothing, MODEL: '8851' })).toMatchObject({ model: '8851' })
  })

  test('"NA" stays in text columns; "" is NULL there, but in call_id', () => {
    expect(rowOf({ ...live, Model: 'NA', 'Call ID': '', 'Client version': '' })).toMatchObject({
      model: 'NA',
      call_id: '',
      client_version: null
    })
    const { 'Call ID': _, ...withoutCallId } = live
    expect(rowOf(withoutCallId).call_id).toBe('')
  })

  test('text longer than its column is cut there, whole in raw_json, and counted', () => {
    const item = { ...live, Model: 'x'.repeat(200) }
    expect(rowOf(item).model).toBe('x'.repeat(128))
    expect(String(rowOf(item).raw_json)).toContain('x'.repeat(200))
    expect(flawsOf(item)).toEqual([{ key: 'Model', kind: 'cut' }])
  })

  test('a cut never halves an emoji; NUL and lone surrogates never reach a column', () => {
    expect(rowOf({ ...live, Model: `${'x'.repeat(127)}😀` }).model).toBe('x'.repeat(127))
    expect(rowOf({ ...live, Model: 'a\0b\ud800c' }).model).toBe('ab\ufffdc')
    expect(rowOf({ ...live, Model: '\0' }).model).toBeNull()
    expect(String(rowOf({ ...live, Model: 'a\0b\ud800c' }).raw_json)).toContain('a\\u0000b\\ud800c')
  })

  test('an unknown key and an unknown value are kept and cost nothing', () => {
    const item = { ...live, Direction: 'SIDEWAYS', 'Brand new': { a: 1 } }
    expect(rowOf(item).direction).toBe('SIDEWAYS')
    expect(flawsOf(item)).toEqual([])
    expect(JSON.parse(String(rowOf(item).raw_json))['Brand new']).toEqual({ a: 1 })
  })
})

describe('the key', () => {
  test('is the Report ID in lower case', () => {
    expect(rowOf({ ...live, 'Report ID': String(live['Report ID']).toUpperCase() }).report_id).toBe(
      'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a'
    )
  })

  test('is derived from seven fields where the Report ID is missing or no UUID', () => {
    // printf of the seven values joined by U+001F | iconv -t UTF-16LE | sha256sum, nibbles 13 and 17 replaced.
    const expected = DERIVED
    for (const id of ['', 'NA', 'N/A', undefined, 'not a uuid', 12, '00000000-0000-0000-0000-000000000000']) {
      expect(rowOf({ ...live, 'Report ID': id }).report_id).toBe(expected)
    }
    expect(rowOf({ ...live, 'Report ID': '', 'Remote call ID': 'x' }).report_id).toBe(expected)
    expect(rowOf({ ...live, 'Report ID': '', 'Local call ID': 'x' }).report_id).not.toBe(expected)
  })
})

const DERIVED = '3ddbe65a-76c8-872e-ae8f-bb6994f8d609'

describe('what cannot be stored', () => {
  test.each(['', undefined, 'NA', 'N/A', null])('says that it is missing where it is %j', (start) => {
    const mapped = toRecord({ ...live, 'Start time': start })
    expect(mapped).toMatchObject({ unstorable: { reason: 'Start time is missing.' } })
  })

  test.each(['', undefined, 'NA', 'yesterday', null, 5])('an item whose Start time is %j', (start) => {
    const mapped = toRecord({ ...live, 'Start time': start })
    expect(mapped).toMatchObject({
      unstorable: { key: live['Report ID'], reason: expect.stringMatching(/^Start time/) }
    })
  })

  test.each([
    [null, 'The item is not an object.'],
    ['text', 'The item is not an object.'],
    [5, 'The item is not an object.'],
    [true, 'The item is not an object.'],
    [['2026-11-01T10:00:00.000Z', 'a'], 'The row of a report does not fit its header.']
  ])('%j, which is no object', (item, reason) => {
    expect(toRecord(item)).toMatchObject({ unstorable: { payload: JSON.stringify(item), reason } })
  })

  test('items without a Report ID stay apart in quarantine', () => {
    const keys = [{ a: 1 }, { b: 2 }, { 'Called number': '1' }].map((other) => {
      const mapped = toRecord(other)
      return 'unstorable' in mapped ? mapped.unstorable.key : undefined
    })
    expect(new Set(keys).size).toBe(3)
  })

  test('an item nested deeper than it can be written again is quarantined, not fatal', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)
    const mapped = toRecord({ ...live, Model: deep })
    expect(mapped).toMatchObject({ unstorable: { reason: 'The item is nested too deeply.' } })
    expect(JSON.parse('unstorable' in mapped ? mapped.unstorable.payload : '')).toEqual({
      ...live,
      Model: 'nested too deeply'
    })
    expect(toRecord(deep)).toMatchObject({ unstorable: { reason: 'The item is nested too deeply.' } })
  })

  test('anything else: whatever JSON an item is, it is stored or says why not', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...Object.keys(live)), fc.jsonValue()),
        (any, fields) => {
          for (const item of [any, { ...live, ...fields }]) {
            const mapped = toRecord(item)
            const payload = 'row' in mapped ? mapped.row.rawJson : mapped.unstorable.payload
            expect(payload).toBe(JSON.stringify(item))
          }
        }
      )
    )
  })
})

describe('preparePage', () => {
  const at = (seconds: number, rest = {}) => ({
    ...live,
    'Report time': `2026-09-24T07:49:${10 + seconds}.000Z`,
    ...rest
  })
  const modelsOf = (page: ReturnType<typeof preparePage>) => Array.from(page.rows(), ({ model }) => model)

  test('of two versions of one Report ID the newest Report time wins, in either order', () => {
    for (const items of [
      [at(0, { Model: 'old' }), at(9, { Model: 'new' })],
      [at(9, { Model: 'new' }), at(0, { Model: 'old' })]
    ]) {
      const page = preparePage(items)
      expect(modelsOf(page)).toEqual(['new'])
      expect(page.repeats).toBe(1)
    }
  })

  test('with equal Report times the last wins; one without a Report time loses', () => {
    expect(modelsOf(preparePage([at(0, { Model: 'first' }), at(0, { Model: 'last' })]))).toEqual(['last'])
    expect(
      modelsOf(preparePage([at(0, { Model: 'dated' }), at(0, { Model: 'not', 'Report time': '' })]))
    ).toEqual(['dated'])
  })

  test('legs with an empty Call ID and the same Start time stay apart', () => {
    const other = { ...live, 'Report ID': 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01b' }
    expect(preparePage([live, other]).kept).toEqual([0, 1])
  })
})
