import type { DataSource, QueryDeepPartialEntity } from 'typeorm'
import type { CdrCall, CdrCallParty } from '../../src/entities/index.js'

const MINUTE = 60_000

/** Times are in ms after the start of the call. */
export interface Party
  extends Omit<QueryDeepPartialEntity<CdrCallParty>, 'presentedUtc' | 'answeredUtc' | 'leftUtc'> {
  at?: number
  answered?: number
  left?: number
}

export interface Call extends QueryDeepPartialEntity<CdrCall> {
  start: string
  /** In ms; to be given where the end counts. */
  length?: number
  parties?: readonly Party[]
}

/** Rows of cdr_calls and cdr_call_parties, made by hand: of a call, what counts is given, the rest is usual. */
export async function insertCalls(dataSource: DataSource, calls: readonly Call[]): Promise<void> {
  const entities = await import('../../src/entities/index.js')
  for (const [index, { start, length = 0, parties = [], ...more }] of calls.entries()) {
    const startUtc = new Date(start)
    const after = (ms: number) => new Date(startUtc.getTime() + ms)
    const key = { journeyId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}` }
    const local = after(
      (more.utcOffsetMinutes as number | undefined) === undefined ? 0 : Number(more.utcOffsetMinutes) * MINUTE
    )
    const none = { waitSeconds: 0, ringSeconds: 0, talkSeconds: 0, holdSeconds: 0 }
    await dataSource.manager.insert(entities.CdrCall, {
      ...key,
      ...none,
      startUtc,
      endUtc: after(length),
      startLocal: local,
      callClass: 'internal',
      outcome: 'answered',
      legs: 1,
      transfers: 0,
      forwards: 0,
      updatedUtc: startUtc,
      ...more
    })
    for (const [place, { at = 0, answered, left, ...party }] of parties.entries()) {
      await dataSource.manager.insert(entities.CdrCallParty, {
        ...key,
        callStartUtc: startUtc,
        position: place + 1,
        kind: 'user',
        outcome: 'answered',
        presentedUtc: after(at),
        ...(answered === undefined ? {} : { answeredUtc: after(answered) }),
        ...(left === undefined ? {} : { leftUtc: after(left) }),
        ringSeconds: 0,
        talkSeconds: 0,
        holdSeconds: 0,
        ...party
      })
    }
  }
}
