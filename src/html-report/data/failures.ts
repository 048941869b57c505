import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { COUNT, callsOf, grouped, tally } from './grouped.js'

export type Failures = Awaited<ReturnType<typeof failuresOf>>

export function failuresOf(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period).andWhere("c.outcome IN ('failed', 'blocked', 'refused', 'busy', 'no_answer')"),
    { outcome: 'c.outcome', reason: 'c.outcomeReason' },
    {
      calls: COUNT,
      inbound: tally("c.callClass = 'inbound'"),
      outbound: tally("c.callClass IN ('outbound', 'toll_free', 'emergency', 'meeting')"),
      internal: tally("c.callClass IN ('internal', 'unknown')")
    }
  )
}
