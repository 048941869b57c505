import fc from 'fast-check'
import { live } from '../support/live.js'

/** JSON that looks like what a column takes, or like what a reader trips over. */
export const hostile = fc.oneof(
  fc.jsonValue({ stringUnit: 'binary' }),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.constantFrom(
    {},
    [],
    ['true'],
    { toString: null },
    { toString: 1, valueOf: 1 },
    { toJSON: 1 },
    JSON.parse('{"__proto__":{"toString":null},"length":9}'),
    -0,
    1e308,
    2 ** 31,
    -(2 ** 31),
    '2147483648',
    '-0',
    ' NA ',
    'a\0b@example.com',
    'a@example.com\u0000',
    '\ud800@example.com',
    '\0',
    '\ud800',
    `${'x'.repeat(63)}\u{1f600}`,
    '9999-12-31T23:59:59.999Z',
    '0001-01-01T00:00:00Z',
    '2026-01-01T00:00:00-99:99',
    '2026-06-30T23:59:60Z',
    '9998-12-31T23:59:59Z',
    '9998-12-31T23:59:59-01:00',
    '+010000-01-01T00:00:00Z'
  ),
  fc.date().map((date) => (Number.isNaN(date.getTime()) ? 'Invalid Date' : date.toISOString()))
)

const knownKeys = Object.keys(live)
const key = fc.oneof(
  fc.constantFrom(...knownKeys),
  fc.constantFrom(...knownKeys).map((name) => name.toUpperCase().replaceAll(' ', '  ')),
  fc.string(),
  fc.constantFrom('__proto__', 'toJSON', 'toString', 'constructor')
)
/** Few Report IDs, so that they repeat. */
const reportId = fc.constantFrom(
  live['Report ID'],
  String(live['Report ID']).toUpperCase(),
  'EA9CD4C2-b4e8-3e0f-b518-b14906a6d01b',
  '',
  'NA'
)
/** An item of a page: anything, or the live record with anything in some keys. */
export const anyItem = fc.oneof(
  { weight: 1, arbitrary: hostile },
  { weight: 1, arbitrary: fc.dictionary(key, hostile) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.dictionary(key, hostile, { maxKeys: 8 }), reportId)
      .map(([fields, id]) => ({ ...live, ...fields, 'Report ID': id }))
  }
)
