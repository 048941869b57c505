import { describe, expect, test } from 'vitest'
import { personOf, tellsOf, textTellsOf } from '../../src/retention/person.js'

const ann = personOf(['Ann.Lee@example.com', 'Ann Lee', '+15555550777', '77', 'NA', '', null])

describe('a column', () => {
  test.each([
    'ann.lee@example.com',
    'sip:ANN.LEE@EXAMPLE.COM;user=phone',
    'Ann Lee',
    'ANN LEE',
    'the office of Ann Lee, 2nd floor',
    '+15555550777',
    'tel:+15555550777',
    '77'
  ])('tells of her by %j', (value) => {
    expect(tellsOf(ann, value)).toBe(true)
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
    expect(tellsOf(ann, value)).toBe(false)
  })
})

describe('JSON', () => {
  test.each(['{"a": "Ann Lee"}', '["77"]', '{"x":{"y":"+15555550777"}}', '{"a": "\\u0041nn Lee"}'])(
    'tells of her by %s',
    (json) => {
      expect(textTellsOf(ann, json)).toBe(true)
    }
  )

  test.each(['{"a": "Ann Leeds"}', '["177"]', '{"Duration":"NA"}', '', null])('does not by %s', (json) => {
    expect(textTellsOf(ann, json)).toBe(false)
  })
})
