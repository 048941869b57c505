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

test('without an ID of the network, the two sides of a leg are known by the call ID of each end', () => {
  const one = {
    Direction: 'ORIGINATING',
    'Network call ID': '',
    'Local call ID': '1:0',
    'Remote call ID': '2:0'
  }
  const other = { ...one, Direction: 'TERMINATING', 'Local call ID': '2:0', 'Remote call ID': '1:0' }
  expect(callWith(one, other).parties).toHaveLength(1)
  expect(callWith(one, { ...other, 'Local call ID': '1:0', 'Remote call ID': '2:0' }).parties).toHaveLength(2)
})

test('an agent is of the queue that rang, though its record relates to the attendant before it', () => {
  const [menu, queue] = ['11111111-aaaa-4aaa-8aaa-aaaaaaaaaaaa', '22222222-aaaa-4aaa-8aaa-aaaaaaaaaaaa']
  const { parties } = callWith(
    {
      Direction: 'TERMINATING',
      'Start time': '2026-09-24T07:00:00.000Z',
      'Network call ID': 'BW1',
      'Local call ID': '1:0',
      'User type': 'AutomatedAttendantVideo',
      'User UUID': menu,
      User: 'Menu'
    },
    {
      Direction: 'ORIGINATING',
      'Start time': '2026-09-24T07:10:00.000Z',
      'Network call ID': 'BW2',
      'Local call ID': '2:0',
      'Related call ID': '1:0',
      'User type': 'CallCenterStandard',
      'User UUID': queue,
      User: 'Care'
    },
    {
      Direction: 'TERMINATING',
      'Start time': '2026-09-24T07:10:00.000Z',
      'Network call ID': 'BW2',
      'Local call ID': '3:0',
      'User type': 'User',
      User: 'Anna'
    }
  )
  expect(parties[1]).toMatchObject({ name: 'Anna', sentBy: 'Care', sentByKind: 'queue' })
})
