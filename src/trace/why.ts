import { type CallLeg, said } from '../calls/leg.js'
import type { Party } from '../calls/parties.js'

/** The words of Webex for why a call went on: Related reason, Redirect reason. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(CallForwardAlways|Unconditional)$/i, 'forwarded always'],
  [/^(CallForwardNoAnswer|NoAnswer)$/i, 'forwarded, no answer'],
  [/^(CallForwardBusy|UserBusy)$/i, 'forwarded, busy'],
  [/^(CallForwardNotReachable|Unavailable)$/i, 'forwarded, not reachable'],
  [/^CallForwardSelective$/i, 'forwarded by a rule'],
  [/^(CallForwardModeBased|TimeOfDay)$/i, 'forwarded by the time of day'],
  [/^(FollowMe|SequentialRing|SimultaneousRingPersonal)$/i, 'rings elsewhere too'],
  [/^CallQueue$/i, 'from the queue'],
  [/^HuntGroup$/i, 'from the hunt group'],
  [/^Deflection$/i, 'put through'],
  [/^ConsultativeTransfer$/i, 'transfer after a consultation'],
  [/^(Directed)?CallPickup$/i, 'picked up'],
  [/^Calll?Park$/i, 'parked'],
  [/^(CallParkRetrieve|CallRetrieve)$/i, 'retrieved from park'],
  [/^BargeIn$/i, 'barged in']
]

/**
 * Why a call went on to a leg: “key 4, put through”; Webex's own word where there is no other here.
 * @param records of the leg
 * @param parent the party that it went on from; a transfer is told of the leg that the call began with, too
 */
export function whyOf(records: readonly CallLeg[], parent: Party | undefined): string | null {
  const key = parent?.kind === 'attendant' ? parent.keyPressed : null
  const reason = records.map(
    ({ relatedReason, redirectReason }) => said(relatedReason) ?? said(redirectReason)
  )
  const intent = records.map(({ transferType }) => said(transferType))
  const isTransferred = !parent && records.some(({ callTransferTime }) => callTransferTime)
  const words = [
    key === null ? null : `key ${key}`,
    isTransferred ? null : inWords(first(reason)),
    first(intent)
  ].filter((word) => word !== null)
  return words.join(', ') || null
}

function first(texts: readonly (string | null)[]): string | null {
  return texts.find((text) => text !== null) ?? null
}

function inWords(reason: string | null): string | null {
  if (reason === null) return null
  return WORDS.find(([pattern]) => pattern.test(reason))?.[1] ?? reason
}
