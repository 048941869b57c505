import type { EntityManager } from 'typeorm'
import type { Offset } from '../frame.js'
import type { Period } from '../period.js'
import { COUNT, callsOf, dayOf, grouped, hourOf, msOf, tally, total } from './grouped.js'

export type CallsByDay = Awaited<ReturnType<typeof callsByDay>>

export function callsByDay(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period),
    { day: dayOf('c.startLocal'), callClass: 'c.callClass', outcome: 'c.outcome' },
    { calls: COUNT, talkSeconds: total('c.talkSeconds') }
  )
}

/** By the hour in which they began, in their location's time: ms as if that were UTC. */
export async function callsByHour(manager: EntityManager, period: Period): Promise<Map<number, number>> {
  const rows = await grouped(callsOf(manager, period), { hour: hourOf('c.startLocal') }, { calls: COUNT })
  return new Map(rows.map(({ hour, calls }) => [Date.parse(`${hour?.replace(' ', 'T')}:00Z`), calls]))
}

export type CallsByPlace = Awaited<ReturnType<typeof callsByPlace>>

export function callsByPlace(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period),
    { location: 'c.locationName', callClass: 'c.callClass', offset: 'c.utcOffsetMinutes' },
    {
      calls: COUNT,
      answered: tally("c.outcome = 'answered'"),
      talkSeconds: total('c.talkSeconds'),
      masked: tally('c.maskedUtc IS NOT NULL'),
      legs: total('c.legs'),
      first: msOf('MIN(c.startUtc)'),
      last: msOf('MAX(c.startUtc)')
    }
  )
}

/** What time the locations had when; calls whose location's time is not known are in UTC. */
export function offsetsOf(places: CallsByPlace): Offset[] {
  const offsets = new Map<number, Offset>()
  for (const { offset, first, last } of places) {
    const minutes = Number(offset ?? 0)
    const known = offsets.get(minutes) ?? { minutes, first, last }
    offsets.set(minutes, {
      minutes,
      first: Math.min(known.first, first),
      last: Math.max(known.last, last)
    })
  }
  return [...offsets.values()]
}
