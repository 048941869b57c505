import type { CallClass, CallOutcome, CallTruth, PartyKind, PartyTruth, Someone } from './call-truth.js'
import type { ToldRecord } from './particulars.js'
import { isService } from './party.js'

/** What is known of a call beside its parties. What nobody has told stays away. */
export interface Facts {
  class: CallClass
  callType: string
  calling?: Someone
  called?: Someone
  location?: string
  offsetMinutes?: number | null
  /** The first record: of the calling side, where the first leg has two. */
  first?: ToldRecord
  /** In order of time. */
  parties: PartyTruth[]
  /** How the call ended for the caller when nobody answered; by default as its first party had it. */
  unanswered?: CallOutcome
  transfers: number
  forwards: number
  inboundTrunk?: string
  outboundTrunk?: string
  vendor?: string | null
  country?: string
  recording?: string
  spam?: string
}

const LISTENERS: readonly PartyKind[] = ['user', 'place', 'virtual_line', 'outside']

/** The account of a call whose last leg ended at `end`. */
export function told(facts: Facts, end: number, reportIds: string[]): CallTruth {
  const parties = facts.parties.toSorted((a, b) => a.presented - b.presented)
  const first = parties[0] as PartyTruth
  const taker = firstTaker(parties)
  const answered = taker?.answered ?? null
  return {
    reportIds,
    start: first.presented,
    answered,
    end,
    offsetMinutes: facts.offsetMinutes ?? null,
    class: facts.class,
    callType: facts.callType,
    outcome: taker ? 'answered' : (facts.unanswered ?? outcomeOf(first)),
    outcomeReason: facts.first?.reason ?? first.outcomeReason,
    calling: facts.calling as Someone,
    called: facts.called as Someone,
    answeredBy: taker ? { number: taker.number, name: taker.name, userId: taker.userId } : null,
    services: servicesOf(parties),
    waitSeconds: seconds((answered ?? end) - first.presented),
    ringSeconds: taker?.ringSeconds ?? Math.max(...parties.map((party) => party.ringSeconds)),
    talkSeconds: answered === null ? 0 : seconds(end - answered),
    holdSeconds: parties.reduce((sum, party) => sum + party.holdSeconds, 0),
    legs: reportIds.length,
    transfers: facts.transfers,
    forwards: facts.forwards,
    location: facts.location ?? null,
    inboundTrunk: facts.inboundTrunk ?? null,
    outboundTrunk: facts.outboundTrunk ?? null,
    vendor: facts.vendor ?? null,
    country: facts.country ?? null,
    recording: facts.recording ?? null,
    spam: facts.spam ?? null,
    parties
  }
}

function firstTaker(parties: readonly PartyTruth[]): PartyTruth | undefined {
  return parties
    .filter(({ kind, outcome }) => outcome === 'answered' && LISTENERS.includes(kind))
    .sort((a, b) => Number(a.answered) - Number(b.answered))[0]
}

function outcomeOf({ outcome, kind }: PartyTruth): CallOutcome {
  if (outcome === 'answered') return kind === 'voicemail' ? 'voicemail' : 'answered'
  if (outcome === 'unreachable' || outcome === 'elsewhere') return 'no_answer'
  return outcome === 'passed_on' ? 'abandoned' : outcome
}

function servicesOf(parties: readonly PartyTruth[]): string | null {
  const names = parties.flatMap(({ kind, name, keyPressed }) => {
    if (kind === 'voicemail') return ['Voicemail']
    if (kind === 'callback') return ['Callback']
    if (!isService(kind)) return []
    return [keyPressed === null ? `${name}` : `${name} [${keyPressed}]`]
  })
  return names.length === 0 ? null : names.join(' > ')
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000)
}
