import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'

chooseDialect('sqlite')
const { callOf } = await import('../../src/calls/call.js')
const { journeysOf } = await import('../../src/calls/journeys.js')
const { maskedCall } = await import('../../src/retention/call-mask.js')
const { toRecord } = await import('../../src/record/record.js')
const { item } = await import('../support/live.js')

const NOW = new Date('2026-11-01T00:00:00.000Z')

function callWith(...changes: object[]) {
  const rows = changes.map((change, index) => {
    const mapped = toRecord(item(index + 1, { 'Network call ID': `BW${index}@192.0.2.1`, ...change }))
    if (!('row' in mapped)) throw new Error(mapped.unstorable.reason)
    return mapped.row
  })
  return callOf(journeysOf(rows)[0]!)
}

const PERSON = {
  User: 'Ann Lee',
  'User UUID': '18c2c489-2fef-4a15-a4bd-cab7b65d8417',
  'User type': 'User',
  'User number': '+15555550777',
  'Calling number': '+15555550666',
  'Calling line ID': 'Bob Ray',
  'Called number': '+15555550777'
}

test.each([{ digits: 3 }, { key: 'secret' }])('a call that is masked twice is masked once: %o', (mask) => {
  const once = maskedCall(callWith(PERSON), mask, NOW)
  expect(JSON.stringify(once)).not.toMatch(/Ann|Bob|5550777|5550666|18c2c489/)
  expect(once.call.callingNumber).toMatch('digits' in mask ? /^\+15555550xxx$/ : /^hmac:/)
  expect(maskedCall(once, mask, NOW)).toEqual(once)
})

test('a voicemail that is somebody’s is masked, a service keeps its name', () => {
  const voicemail = { ...PERSON, 'Called line ID': 'Voice Portal Voice Messaging Group' }
  const queue = { ...PERSON, User: 'Customer Care', 'User type': 'CallCenterPremium' }
  const { call, parties } = maskedCall(callWith(queue, voicemail), 'clear', NOW)
  expect(parties.map(({ kind, name, number }) => [kind, name, number])).toEqual(
    expect.arrayContaining([
      ['queue', 'Customer Care', '+15555550777'],
      ['voicemail', null, null]
    ])
  )
  expect(call.services).toContain('Customer Care')
})

test('absurd hold durations do not make a call that a database refuses', () => {
  const hold = { ...PERSON, 'Hold duration': 2 ** 31 - 1 }
  expect(callWith(hold, hold).call.holdSeconds).toBe(2 ** 31 - 1)
})
