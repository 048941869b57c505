import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { COUNT, grouped, partiesOf, secondsBetween, tally } from './grouped.js'

export type Services = Awaited<ReturnType<typeof servicesOf>>

/** What queues, hunt groups, attendants and receptionists were offered. */
export function servicesOf(manager: EntityManager, period: Period) {
  const wait = secondsBetween('p.presentedUtc', 'p.answeredUtc')
  const answered = "p.outcome = 'answered'"
  return grouped(
    partiesOf(manager, period).andWhere("p.kind IN ('queue', 'hunt_group', 'attendant', 'ai_receptionist')"),
    { kind: 'p.kind', name: 'COALESCE(p.name, p.number)', location: 'p.locationName' },
    {
      offered: COUNT,
      answered: tally(answered),
      abandoned: tally("p.outcome = 'abandoned'"),
      passedOn: tally("p.outcome = 'passed_on'"),
      waitSeconds: `SUM(CASE WHEN ${answered} THEN ${wait} ELSE 0 END)`,
      longestWait: `MAX(CASE WHEN ${answered} THEN ${wait} ELSE 0 END)`
    }
  )
}
