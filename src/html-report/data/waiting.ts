import type { EntityManager } from 'typeorm'
import type { Period } from '../period.js'
import { COUNT, callsOf, grouped } from './grouped.js'

/** As many calls waited as many seconds. */
export interface Waits {
  seconds: number
  calls: number
}

export interface Waiting {
  answered: Waits[]
  /** Not answered by a person. */
  unanswered: Waits[]
}

/** Of inbound calls, the shortest first. */
export async function waitingOf(manager: EntityManager, period: Period): Promise<Waiting> {
  const answered = "CASE WHEN c.outcome = 'answered' THEN 1 ELSE 0 END"
  const rows = await grouped(
    callsOf(manager, period).andWhere("c.callClass = 'inbound'"),
    { answered, seconds: 'c.waitSeconds' },
    { calls: COUNT }
  )
  const waits = (wanted: string) =>
    rows
      .filter((row) => row.answered === wanted)
      .map(({ seconds, calls }) => ({ seconds: Number(seconds), calls }))
      .sort((a, b) => a.seconds - b.seconds)
  return { answered: waits('1'), unanswered: waits('0') }
}

/** The least wait that at least this share did not exceed; undefined where there are none. */
export function quantile(waits: readonly Waits[], share: number): number | undefined {
  let wanted = share * waits.reduce((sum, { calls }) => sum + calls, 0)
  for (const { seconds, calls } of waits) {
    wanted -= calls
    if (wanted <= 0) return seconds
  }
  return undefined
}
