import { type CallLeg, said } from '../calls/leg.js'
import { isService, kindOf } from '../calls/meanings.js'
import { nearSide, type Pair, pairsOf } from '../calls/pairs.js'
import { type Party, partiesOf, sendersOf } from '../calls/parties.js'
import type { CdrRecord, PartyKind, PartyOutcome } from '../entities/index.js'
import { whyOf } from './why.js'

/** What a trace shows beside what a call is made from. */
export const SHOWN_COLUMNS = ['callId', 'clientType', 'subClientType', 'model'] as const
export type TracedLeg = CallLeg & Pick<CdrRecord, (typeof SHOWN_COLUMNS)[number]>

/** Somebody or something at one end of a leg. */
export interface Side {
  /** The same for all legs of this person, service or line outside. */
  key: string
  kind: PartyKind
  name: string | null
  number: string | null
  userId: string | null
  locationName: string | null
  /** “Cisco 8865”, or the kind of the client as Webex says it. */
  device: string | null
}

/** One leg, made from the records of its two sides. */
export interface Hop {
  /** From 1, in order of time. */
  position: number
  /** The position of the leg that the call went on from. */
  parent: number | null
  start: Date
  answered: Date | null
  end: Date | null
  from: Side
  to: Side
  /** Why the call went on to it, in words; null where nothing tells. */
  why: string | null
  transferred: Date | null
  outcome: PartyOutcome
  outcomeReason: string | null
  ringSeconds: number
  talkSeconds: number
  holdSeconds: number
  /** Whoever it was at the far end: the caller, where a service or a transfer had joined the two. */
  hungUpBy: Side | null
  keyPressed: string | null
  callType: string | null
  trunk: string | null
  country: string | null
  reportIds: string[]
  callIds: string[]
  /** What told of people was removed from one of its records. */
  isMasked: boolean
}

/**
 * The legs of one call in order of time.
 * @param legs its records, by Start time
 * @param stored its parties as the database has them: once the records are masked, they tell more
 */
export function hopsOf(legs: readonly TracedLeg[], stored: readonly Party[]): Hop[] {
  const pairs = pairsOf(legs)
  const parties = stored.length === pairs.length ? stored : partiesOf(pairs)
  const parents = parentsOf(pairs, parties)
  const shown = new Map(legs.map((leg) => [leg.reportId, leg]))
  const hops: Hop[] = []
  for (const [index, pair] of pairs.entries()) {
    const party = parties[index]!
    const parent = hops[parents[index] ?? -1]
    const from = callingSide(pair, parent, shown)
    const to = calledSide(pair, party, shown)
    const records = [pair.called, pair.calling].flatMap((leg) => (leg ? [shown.get(leg.reportId)!] : []))
    const transferred = records.find(({ callTransferTime }) => callTransferTime)?.callTransferTime ?? null
    hops.push({
      position: index + 1,
      parent: parent?.position ?? null,
      start: party.presentedUtc,
      answered: party.answeredUtc,
      end: party.leftUtc,
      from,
      to,
      why: party.kind === 'callback' ? 'called back' : whyOf(records, parties[parents[index] ?? -1]),
      transferred,
      outcome: party.outcome,
      outcomeReason: party.outcomeReason,
      ringSeconds: party.ringSeconds,
      talkSeconds: party.talkSeconds,
      holdSeconds: party.holdSeconds,
      hungUpBy: {
        from: behind(from, transferred !== null, parent, hops),
        // A service is left when the party that it put the call through to hangs up.
        to: isService(to.kind) ? null : to,
        nobody: null
      }[releasedBy(pair)],
      keyPressed: party.keyPressed,
      callType: party.callType,
      trunk: party.trunk,
      country: party.country,
      reportIds: records.map(({ reportId }) => reportId),
      callIds: records.flatMap(({ callId }) => said(callId) ?? []),
      isMasked: records.some(({ maskedUtc }) => maskedUtc)
    })
  }
  return hops
}

/** The earlier leg that each one went on from: its index. */
function parentsOf(pairs: readonly Pair[], parties: readonly Party[]): (number | null)[] {
  const senders = sendersOf(pairs)
  return pairs.map((pair, index) => {
    const sender = senders[index]
    if (typeof sender === 'number' && sender < index) return sender
    const earlier = pairs.slice(0, index)
    const last = (isIt: (other: Pair) => boolean) => {
      const found = earlier.findLastIndex(isIt)
      return found < 0 ? null : found
    }
    const records = [pair.calling, pair.called].filter((leg) => leg !== undefined)
    const names = records.flatMap(({ relatedCallId: related, transferRelatedCallId: transferred }) =>
      [related, transferred].flatMap((id) => said(id) ?? [])
    )
    const sentBy = records.flatMap(({ redirectingPartyUuid }) => said(redirectingPartyUuid) ?? [])
    const caller = said(pair.calling?.userId ?? null)
    // All that masked records leave.
    const service = parties[index]!.sentBy
    return (
      last((other) => localIdsOf(other).some((id) => names.includes(id))) ??
      last(({ called }) => sentBy.includes(called?.userId ?? '')) ??
      (caller === null ? null : last(({ called }) => called?.userId === caller)) ??
      (service === null ? null : last((other) => parties[pairs.indexOf(other)]!.name === service))
    )
  })
}

function localIdsOf({ calling, called }: Pair): string[] {
  return [calling, called].flatMap((leg) => said(leg?.localCallId ?? null) ?? [])
}

type Shown = ReadonlyMap<string, TracedLeg>

function callingSide(pair: Pair, parent: Hop | undefined, shown: Shown): Side {
  const { calling, called } = pair
  const kind = calling ? kindOf(calling.userType) : 'outside'
  // The service that put the call through, or the person who forwarded it: masked records no longer name them.
  const isParent = !calling || isService(kind) || said(calling.userId) === parent?.to.userId
  if (parent && isParent) return { ...parent.to, device: deviceOf(calling, shown) ?? parent.to.device }
  const near = nearSide(pair)
  return sideOf({
    kind,
    userId: said(calling?.userId ?? null),
    name: said(calling?.userName ?? null) ?? said(near.callingLineId),
    number: said(near.callingNumber) ?? said(calling?.userNumber ?? null),
    locationName: said(calling?.locationName ?? null),
    device: deviceOf(calling ?? (called ? undefined : near), shown)
  })
}

function calledSide({ called }: Pair, party: Party, shown: Shown): Side {
  const { kind, name, number, userId, locationName } = party
  return sideOf({ kind, name, number, userId, locationName, device: deviceOf(called, shown) })
}

function sideOf(side: Omit<Side, 'key'>): Side {
  return { key: side.userId ?? [side.kind, side.number, side.name].join('\u001f'), ...side }
}

function deviceOf(leg: CallLeg | undefined, shown: Shown): string | null {
  const record = leg && shown.get(leg.reportId)
  return record ? (said(record.model) ?? said(record.subClientType) ?? said(record.clientType)) : null
}

/** Releasing party is as its own record sees it. */
function releasedBy({ calling, called }: Pair): 'from' | 'to' | 'nobody' {
  for (const [leg, own, other] of [
    [called, 'to', 'from'],
    [calling, 'from', 'to']
  ] as const) {
    const party = leg?.releasingParty?.toLowerCase()
    if (party === 'local') return own
    if (party === 'remote') return other
  }
  return 'nobody'
}

/** Who was at the calling end as the leg ended: behind a service or a person who transferred the call, its caller. */
function behind(side: Side, isTransferred: boolean, parent: Hop | undefined, hops: readonly Hop[]): Side {
  if (!parent || (!isService(side.kind) && !isTransferred)) return side
  return behind(parent.from, false, hops[(parent.parent ?? 0) - 1], hops)
}
