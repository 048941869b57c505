import type { PartyKind, PartyOutcome } from '../entities/index.js'
import { type CallLeg, said } from './leg.js'

/** Of the called side of a leg, by User type. Sources: docs/BI.md. */
export function kindOf(userType: string | null): PartyKind {
  const type = (userType ?? '').toLowerCase()
  if (type.startsWith('automatedattendant')) return 'attendant'
  if (type.startsWith('callcenter')) return 'queue'
  return KINDS[type] ?? 'other'
}

const KINDS: Record<string, PartyKind> = {
  user: 'user',
  place: 'place',
  virtualline: 'virtual_line',
  huntgroup: 'hunt_group',
  voicemailretrieval: 'voicemail',
  voicemailgroup: 'voicemail',
  systemvoiceportal: 'voicemail'
}

const SERVICES: readonly PartyKind[] = ['attendant', 'ai_receptionist', 'queue', 'hunt_group']

/** Whether it takes calls to put them through. */
export function isService(kind: PartyKind): boolean {
  return SERVICES.includes(kind)
}

/** Whether a call that it answered is answered. */
export function isSomebody(kind: PartyKind): boolean {
  return !isService(kind) && kind !== 'voicemail' && kind !== 'callback'
}

/** What became of a leg that nobody answered. */
export type Unanswered = Extract<PartyOutcome, 'blocked' | 'busy' | 'refused' | 'no_answer' | 'failed'>

const BLOCKED = words(
  'AdminCallBlock UserCallBlock RouteListCalls MaxConcurrentTerminatingAlertingRequestsExceeded'
)
const NO_ANSWER = words(
  'NoAnswer NoAnswerFromUser NoUserResponse SIP408 SIP480 SIP487 TemporarilyUnavailable Unreachable UserAbsent'
)
const NEVER_RANG = words('TemporarilyUnavailable Unreachable UserAbsent DestinationOutOfOrder')
const TAKEN = words('CallPickup DirectedCallPickup CallParkRetrieve CallRetrieve')
const FORWARDED = words('Unconditional NoAnswer UserBusy FollowMe TimeOfDay Unavailable')

export function unansweredAs({
  callOutcome,
  callOutcomeReason,
  callerReputationServiceResult: reputation
}: CallLeg): Unanswered {
  const reason = fold(callOutcomeReason)
  if (BLOCKED.has(reason) || /^(captcha-)?block$/i.test(reputation ?? '')) return 'blocked'
  if (reason === 'userbusy') return 'busy'
  if (NO_ANSWER.has(reason)) return 'no_answer'
  const outcome = fold(callOutcome)
  if (reason === 'callrejected' || outcome === 'refusal') return 'refused'
  return outcome === 'failure' ? 'failed' : 'no_answer'
}

export function neverRang({ callOutcomeReason, ringDuration }: CallLeg): boolean {
  return !ringDuration && NEVER_RANG.has(fold(callOutcomeReason))
}

/** Whether a person's forwarding made the leg. */
export function isForwarded({ relatedReason, redirectReason }: CallLeg): boolean {
  const related = said(relatedReason)
  return related === null ? FORWARDED.has(fold(redirectReason)) : /^CallForward/i.test(related)
}

/** Whether its calling side has taken a call that rang elsewhere or was parked. */
export function isTaken({ relatedReason }: CallLeg): boolean {
  return TAKEN.has(fold(relatedReason))
}

/** A record of the gateway to a telephone network, beside that of who called or was called through it. */
export function isGateway({ userType }: CallLeg): boolean {
  return fold(userType) === 'localgateway'
}

/** A leg that only wakes up a device. */
export function isWakeUp({ relatedReason }: CallLeg): boolean {
  return fold(relatedReason) === 'pushnotificationretrieval'
}

export function isCalledSide({ direction }: CallLeg): boolean {
  return fold(direction) === 'terminating'
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' ').map(fold))
}

function fold(text: string | null): string {
  return (text ?? '').toLowerCase()
}
