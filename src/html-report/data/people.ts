import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { COUNT, callsOf, grouped, partiesOf, tally, total } from './grouped.js'

/** A user, workspace or virtual line, and what it had of calls. */
export interface Person {
  name: string | null
  location: string | null
  /** Calls that it made. */
  made: number
  /** Times that a call was put to it. */
  rung: number
  answered: number
  missed: number
  elsewhere: number
  /** As caller and as called. */
  talkSeconds: number
}

/**
 * Those with the most calls first. A masked record does not say whose it was: those are together at the end, and none is
 * matched by what is left of its number.
 */
export async function peopleOf(manager: EntityManager, period: Period): Promise<Person[]> {
  const people = new Map<string, Person>()
  const personOf = (id: string | null, name: string | null, location: string | null) => {
    const isNobody = id === null && name === null
    const key = id ?? (isNobody ? '' : JSON.stringify([name, location]))
    const person = people.get(key) ?? { ...NONE, name, location: isNobody ? null : location }
    person.name ??= name
    people.set(key, person)
    return person
  }
  for (const row of await putTo(manager, period)) {
    const person = personOf(row.id, row.name, row.location)
    person.rung += row.rung
    person.answered += row.answered
    person.missed += row.missed
    person.elsewhere += row.elsewhere
    person.talkSeconds += row.talkSeconds
  }
  for (const row of await madeBy(manager, period)) {
    const person = personOf(row.id, row.name, row.location)
    person.made += row.made
    person.talkSeconds += row.talkSeconds
  }
  const rank = ({ name, made, answered }: Person) => (name === null ? -1 : made + answered)
  return [...people.values()].sort((a, b) => rank(b) - rank(a))
}

const NONE = { made: 0, rung: 0, answered: 0, missed: 0, elsewhere: 0, talkSeconds: 0 }

function putTo(manager: EntityManager, period: Period) {
  return grouped(
    partiesOf(manager, period).andWhere("p.kind IN ('user', 'place', 'virtual_line')"),
    { id: 'p.userId', name: 'p.name', location: 'p.locationName' },
    {
      rung: COUNT,
      answered: tally("p.outcome = 'answered'"),
      missed: tally("p.outcome = 'no_answer' OR p.outcome IN ('busy', 'refused') AND p.ringSeconds > 0"),
      elsewhere: tally("p.outcome = 'elsewhere'"),
      talkSeconds: total('p.talkSeconds')
    }
  )
}

function madeBy(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period).andWhere('c.callingUserId IS NOT NULL'),
    { id: 'c.callingUserId', name: 'c.callingName', location: 'c.locationName' },
    { made: COUNT, talkSeconds: total('c.talkSeconds') }
  )
}
