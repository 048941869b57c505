import type { CdrCallParty, PartyKind } from '../entities/index.js'
import { type CallLeg, said } from './leg.js'
import { isGateway, isService, isSomebody, isTaken, kindOf, neverRang, unansweredAs } from './meanings.js'
import { farSide, nearSide, type Pair, startOf, withoutGateway } from './pairs.js'

/** What a call was put to; the call adds which one it is. */
export type Party = Omit<CdrCallParty, 'callStartUtc' | 'journeyId' | 'position'>

/** A party with what tells who put the call through to it. */
interface Reached {
  party: Party
  pair: Pair
  userId: string | null
  senderId: string | null
}

/** @param pairs the legs of one call, in order of time */
export function partiesOf(pairs: readonly Pair[]): Party[] {
  const reached = pairs.map(reach)
  const services = reached.filter(({ party }) => isService(party.kind))
  const sender = new Map(services.length > 0 ? reached.map((one) => [one, senderOf(one, services)]) : [])
  for (const service of services) conclude(service, reached, sender)
  const trunks = new Set<string | null>()
  for (const one of reached) {
    const { party, pair } = one
    const { calling, called } = pair
    const from = sentFrom(calling, sender.get(one)?.party)
    party.sentBy = from?.name ?? null
    party.sentByKind = from?.kind ?? null
    if (!isEntry(one)) Object.assign(party, { trunk: null, pstnVendorName: null })
    // A call that comes in rings more than once, but takes one line.
    else if (called && !calling && trunks.has(party.trunk)) party.trunk = null
    else if (called && !calling) trunks.add(party.trunk)
  }
  return reached.map(({ party }) => party)
}

/** Whose record made the leg, where it is a service's; its own party, if the call has reached it, knows it better. */
function sentFrom(
  calling: CallLeg | undefined,
  sent: Party | undefined
): Pick<Party, 'name' | 'kind'> | undefined {
  if (!calling || !isService(kindOf(calling.userType)) || said(calling.userId) === sent?.userId) return sent
  return { name: said(calling.userName), kind: kindOf(calling.userType) }
}

/** A row of cdr_call_parties, in one literal: see `callOf`. */
export function rowOf(party: Party, callStartUtc: Date, journeyId: string, position: number): CdrCallParty {
  return {
    callStartUtc,
    journeyId,
    position,
    kind: party.kind,
    userId: party.userId,
    name: party.name,
    number: party.number,
    locationName: party.locationName,
    utcOffsetMinutes: party.utcOffsetMinutes,
    sentBy: party.sentBy,
    sentByKind: party.sentByKind,
    presentedUtc: party.presentedUtc,
    answeredUtc: party.answeredUtc,
    leftUtc: party.leftUtc,
    ringSeconds: party.ringSeconds,
    talkSeconds: party.talkSeconds,
    holdSeconds: party.holdSeconds,
    outcome: party.outcome,
    outcomeReason: party.outcomeReason,
    keyPressed: party.keyPressed,
    callType: party.callType,
    country: party.country,
    pstnVendorName: party.pstnVendorName,
    trunk: party.trunk
  }
}

/**
 * Of each leg, the one that had brought the call to the service that put it through: its index, where there is one.
 * @param pairs the legs of one call, in order of time
 */
export function sendersOf(pairs: readonly Pair[]): (number | null)[] {
  const reached = pairs.map(reach)
  const services = reached.filter(({ party }) => isService(party.kind))
  return reached.map((one) => {
    const sender = senderOf(one, services)
    return sender ? reached.indexOf(sender) : null
  })
}

function reach(pair: Pair): Reached {
  const [near, far] = [nearSide(pair), farSide(pair)]
  const { called, calling } = withoutGateway(pair)
  const owner = ownerOf({ called, calling })
  const kind = partyKind({ called, calling }, owner)
  const isAnswered = far.answered === true && !/^yes-postredirection$/i.test(far.answerIndicator ?? '')
  const outside = called && calling ? undefined : (called ?? calling)
  const party: Party = {
    kind,
    userId: said(owner?.userId ?? null),
    name: said(owner?.userName ?? null) ?? said(far.calledLineId),
    number: said(owner?.userNumber ?? null) ?? said(far.calledNumber),
    locationName: said(owner?.locationName ?? null),
    utcOffsetMinutes: offsetOf(far) ?? offsetOf(near),
    sentBy: null,
    sentByKind: null,
    presentedUtc: new Date(startOf(pair)),
    answeredUtc: isAnswered && !isService(kind) ? (far.answerTime ?? far.startTime) : null,
    leftUtc: far.releaseTime ?? near.releaseTime,
    ringSeconds: longer(pair, 'ringDuration'),
    talkSeconds: isAnswered && !isService(kind) ? Math.max(0, far.duration ?? 0) : 0,
    holdSeconds: longer(pair, 'holdDuration'),
    outcome: isAnswered ? 'answered' : unanswered(pair),
    outcomeReason: said(far.callOutcomeReason),
    keyPressed: said(far.autoAttendantKeyPressed),
    callType: said(near.callType),
    country: said(near.internationalCountry) ?? said(far.internationalCountry),
    pstnVendorName: said(outside?.pstnVendorName ?? null),
    trunk: said(called ? (outside?.inboundTrunk ?? null) : (outside?.outboundTrunk ?? null))
  }
  const redirecting = said(far.redirectingPartyUuid) ?? said(near.redirectingPartyUuid)
  const ownService = calling && isService(kindOf(calling.userType)) ? said(calling.userId) : null
  return { party, pair, userId: party.userId, senderId: ownService ?? redirecting }
}

/** The record whose owner the call was put to; none where that is outside. */
function ownerOf({ called, calling }: Pair): CallLeg | undefined {
  const owner = called ?? (calling && isTaken(calling) ? calling : undefined)
  return owner && isGateway(owner) ? undefined : owner
}

function partyKind({ called, calling }: Pair, owner: CallLeg | undefined): PartyKind {
  const far = called ?? calling
  if (/^voice portal voice messaging group$/i.test(far?.calledLineId ?? '')) return 'voicemail'
  if (owner) {
    return /^AI Receptionist/i.test(owner.transferType ?? '') ? 'ai_receptionist' : kindOf(owner.userType)
  }
  const isQueue = kindOf(calling?.userType ?? null) === 'queue'
  return isQueue && /^unrecogni[sz]ed$/i.test(calling?.relatedReason ?? '') ? 'callback' : 'outside'
}

function unanswered(pair: Pair): Party['outcome'] {
  const far = farSide(pair)
  if (/^yes$/i.test(far.answeredElsewhere ?? '')) return 'elsewhere'
  return neverRang(far) ? 'unreachable' : unansweredAs(far)
}

/**
 * The service that put a party through: the one whose leg the calling side relates to, else the last one with that ID
 * that the call had reached.
 */
function senderOf(one: Reached, services: readonly Reached[]): Reached | undefined {
  const related = said(one.pair.calling?.relatedCallId ?? null)
  let last: Reached | undefined
  for (const service of services) {
    if (service === one) continue
    if (related !== null && service.pair.called?.localCallId === related) return service
    if (one.senderId !== null && service.userId === one.senderId && begin(service) <= begin(one))
      last = service
  }
  return last
}

/** A service's own record does not tell how it went on. */
function conclude(
  service: Reached,
  reached: readonly Reached[],
  sender: ReadonlyMap<Reached, Reached | undefined>
): void {
  const { party } = service
  const rings = party.kind === 'queue' || party.kind === 'hunt_group'
  let answered: Date | null = null
  let left = Number.POSITIVE_INFINITY
  for (const one of reached) {
    const isSent = sender.get(one) === service
    const isRung = isSent && rings && isSomebody(one.party.kind)
    if (isRung && one.party.outcome === 'answered') answered = earlier(answered, one.party.answeredUtc!)
    if (!isRung && one !== service && (isSent || begin(one) > begin(service)))
      left = Math.min(left, begin(one))
  }
  if (answered) {
    party.outcome = 'answered'
    party.answeredUtc = answered
    return
  }
  party.outcome = left < Number.POSITIVE_INFINITY ? 'passed_on' : 'abandoned'
  if (left < Number.POSITIVE_INFINITY) party.leftUtc = new Date(left)
}

function earlier(one: Date | null, other: Date): Date {
  return one && one < other ? one : other
}

/** Where the call came in from outside or went out: a leg with one side that no service or forwarding made. */
function isEntry({ pair, party }: Reached): boolean {
  const { called, calling } = withoutGateway(pair)
  if (called && calling) return false
  if (!called) return calling !== undefined && !isTaken(calling)
  return party.sentByKind === null && said(called.redirectReason) === null
}

function begin({ party }: Reached): number {
  return party.presentedUtc.getTime()
}

/** Site timezone, which is in minutes. */
export function offsetOf({ siteTimezone }: CallLeg): number | null {
  const minutes = /^\s*[+-]?\d{1,3}\s*$/.test(siteTimezone ?? '') ? Number(siteTimezone) : null
  return minutes !== null && Math.abs(minutes) <= MOST_OFFSET ? minutes : null
}

/** Kiribati. */
const MOST_OFFSET = 14 * 60

function longer({ called, calling }: Pair, column: 'ringDuration' | 'holdDuration'): number {
  return Math.max(0, called?.[column] ?? 0, calling?.[column] ?? 0)
}
