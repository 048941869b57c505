import { randomUUID } from 'node:crypto'
import type { EntityManager } from 'typeorm'
import type { CdrCall, CdrCallParty } from '../../src/entities/index.js'

/** A call with its parties, of which only what matters is given: of a minute, at UTC, answered after ten seconds. */
export interface GivenCall extends Partial<Omit<CdrCall, 'startUtc' | 'endUtc'>> {
  /** “2026-11-02T09:00:00Z” */
  at: string
  /** In s. */
  lasts?: number
  /** `kind` is user and `outcome` answered where nothing else is said; times are those of the call. */
  parties?: Partial<CdrCallParty>[]
}

export async function addCalls(manager: EntityManager, ...given: GivenCall[]): Promise<void> {
  const entities = await import('../../src/entities/index.js')
  for (const { at, lasts = 60, parties = [], ...call } of given) {
    const startUtc = new Date(at)
    const endUtc = after(startUtc, lasts)
    const journeyId = randomUUID()
    const shift = (call.utcOffsetMinutes ?? 0) * 60
    const row = {
      journeyId,
      startUtc,
      endUtc,
      startLocal: after(startUtc, shift),
      callClass: 'inbound',
      outcome: 'answered',
      waitSeconds: 10,
      ringSeconds: 0,
      talkSeconds: lasts,
      holdSeconds: 0,
      legs: 1,
      transfers: 0,
      forwards: 0,
      updatedUtc: endUtc,
      ...call
    }
    await insert(manager, entities.CdrCall, row)
    for (const [index, party] of parties.entries()) {
      await insert(manager, entities.CdrCallParty, {
        callStartUtc: startUtc,
        journeyId,
        position: index + 1,
        kind: 'user',
        presentedUtc: startUtc,
        answeredUtc: after(startUtc, 10),
        leftUtc: endUtc,
        ringSeconds: 10,
        talkSeconds: lasts,
        holdSeconds: 0,
        outcome: 'answered',
        ...party
      })
    }
  }
}

function after(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1_000)
}

async function insert(manager: EntityManager, table: new () => object, row: object): Promise<void> {
  await manager.createQueryBuilder().insert().into(table).values(row).updateEntity(false).execute()
}
