import { describe, expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'

chooseDialect('sqlite')
const { columnTellsOf, jsonTellsOf, personOf } = await import('../../src/retention/person.js')

const ann = personOf(['Ann.Lee@example.com', 'Ann Lee', 'Jörg "J" Ott', '+15555550777', '77', 'NA', '', null])

describe('a column', () => {
  test.each([
    'ann.lee@example.com',
    'sip:ANN.LEE@EXAMPLE.COM;user=phone',
    'Ann Lee',
    'ANN LEE',
    'the office of Ann Lee, 2nd floor',
    '+15555550777',
    'tel:+15555550777',
    '15555550777',
    'Ann\u00a0Lee',
    'Jo\u0308rg "J" Ott',
    '77'
  ])('tells of her by %j', (value) => {
    expect(columnTellsOf(ann, 'callingNumber', value)).toBe(true)
  })

  test.each([
    'joann.lee@example.com',
    'Ann Leeds',
    'Joann Lee',
    '+155555507770',
    '177',
    'room 77',
    'NA',
    '',
    null,
    77
  ])('does not by %j', (value) => {
    expect(columnTellsOf(ann, 'callingNumber', value)).toBe(false)
  })
})

describe('JSON', () => {
  test.each([
    '{"a": "Ann Lee"}',
    '{"Called number": "77"}',
    '{"x":{"y":"+15555550777"}}',
    '{"a": "Jörg \\"J\\" Ott"}',
    'no JSON, but Ann Lee',
    '{"a": "\\u0041nn Lee"}'
  ])('tells of her by %s', (json) => {
    expect(jsonTellsOf(ann, json)).toBe(true)
  })

  test.each([
    '{"a": "Ann Leeds"}',
    '["77"]',
    '{"Site timezone":"77","Ring duration":"77"}',
    '{"Duration":"NA"}',
    '{"at": "2077-01-77T77:00:00Z", "Duration": 77}',
    '',
    null
  ])('does not by %s', (json) => {
    expect(jsonTellsOf(ann, json)).toBe(false)
  })
})

test('a short number is no other value', () => {
  expect(columnTellsOf(ann, 'siteTimezone', '77')).toBe(false)
  expect(columnTellsOf(ann, 'calledNumber', '77')).toBe(true)
})
