import type { PartyKind, PartyOutcome, PartyTruth, Someone } from './call-truth.js'
import type { Conversation } from './conversation.js'
import type { Line } from './leg.js'
import type { Owner } from './organisation.js'

const SERVICES: readonly PartyKind[] = ['attendant', 'ai_receptionist', 'queue', 'hunt_group']

export function isService(kind: PartyKind): boolean {
  return SERVICES.includes(kind)
}

export function someone(line: Line, owner?: Owner): Someone {
  return { number: line.number, name: owner?.name ?? nameOf(line), userId: owner?.uuid ?? null }
}

function nameOf(line: Line): string | null {
  return line.name === 'NA' ? null : line.name
}

/** Minutes from UTC by the clock of a record's owner, where the record tells. */
export function offsetOf(owner: Owner | undefined, time: number): number | null {
  return owner?.tellsTime ? owner.site.zone.offsetAt(time) : null
}

/** The party that one leg was put to: somebody of the organisation, or else the line that was called. */
export function partyOf(
  callType: string,
  callee: Owner | Line,
  caller: Owner | undefined,
  { times, outcome, said, hold }: Conversation,
  sentBy: Owner | undefined
): PartyTruth {
  const owner = 'uuid' in callee ? callee : undefined
  // What has become of a call that a service took, only the rest of the story tells.
  const judged: PartyOutcome = owner && isService(owner.kind) ? 'abandoned' : outcome
  const answered = judged === 'answered' ? (times.answer ?? null) : null
  return {
    kind: owner?.kind ?? 'outside',
    userId: owner?.uuid ?? null,
    name: nameOf(callee),
    number: callee.number,
    location: owner?.site.name ?? null,
    offsetMinutes: offsetOf(owner, times.start) ?? offsetOf(caller, times.start),
    sentBy: sentBy?.name ?? null,
    sentByKind: sentBy?.kind ?? null,
    presented: times.start,
    answered,
    left: times.release,
    ringSeconds: times.ring,
    talkSeconds: answered === null ? 0 : Math.floor((times.release - answered) / 1000),
    holdSeconds: hold,
    outcome: judged,
    outcomeReason: said.reason,
    keyPressed: null,
    callType,
    country: null,
    vendor: null,
    trunk: null
  }
}
