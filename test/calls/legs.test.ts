import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { item } from '../support/live.js'

chooseDialect('sqlite')
const { callOf } = await import('../../src/calls/call.js')
const { journeysOf } = await import('../../src/calls/journeys.js')
const { toRecord } = await import('../../src/record/record.js')

/** The one call of these records. */
function callWith(...changes: object[]) {
  const rows = changes.map((change, index) => {
    const mapped = toRecord(item(index + 1, { 'Remote call ID': '', ...change }))
    if (!('row' in mapped)) throw new Error(mapped.unstorable.reason)
    return mapped.row
  })
  const journeys = journeysOf(rows)
  expect(journeys).toHaveLength(1)
  return callOf(journeys[0]!)
}

test('a parked call that rings again takes its line once', () => {
  const rings = { 'Inbound trunk': 'Trunk A', 'Redirect reason': '', 'Related reason': '' }
  const { call, parties } = callWith(
    { ...rings, 'Network call ID': 'BW1', 'Start time': '2026-09-24T07:00:00.000Z' },
    {
      ...rings,
      'Network call ID': 'BW2',
      'Start time': '2026-09-24T07:10:00.000Z',
      'Recall type': 'call park'
    }
  )
  expect(parties.map(({ trunk }) => trunk)).toEqual(['Trunk A', null])
  expect(call.inboundTrunk).toBe('Trunk A')
})

test('the two sides of a leg are one, though only one of them is masked', () => {
  const { call, parties } = callWith(
    { Direction: 'ORIGINATING', 'Network call ID': 'BW1' },
    { Direction: 'TERMINATING', 'Network call ID': 'BW1@192.0.2.1' }
  )
  expect(parties).toHaveLength(1)
  expect(call.legs).toBe(2)
})
