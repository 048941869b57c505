import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { callsOf, dayOf, grouped, tally } from './grouped.js'

export type RouteLists = Awaited<ReturnType<typeof routeListsOf>>

/** Days on which route lists were used beyond what is licensed, in order. */
export async function routeListsOf(manager: EntityManager, period: Period) {
  const rows = await grouped(
    callsOf(manager, period).andWhere("(c.routeListOverage > 0 OR c.outcomeReason = 'RouteListCalls')"),
    { day: dayOf('c.startLocal') },
    {
      above: tally('c.routeListOverage > 0'),
      mostAbove: 'MAX(c.routeListOverage)',
      blocked: tally("c.outcomeReason = 'RouteListCalls'")
    }
  )
  return rows.sort((a, b) => String(a.day).localeCompare(String(b.day)))
}
