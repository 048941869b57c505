import type { CallClass, CallOutcome, CdrCall, CdrCallParty } from '../entities/index.js'
import type { Journey } from './journeys.js'
import { type CallLeg, said } from './leg.js'
import { isCalledSide, isForwarded, isService, isSomebody, unansweredAs } from './meanings.js'
import { farSide, nearSide, type Pair, pairsOf, tellingLegs, withoutGateway } from './pairs.js'
import { offsetOf, type Party, partiesOf, rowOf } from './parties.js'

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
  const times = timesOf(first, legs, parties, answer)
  const kind = classOf(pairs)
  const beginning = withoutGateway(first)
  const names = namesOf(beginning)
  const places = placesOf(beginning, legs)
  // One literal: objects that are put together from others have shapes of their own, which are slow to make and to read.
  const call: Call['call'] = {
    journeyId,
    orgId: nearSide(first).orgId,
    startUtc: start,
    answeredUtc: times.answered,
    endUtc: times.end,
    utcOffsetMinutes: times.offset,
    startLocal: times.local(start)!,
    answeredLocal: times.local(times.answered),
    endLocal: times.local(times.end),
    callClass: kind.callClass,
    callType: kind.callType,
    outcome: answer ? 'answered' : outcomeOf(first, pairs, parties),
    outcomeReason: said(nearSide(first).callOutcomeReason),
    callingNumber: names.calling.number,
    callingName: names.calling.name,
    callingUserId: names.calling.userId,
    calledNumber: names.called.number,
    calledName: names.called.name,
    calledUserId: names.called.userId,
    answeredByNumber: answer?.number ?? null,
    answeredByName: answer?.name ?? null,
    answeredByUserId: answer?.userId ?? null,
    services: servicesOf(parties),
    waitSeconds: seconds(start, times.answered ?? times.end),
    ringSeconds: times.rang,
    talkSeconds: times.answered ? seconds(times.answered, times.end) : 0,
    holdSeconds: Math.min(
      parties.reduce((sum, { holdSeconds }) => sum + holdSeconds, 0),
      INT_MAX
    ),
    legs: all.length,
    transfers: transfersOf(legs),
    forwards: pairs.filter((pair) => isForwarded(farSide(pair))).length,
    locationName: places.location,
    inboundTrunk: places.inboundTrunk,
    outboundTrunk: places.outboundTrunk,
    pstnVendorName: kind.pstnVendorName,
    country: places.country,
    recordingResult: places.recording,
    spamResult: places.spam,
    routeListOverage: places.overage,
    maskedUtc: places.masked
  }
  return { call, parties: parties.map((party, index) => rowOf(party, start, journeyId, index + 1)) }
}

function timesOf(
  first: Pair,
  legs: readonly CallLeg[],
  parties: readonly Party[],
  answer: Party | undefined
) {
  const offset = offsetOf(nearSide(first)) ?? firstOf(legs, offsetOf)
  return {
    answered: answer?.answeredUtc ?? null,
    end: newest(legs, 'releaseTime'),
    offset,
    local: (time: Date | null) => time && new Date(time.getTime() + (offset ?? 0) * 60_000),
    rang: answer?.ringSeconds ?? parties.reduce((most, { ringSeconds }) => Math.max(most, ringSeconds), 0)
  }
}

/** Call types that say nothing of the world outside. */
const INSIDE = new Set(['SIP_ENTERPRISE', 'SIP_URI', 'ZTN', 'UNKNOWN'])

function classOf(pairs: readonly Pair[]): Pick<CdrCall, 'callClass' | 'callType' | 'pstnVendorName'> {
  let known: string | null = null
  let decisive: { leg: CallLeg; callType: string; type: string } | undefined
  for (const { calling, called } of pairs) {
    for (const leg of [calling, called]) {
      const callType = leg ? said(leg.callType) : null
      if (!leg || callType === null) continue
      known ??= callType
      const type = callType.toUpperCase()
      const isFirst = !decisive && !INSIDE.has(type)
      if (isFirst || (type === 'SIP_EMERGENCY' && decisive?.type !== type)) decisive = { leg, callType, type }
    }
  }
  if (!decisive) return { callClass: known ? 'internal' : 'unknown', callType: known, pstnVendorName: null }
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

function namesOf({ calling, called }: Pair) {
  const leg = (calling ?? called)!
  return {
    calling: {
      number: said(leg.callingNumber),
      name: said(calling?.userName ?? null) ?? said(leg.callingLineId),
      userId: said(calling?.userId ?? null)
    },
    called: {
      number: said(leg.calledNumber),
      name: said(called?.userName ?? null) ?? said(leg.calledLineId),
      userId: said(called?.userId ?? null)
    }
  }
}

/** The party that answered first, if it is somebody. */
function answerOf(parties: readonly Party[]): Party | undefined {
  let first: Party | undefined
  for (const party of parties) {
    if (party.outcome !== 'answered' || !isSomebody(party.kind)) continue
    if (!first || party.answeredUtc! < first.answeredUtc!) first = party
  }
  return first
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
  const saidFirst = (column: 'inboundTrunk' | 'outboundTrunk' | 'internationalCountry') =>
    firstOf(legs, (leg) => said(leg[column]))
  return {
    location: said(nearSide(first).locationName),
    inboundTrunk: saidFirst('inboundTrunk'),
    outboundTrunk: saidFirst('outboundTrunk'),
    country: saidFirst('internationalCountry'),
    recording:
      firstOf(legs, ({ callRecordingResult: result }) =>
        /^successful$/i.test(result ?? '') ? result : null
      ) ?? firstOf(legs, ({ callRecordingResult: result }) => said(result)),
    spam: firstOf(legs, (leg) => said(leg.callerReputationServiceResult)),
    overage: largest(legs.map(({ routeListCallsOverage }) => said(routeListCallsOverage))),
    masked: newest(legs, 'maskedUtc')
  }
}

function transfersOf(legs: readonly CallLeg[]): number {
  const times = legs.flatMap(({ callTransferTime: time }) => (time ? [time.getTime()] : []))
  return times.length === 0 ? 0 : new Set(times).size
}

/** The first value that a leg gives. */
function firstOf<Value>(legs: readonly CallLeg[], read: (leg: CallLeg) => Value | null): Value | null {
  for (const leg of legs) {
    const value = read(leg)
    if (value !== null) return value
  }
  return null
}

function newest(legs: readonly CallLeg[], column: 'releaseTime' | 'maskedUtc'): Date | null {
  let last: Date | null = null
  for (const leg of legs) {
    const time = leg[column]
    if (time && (!last || time > last)) last = time
  }
  return last
}

/** Of whole numbers that came as text; what is none does not count. */
function largest(texts: readonly (string | null)[]): number | null {
  const numbers = texts.filter((text) => text !== null && /^\d{1,9}$/.test(text)).map(Number)
  return numbers.reduce<number | null>(
    (most, number) => (most !== null && most > number ? most : number),
    null
  )
}

const INT_MAX = 2 ** 31 - 1

/** Whole ones, between two moments. */
function seconds(from: Date, to: Date | null): number {
  const passed = to ? Math.floor((to.getTime() - from.getTime()) / 1_000) : 0
  return Math.min(Math.max(0, passed), INT_MAX)
}
