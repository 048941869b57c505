import type { EntityManager } from 'typeorm'
import type { CdrCall } from '../../entities/index.js'
import type { Period } from '../period.js'
import { COUNT, callsOf, grouped, tally } from './grouped.js'

/** How many emergency calls are listed. */
export const MOST_LISTED = 100

/** The newest emergency calls, and how many there are in all. */
export async function emergencyOf(manager: EntityManager, period: Period) {
  const calls = callsOf(manager, period).andWhere("c.callClass = 'emergency'")
  const [listed, total] = await calls.orderBy('c.startUtc', 'DESC').take(MOST_LISTED).getManyAndCount()
  return { listed: listed satisfies CdrCall[], total }
}

export type Spam = Awaited<ReturnType<typeof spamOf>>

/** What the reputation of the caller led to; calls that nobody looked at are not counted. */
export function spamOf(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period).andWhere('c.spamResult IS NOT NULL'),
    { result: 'c.spamResult' },
    { calls: COUNT, answered: tally("c.outcome = 'answered'") }
  )
}

export type Recordings = Awaited<ReturnType<typeof recordingsOf>>

/** By location and result; calls without a recording are not counted. */
export function recordingsOf(manager: EntityManager, period: Period) {
  return grouped(
    callsOf(manager, period).andWhere('c.recordingResult IS NOT NULL'),
    { location: 'c.locationName', result: 'c.recordingResult' },
    { calls: COUNT }
  )
}
