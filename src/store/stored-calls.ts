import { type EntityManager, In } from 'typeorm'
import type { Call } from '../calls/call.js'
import { CdrCall, CdrCallParty } from '../entities/index.js'

/** Two lists of parameters each; SQL Server takes fewer than 2,100. */
const CALLS = 1_000

/** The calls of journeys as they are stored. */
export async function storedCalls(manager: EntityManager, journeyIds: Iterable<string>): Promise<Call[]> {
  const ids = [...new Set(journeyIds)]
  const found: Call[] = []
  for (let at = 0; at < ids.length; at += CALLS) {
    const calls = await manager.findBy(CdrCall, { journeyId: In(ids.slice(at, at + CALLS)) })
    if (calls.length === 0) continue
    const parties = await manager.find(CdrCallParty, {
      where: {
        callStartUtc: In(calls.map(({ startUtc }) => startUtc)),
        journeyId: In(calls.map(({ journeyId }) => journeyId))
      },
      order: { position: 'ASC' }
    })
    const byCall = new Map(calls.map((call) => [call.journeyId, { call, parties: [] as CdrCallParty[] }]))
    for (const party of parties) byCall.get(party.journeyId)?.parties.push(party)
    found.push(...byCall.values())
  }
  return found
}
