import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JsonItems, parseBody } from '../../src/webex/json-body.js'
import { inChunks } from '../support/chunks.js'

/** As JSON.parse would have it; undefined where that is not JSON. */
function parsed(text: string, size = text.length): unknown {
  try {
    return JSON.parse(JSON.stringify(parseBody(inChunks(Buffer.from(text), size)), listsAsArrays))
  } catch {
    return undefined
  }
}

function listsAsArrays(_: string, value: unknown): unknown {
  return value instanceof JsonItems
    ? Array.from({ length: value.length }, (_, index) => value.at(index))
    : value
}

function expected(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const text = fc.string({
  unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', 'items', 'ü', '😀', '\n')
})
const { item } = fc.letrec((tie) => ({
  item: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.constantFrom(null, true),
    fc.array(tie('item'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(text, fc.constantFrom('items', 'ITEMS')), tie('item'), { maxKeys: 3 })
  )
}))
const body = fc.dictionary(
  fc.oneof(fc.constantFrom('items', 'Items', ' items', 'message'), text),
  fc.oneof(fc.array(item, { maxLength: 5 }), item),
  { maxKeys: 4 }
)

test('any body is read as JSON.parse reads it, however it is cut', () => {
  const blanks = fc.constantFrom(undefined, 1, '\t')
  fc.assert(
    fc.property(body, blanks, fc.integer({ min: 1, max: 40 }), (body, indent, size) => {
      const json = JSON.stringify(body, undefined, indent)
      expect(parsed(json, size)).toEqual(expected(Buffer.from(json).toString()))
    })
  )
})

test('what JSON.parse refuses is refused, wherever it is wrong', () => {
  const damage = fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '1', '"items":[')
  fc.assert(
    fc.property(body, damage, fc.nat(), fc.nat({ max: 3 }), (body, put, place, removed) => {
      const json = JSON.stringify({ items: [1, { a: 'b' }], ...body })
      const at = place % (json.length + 1)
      const damaged = json.slice(0, at) + put + json.slice(at + removed)
      // Chunks of one byte hide where the list begins: it is read whole.
      for (const size of [1, damaged.length])
        expect(parsed(damaged, size)).toEqual(expected(Buffer.from(damaged).toString()))
    }),
    { numRuns: 1_000 }
  )
})

test.each([
  '{"items":[]}',
  '{"items":[ ]}',
  '{"items":[1,]}',
  '{"items":[,1]}',
  '{"items":[1}',
  '{"items":[1],"items":[2]}',
  '{"items":[1],"Items":null}',
  '{"items":[1],"items":null}',
  '{"items":[1],"it\\u0065ms":[2]}',
  '{"x\\",\\"items":[1]}',
  '["items",[1]]',
  '[{"items":[1]}]',
  '{"a":{"items":[1]}}',
  '{"items":[1]} x',
  '{"items":[1',
  '',
  'null'
])('%s is what JSON.parse makes of it', (json) => {
  expect(parsed(json)).toEqual(expected(Buffer.from(json).toString()))
})

test('the items of a page are parsed when they are asked for', () => {
  const { items } = parseBody([Buffer.from('{"items":[{"a":1},2]}')]) as { items: JsonItems }
  expect(items).toBeInstanceOf(JsonItems)
  expect(items).toHaveLength(2)
  expect(items.at(0)).not.toBe(items.at(0))
})
