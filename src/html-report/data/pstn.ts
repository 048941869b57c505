import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { COUNT, callsOf, dayOf, grouped, legsOf, total } from './grouped.js'

export type Pstn = Awaited<ReturnType<typeof pstnOf>>

/** Call types that lead to nobody outside. */
const INSIDE = "('SIP_INBOUND', 'SIP_ENTERPRISE', 'SIP_MEETING', 'SIP_URI', 'ZTN', 'UNKNOWN')"

/**
 * Answered calls from outside, each once, and answered legs to outside: calls, and what was forwarded or transferred
 * there. By the day of the call.
 */
export async function pstnOf(manager: EntityManager, period: Period) {
  const inbound = await grouped(
    callsOf(manager, period).andWhere("c.callClass = 'inbound' AND c.outcome = 'answered'"),
    { day: dayOf('c.startLocal'), callType: 'c.callType', country: 'c.country', vendor: 'c.pstnVendorName' },
    { legs: COUNT, seconds: total('c.talkSeconds') }
  )
  const outbound = await grouped(
    legsOf(manager, period).andWhere(
      `p.kind = 'outside' AND p.outcome = 'answered' AND p.callType NOT IN ${INSIDE}`
    ),
    { day: dayOf('c.startLocal'), callType: 'p.callType', country: 'p.country', vendor: 'p.pstnVendorName' },
    { legs: COUNT, seconds: total('p.talkSeconds') }
  )
  return [
    ...inbound.map((row) => ({ ...row, direction: 'inbound' as const })),
    ...outbound.map((row) => ({ ...row, direction: 'outbound' as const }))
  ]
}
