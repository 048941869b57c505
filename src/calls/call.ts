import type { CallClass, CallOutcome, CdrCall, CdrCallParty } from '../entities/index.js'
import type { Journey } from './journeys.js'
import { type CallLeg, said } from './leg.js'
import { isCalledSide, isForwarded, isService, isSomebody, unansweredAs } from './meanings.js'
import { farSide, nearSide, type Pair, pairsOf, tellingLegs, withoutGateway } from './pairs.js'
import { offsetOf, type Party, partiesOf } from './parties.js'

/** What cdr_calls and cdr_call_parties have of a call; the database adds when that was written. */
export interface Call {
  call: Omit<CdrCall, 'updatedUtc'>
  parties: CdrCallParty[]
}

/** Makes a call from its legs, as docs/BI.md defines each column. */
export function callOf({ id: journeyId, legs: all }: Journey): Call {
  const legs = tellingLegs(all)
  const pairs = pairsOf(legs)
  const first = pairs[0]!
  const parties = partiesOf(pairs)
  const answer = answerOf(parties)
  const start = legs[0]!.startTime
  return {
    call: {
      journeyId,
      startUtc: start,
      ...timesOf(first, legs, parties, answer),
      ...classOf(pairs),
      outcome: answer ? 'answered' : outcomeOf(first, pairs, parties),
      outcomeReason: said(nearSide(first).callOutcomeReason),
      ...namesOf(first, answer),
      services: servicesOf(parties),
      holdSeconds: parties.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0),
      legs: all.length,
      transfers: new Set(legs.flatMap(({ callTransferTime: time }) => (time ? [time.getTime()] : []))).size,
      forwards: pairs.filter((pair) => isForwarded(farSide(pair))).length,
      ...placesOf(withoutGateway(first), legs)
    },
    parties: parties.map((party, index) => ({
      callStartUtc: start,
      journeyId,
      position: index + 1,
      ...party
    }))
  }
}

function timesOf(
  first: Pair,
  legs: readonly CallLeg[],
  parties: readonly Party[],
  answer: Party | undefined
) {
  const start = legs[0]!.startTime
  const answered = answer?.answeredUtc ?? null
  const end = newest(legs.map(({ releaseTime }) => releaseTime))
  const offset = [nearSide(first), ...legs].map(offsetOf).find((minutes) => minutes !== null) ?? null
  const local = (time: Date | null) => time && new Date(time.getTime() + (offset ?? 0) * 60_000)
  return {
    answeredUtc: answered,
    endUtc: end,
    utcOffsetMinutes: offset,
    startLocal: local(start)!,
    answeredLocal: local(answered),
    endLocal: local(end),
    waitSeconds: seconds(start, answered ?? end),
    talkSeconds: answered ? seconds(answered, end) : 0,
    ringSeconds: answer?.ringSeconds ?? Math.max(0, ...parties.map(({ ringSeconds }) => ringSeconds))
  }
}

/** Call types that say nothing of the world outside. */
const INSIDE = new Set(['SIP_ENTERPRISE', 'SIP_URI', 'ZTN', 'UNKNOWN'])

function classOf(pairs: readonly Pair[]): Pick<CdrCall, 'callClass' | 'callType' | 'pstnVendorName'> {
  const typed = pairs
    .flatMap(({ calling, called }) => [calling, called])
    .flatMap((leg) => {
      const callType = leg ? said(leg.callType) : null
      return leg && callType !== null ? [{ leg, callType, type: callType.toUpperCase() }] : []
    })
  const decisive =
    typed.find(({ type }) => type === 'SIP_EMERGENCY') ?? typed.find(({ type }) => !INSIDE.has(type))
  if (!decisive) {
    const [known] = typed
    return {
      callClass: known ? 'internal' : 'unknown',
      callType: known?.callType ?? null,
      pstnVendorName: null
    }
  }
  const { leg, callType, type } = decisive
  return { callClass: classByType(leg, type), callType, pstnVendorName: said(leg.pstnVendorName) }
}

function classByType(leg: CallLeg, type: string): CallClass {
  if (type === 'SIP_EMERGENCY') return 'emergency'
  if (type === 'SIP_TOLLFREE') return 'toll_free'
  if (type === 'SIP_MEETING') return 'meeting'
  return type === 'SIP_INBOUND' || isCalledSide(leg) ? 'inbound' : 'outbound'
}

/** Of a call that nobody answered. */
function outcomeOf(first: Pair, pairs: readonly Pair[], parties: readonly Party[]): CallOutcome {
  if (parties.some(({ kind, outcome }) => kind === 'voicemail' && outcome === 'answered')) return 'voicemail'
  const reasons = [farSide(first), nearSide(first)].map(unansweredAs)
  if (reasons.includes('blocked')) return 'blocked'
  const wasTaken = pairs.some(
    ({ called }, index) =>
      called &&
      isService(parties[index]!.kind) &&
      (called.answered === true || !/^local$/i.test(called.releasingParty ?? ''))
  )
  return wasTaken ? 'abandoned' : unansweredAs(nearSide(first))
}

function namesOf(first: Pair, answer: Party | undefined) {
  const { calling, called } = withoutGateway(first)
  const leg = (calling ?? called)!
  return {
    orgId: leg.orgId,
    callingNumber: said(leg.callingNumber),
    callingName: said(calling?.userName ?? null) ?? said(leg.callingLineId),
    callingUserId: said(calling?.userId ?? null),
    calledNumber: said(leg.calledNumber),
    calledName: said(called?.userName ?? null) ?? said(leg.calledLineId),
    calledUserId: said(called?.userId ?? null),
    answeredByNumber: answer?.number ?? null,
    answeredByName: answer?.name ?? null,
    answeredByUserId: answer?.userId ?? null
  }
}

/** The party that answered first, if it is somebody. */
function answerOf(parties: readonly Party[]): Party | undefined {
  return parties
    .filter(({ kind, outcome }) => outcome === 'answered' && isSomebody(kind))
    .reduce<Party | undefined>(
      (first, party) => (first && first.answeredUtc! <= party.answeredUtc! ? first : party),
      undefined
    )
}

const MOST_SERVICES = 1024

function servicesOf(parties: readonly Party[]): string | null {
  const names = parties.flatMap(({ kind, name, keyPressed }) => {
    if (kind === 'voicemail') return ['Voicemail']
    if (kind === 'callback') return ['Callback']
    if (!isService(kind)) return []
    return [`${name ?? kind}${keyPressed === null ? '' : ` [${keyPressed}]`}`]
  })
  const text = names.join(' > ')
  return text.slice(0, MOST_SERVICES).toWellFormed() || null
}

function placesOf(first: Pair, legs: readonly CallLeg[]) {
  const firstOf = (column: 'inboundTrunk' | 'outboundTrunk' | 'internationalCountry') =>
    legs.map((leg) => said(leg[column])).find((text) => text !== null) ?? null
  const recordings = legs.flatMap(({ callRecordingResult: result }) => said(result) ?? [])
  return {
    locationName: said(nearSide(first).locationName),
    inboundTrunk: firstOf('inboundTrunk'),
    outboundTrunk: firstOf('outboundTrunk'),
    country: firstOf('internationalCountry'),
    recordingResult: recordings.find((result) => /^successful$/i.test(result)) ?? recordings[0] ?? null,
    spamResult:
      legs.map((leg) => said(leg.callerReputationServiceResult)).find((text) => text !== null) ?? null,
    maskedUtc: newest(legs.map(({ maskedUtc }) => maskedUtc))
  }
}

function newest(times: readonly (Date | null | undefined)[]): Date | null {
  return times.reduce<Date | null>((last, time) => (time && (!last || time > last) ? time : last), null)
}

/** Whole ones, between two moments. */
function seconds(from: Date, to: Date | null): number {
  const passed = to ? Math.floor((to.getTime() - from.getTime()) / 1_000) : 0
  return Math.min(Math.max(0, passed), 2 ** 31 - 1)
}
