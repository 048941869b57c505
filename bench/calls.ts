import type { DataSource, QueryDeepPartialEntity } from 'typeorm'
import type { CdrCall, CdrCallParty, PartyKind } from '../src/entities/index.js'

type Call = QueryDeepPartialEntity<CdrCall> & Pick<CdrCall, 'journeyId' | 'startUtc'>
type Party = QueryDeepPartialEntity<CdrCallParty>

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const OFFSET = 60
const LOCATIONS = 40
const USERS = 2_000

/** The calls that this many records make in a day, and whom they were put to: always the same ones. */
export function oneDay(records: number, midnight: number): { calls: Call[]; parties: Party[] } {
  const calls: Call[] = []
  const parties: Party[] = []
  for (let number = 0; number < Math.round(records * 0.48); number += 1) {
    const { call, put } = oneCall(number, midnight)
    calls.push(call)
    put.forEach((party, index) => {
      parties.push({ ...party, callStartUtc: call.startUtc, journeyId: call.journeyId, position: index + 1 })
    })
  }
  return { calls, parties }
}

function oneCall(number: number, midnight: number): { call: Call; put: Party[] } {
  const shape = number % 20
  const start = midnight + 7 * HOUR + ((number * 7_919) % (11 * 3_600)) * SECOND
  const ring = 3 + (number % 25)
  const talk = number % 7 === 0 ? 0 : 20 + ((number * 31) % 600)
  const at = (seconds: number) => new Date(start + seconds * SECOND)
  const outcome = talk === 0 ? 'no_answer' : 'answered'
  const person = (offset: number) => (number * 13 + offset) % USERS
  const party = (kind: PartyKind, name: string, more: Party = {}): Party => ({
    kind,
    name,
    userId: `00000000-0000-4000-8000-user${String(person(0)).padStart(8, '0')}`,
    number: `+4930${1_000_000 + person(0)}`,
    locationName: locationOf(person(0)),
    utcOffsetMinutes: OFFSET,
    presentedUtc: at(0),
    answeredUtc: talk > 0 ? at(ring) : null,
    leftUtc: at(ring + talk),
    ringSeconds: ring,
    talkSeconds: talk,
    holdSeconds: talk > 300 ? 30 : 0,
    outcome,
    outcomeReason: talk > 0 ? 'Success' : 'NoAnswer',
    callType: 'SIP_ENTERPRISE',
    ...more
  })
  const user = (offset: number, more: Party = {}) => {
    const userId = `00000000-0000-4000-8000-user${String(person(offset)).padStart(8, '0')}`
    return party('user', `User ${person(offset)}`, {
      userId,
      locationName: locationOf(person(offset)),
      ...more
    })
  }
  const trunk = number % 2 === 0 ? `Gateway ${number % 12}` : null
  const service = `Service ${number % 25}`
  const sentByKind = shape === 18 ? 'queue' : 'hunt_group'
  const unanswered = { outcome: 'no_answer', answeredUtc: null, talkSeconds: 0 } as const
  const inbound = { callType: 'SIP_INBOUND', trunk, pstnVendorName: 'Carrier' }
  const [callClass, put]: [CdrCall['callClass'], Party[]] =
    shape < 8
      ? ['internal', [user(1)]]
      : shape < 13
        ? ['inbound', [user(1, inbound)]]
        : shape < 18
          ? [
              'outbound',
              [party('outside', 'Outside', { ...inbound, callType: 'SIP_NATIONAL', country: 'DE' })]
            ]
          : [
              'inbound',
              [
                ...(shape === 18
                  ? [
                      party('attendant', 'Menu', {
                        ...inbound,
                        keyPressed: String(number % 9),
                        outcome: 'passed_on'
                      })
                    ]
                  : []),
                party(shape === 18 ? 'queue' : 'hunt_group', service, {
                  talkSeconds: 0,
                  outcome: talk > 0 ? 'answered' : 'abandoned',
                  ...(shape === 18 ? {} : inbound)
                }),
                user(2, { ...unanswered, sentBy: service, sentByKind }),
                user(3, { sentBy: service, sentByKind })
              ]
            ]
  const call: Call = {
    journeyId: `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`,
    orgId: '00000000-0000-4000-8000-00000000aaaa',
    startUtc: at(0),
    answeredUtc: talk > 0 ? at(ring) : null,
    endUtc: at(ring + talk),
    utcOffsetMinutes: OFFSET,
    startLocal: at(OFFSET * 60),
    answeredLocal: talk > 0 ? at(OFFSET * 60 + ring) : null,
    endLocal: at(OFFSET * 60 + ring + talk),
    callClass,
    callType:
      callClass === 'internal' ? 'SIP_ENTERPRISE' : callClass === 'inbound' ? 'SIP_INBOUND' : 'SIP_NATIONAL',
    outcome: talk === 0 && shape > 17 ? 'abandoned' : outcome,
    outcomeReason: talk > 0 ? 'Success' : 'NoAnswer',
    callingNumber: '+49301234567',
    callingName: callClass === 'inbound' ? 'Caller' : `User ${person(0)}`,
    callingUserId:
      callClass === 'inbound' ? null : `00000000-0000-4000-8000-user${String(person(0)).padStart(8, '0')}`,
    calledNumber: '+49307654321',
    calledName: 'Called',
    services: shape > 17 ? service : null,
    waitSeconds: ring,
    ringSeconds: ring,
    talkSeconds: talk,
    holdSeconds: 0,
    legs: put.length * 2,
    transfers: 0,
    forwards: 0,
    locationName: locationOf(person(0)),
    pstnVendorName: callClass === 'internal' ? null : 'Carrier',
    country: callClass === 'outbound' ? 'DE' : null,
    updatedUtc: at(3_600)
  }
  return { call, put }
}

function locationOf(person: number): string {
  return `Location ${person % LOCATIONS}`
}

/** Copies of the calls that are there, each this many days before them, under journey IDs of their own. */
export async function copyDays(dataSource: DataSource, days: number): Promise<void> {
  const isServer = dataSource.options.type === 'mssql'
  const { CdrCall, CdrCallParty } = await import('../src/entities/index.js')
  for (let day = 1; day <= days; day += 1) {
    const prefix = day.toString(16).padStart(8, '0')
    for (const [entity, start] of [
      [CdrCall, 'start_utc'],
      [CdrCallParty, 'call_start_utc']
    ] as const) {
      const { columns, tableName } = dataSource.getMetadata(entity)
      const names = columns.map(({ databaseName }) => databaseName)
      const values = names.map((name) => {
        if (name === 'journey_id') {
          return isServer
            ? `STUFF(CAST(journey_id AS char(36)), 1, 8, '${prefix}')`
            : `'${prefix}' || substr(journey_id, 9)`
        }
        if (!/_(utc|local)$/.test(name)) return name
        return isServer
          ? `DATEADD(day, -${day}, ${name})`
          : `strftime('%Y-%m-%d %H:%M:%f', ${name}, '-${day} days')`
      })
      await dataSource.query(
        `INSERT INTO ${tableName} (${names.join(', ')})
         SELECT ${values.join(', ')} FROM ${tableName} WHERE ${start} >= ${isServer ? '@0' : '?'}`,
        [isServer ? NEWEST : NEWEST.toISOString().replace('T', ' ').replace('Z', '')]
      )
    }
  }
}

/** The day that all others are copies of. */
export const NEWEST = new Date('2026-10-01T00:00:00Z')
