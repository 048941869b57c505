import { item } from './live.js'

/** Moments of 2026-09-24 in UTC. */
const at = (clock: string) => `2026-09-24T${clock}Z`

/** Of the call that `tracedCall` returns the legs of. */
export const CORRELATION_ID = '5d1f6b1e-8c57-4f0e-9d33-1c2b3a4d5e6f'
export const CALL_ID = 'SSE075910-1@203.0.113.7'

const CALLER = { 'Calling number': '+15555550199', 'Calling line ID': 'WIRELESS CALLER' }
const MENU = owner('Main Menu', '+15555550100', 'AutomatedAttendantVideo', '1')
const QUEUE = owner('Customer Care', '+15555550102', 'CallCenterPremium', '2')
const ANN = { ...owner('ann.lee@example.com', '+15555550111', 'User', '3'), Model: '8875' }
const BOB = { ...owner('Bob Ray', '+15555550112', 'User', '4'), 'Client type': 'WXC_CLIENT' }

/**
 * A caller from outside presses 2 in a menu, is queued, rings two agents one after the other, talks to the second one
 * and hangs up. Seven records.
 */
export function tracedCall(): Record<string, unknown>[] {
  const through = { ...CALLER, 'Original reason': 'Unconditional' }
  const deflected = {
    ...through,
    ...by(MENU, 'Deflection'),
    'Called number': '8002',
    'Called line ID': 'Customer Care'
  }
  const queued = { ...through, ...by(QUEUE, 'CallQueue') }
  const rung = {
    ...queued,
    'Called number': '2001',
    'Called line ID': 'Ann Lee',
    ...lasted('07:59:30.000', '07:59:42.000', 12)
  }
  const taken = {
    ...queued,
    'Called number': '2002',
    'Called line ID': 'Bob Ray',
    ...answered('07:59:42.250', '07:59:47.250', '08:01:07.250', 5)
  }
  const waited = answered('07:59:20.500', '07:59:21.000', '08:01:07.250', 0)
  const menu = answered('07:59:10.000', '07:59:10.300', '08:01:07.250', 0)
  return [
    leg(1, 'TERMINATING', MENU, [1, 0], {
      ...CALLER,
      'Called number': '+15555550100',
      'Called line ID': 'Main Menu',
      'Call type': 'SIP_INBOUND',
      'Call ID': CALL_ID,
      'Auto Attendant Key Pressed': '2',
      'Releasing party': 'Remote',
      ...menu
    }),
    leg(2, 'ORIGINATING', MENU, [2, 3], { ...deflected, ...waited, 'Releasing party': 'Local' }),
    leg(3, 'TERMINATING', QUEUE, [3, 2], { ...deflected, ...waited, 'Releasing party': 'Remote' }),
    leg(4, 'ORIGINATING', QUEUE, [4, 5], { ...rung, 'Releasing party': 'Local' }),
    leg(5, 'TERMINATING', ANN, [5, 4], { ...rung, 'Releasing party': 'Remote' }),
    leg(6, 'ORIGINATING', QUEUE, [6, 7], { ...taken, 'Releasing party': 'Local' }),
    leg(7, 'TERMINATING', BOB, [7, 6], { ...taken, 'Releasing party': 'Remote' })
  ]
}

function owner(name: string, number: string, type: string, digit: string) {
  return {
    User: name,
    'User number': number,
    'User type': type,
    'User UUID': `${digit.repeat(8)}-aaaa-4aaa-8aaa-aaaaaaaaaaaa`,
    Location: 'Main Office'
  }
}

function by({ 'User UUID': uuid, 'User number': number }: ReturnType<typeof owner>, reason: string) {
  return {
    'Redirecting party UUID': uuid,
    'Redirecting number': number,
    'Redirect reason': reason,
    'Related reason': reason
  }
}

function lasted(start: string, end: string, ring: number) {
  return {
    'Start time': at(start),
    'Release time': at(end),
    'Report time': at(end),
    'Ring duration': String(ring),
    'Call outcome': 'Success',
    'Call outcome reason': 'NoAnswer'
  }
}

function answered(start: string, answer: string, end: string, ring: number) {
  return {
    ...lasted(start, end, ring),
    Answered: 'true',
    'Answer indicator': 'Yes',
    'Answer time': at(answer),
    Duration: Math.floor((Date.parse(at(end)) - Date.parse(at(answer))) / 1_000),
    'Call outcome reason': 'Normal'
  }
}

/** @param ends the numbers of the two ends; 0 is outside */
function leg(id: number, direction: string, owner: object, [local, remote]: [number, number], more: object) {
  const pair = Math.max(local, remote) >> 1
  return item(id, {
    'Call type': 'SIP_ENTERPRISE',
    'Correlation ID': CORRELATION_ID,
    'Interaction ID': '',
    'Client type': '',
    Direction: direction,
    'Local call ID': `${local}00:0`,
    'Remote call ID': remote === 0 ? '' : `${remote}00:0`,
    'Network call ID': `BW${pair}@192.0.2.1`,
    ...owner,
    ...more
  })
}
