import type { CallClass, CallTruth, PartyOutcome, PartyTruth } from './call-truth.js'
import type { Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import {
  type Leg,
  type LegPlan,
  type Line,
  leg,
  newEnd,
  newNetworkId,
  newSession,
  type Session
} from './leg.js'
import type { Owner } from './organisation.js'
import type { OutsideLine } from './outside-line.js'
import { type Facts, isService, nameOf, someone, told } from './telling.js'

/** What one leg has of its own. */
export interface Particulars {
  /** What each of its records says besides. */
  more?: Partial<Item>
  /** The service that put the call through. */
  sentBy?: Owner
  /** Instead of the story's own. */
  session?: Session
}

export interface OutsideParticulars extends Particulars {
  /** Call type. */
  type: string
  /** The trunk of one's own that it takes; otherwise the location's vendor carries it. */
  trunk?: string
}

/** A record, and the party that its leg was put to; none where it only wakes up a device. */
export interface ToldRecord extends Leg {
  party?: PartyTruth
  /** Whether the party is judged by this record: of the two of a leg, by that of the called side. */
  judges: boolean
}

type Plan = Omit<LegPlan, 'session' | 'network'>

/**
 * One call while it is made up: the records that Webex would write of it, and beside them what it was. The
 * second is never read from the first.
 */
export class Story {
  readonly records: ToldRecord[] = []
  readonly session: Session
  readonly facts: Facts
  readonly #draw: Draw

  constructor(draw: Draw, callClass: CallClass, callType: string) {
    this.#draw = draw
    this.session = newSession(draw)
    this.facts = { class: callClass, callType, offsets: [], parties: [], transfers: 0, forwards: 0 }
  }

  /**
   * A leg within the organisation. Its two records share Correlation ID and Network call ID, their Local and
   * Remote call IDs are crossed, and each has a Report ID and a Call ID of its own.
   */
  inside(caller: Owner, callee: Owner, conversation: Conversation, of: Particulars = {}): PartyTruth {
    const [near, far] = [newEnd(this.#draw), newEnd(this.#draw)]
    const calling = { number: caller.extension, name: caller.name }
    const called = { number: callee.extension, name: callee.name }
    const party = this.#party('SIP_ENTERPRISE', called, callee, caller, conversation, of)
    this.#beginsWith(calling, called, caller, callee)
    const network = newNetworkId(this.#draw)
    const shared = { type: 'SIP_ENTERPRISE', calling, called, conversation, more: of.more }
    const placing: Plan = { ...shared, direction: 'ORIGINATING', owner: caller, local: near, remote: far }
    const receiving: Plan = { ...shared, direction: 'TERMINATING', owner: callee, local: far, remote: near }
    this.record(placing, of, { party, judges: false }, network)
    this.record(receiving, of, { party, judges: true }, network)
    return party
  }

  /** A leg that comes from outside: its one record is the called side's. */
  fromOutside(callee: Owner, calling: Line, conversation: Conversation, of: OutsideParticulars): PartyTruth {
    const called = { number: callee.number, name: callee.name }
    const party = this.#party(of.type, called, callee, undefined, conversation, of)
    this.#beginsWith(calling, called, undefined, callee)
    if (of.trunk) this.facts.inboundTrunk ??= of.trunk
    this.#crosses('TERMINATING', callee, calling, called, conversation, of, party)
    return party
  }

  /** A leg of which only the called side has a record, though it does not come from outside. */
  receivedOnly(
    callee: Owner,
    calling: Line,
    called: Line,
    conversation: Conversation,
    of: Particulars,
    local = newEnd(this.#draw)
  ): PartyTruth {
    const type = 'SIP_ENTERPRISE'
    const party = this.#party(type, called, callee, undefined, conversation, of)
    const plan = { type, owner: callee, calling, called, conversation, local, more: of.more }
    this.record({ ...plan, direction: 'TERMINATING' }, of, { party, judges: true })
    return party
  }

  /** A leg to somebody outside: its one record is the calling side's. */
  toOutside(
    caller: Owner,
    called: OutsideLine,
    conversation: Conversation,
    of: OutsideParticulars
  ): PartyTruth {
    const calling = { number: caller.number, name: caller.name }
    const party = this.#party(of.type, called, undefined, caller, conversation, of)
    this.#beginsWith(calling, called, caller, undefined)
    if (of.trunk) this.facts.outboundTrunk ??= of.trunk
    let more = of.more
    if (of.type === 'SIP_INTERNATIONAL') {
      party.country = called.country
      this.facts.country ??= called.country
      more = { ...more, 'International country': called.country }
    }
    this.#crosses('ORIGINATING', caller, calling, called, conversation, { ...of, more }, party)
    return party
  }

  /** A record as it is planned, and what it is to the account of the call. */
  record(
    plan: Plan,
    { session = this.session }: Particulars,
    account: Pick<ToldRecord, 'party' | 'judges'>,
    network = newNetworkId(this.#draw)
  ): ToldRecord {
    const record = { ...leg({ ...plan, session, network }), ...account }
    const { inboundTrunk, outboundTrunk } = this.facts
    if (inboundTrunk) record.item['Inbound trunk'] = inboundTrunk
    if (outboundTrunk) record.item['Outbound trunk'] = outboundTrunk
    this.records.push(record)
    return record
  }

  /** Takes note of what a later version of a record says. */
  correct({ party, judges }: ToldRecord, correction: Partial<Item>): void {
    const reason = correction['Call outcome reason']
    if (party && judges && reason !== undefined) party.outcomeReason = reason
    const hold = correction['Hold duration']
    if (party && hold !== undefined) party.holdSeconds = Math.max(party.holdSeconds, hold)
    this.facts.recording = correction['Call Recording Result'] ?? this.facts.recording
  }

  /** What the call was. */
  truth(reportIds: string[]): CallTruth {
    const end = Math.max(...this.records.map((record) => record.release))
    return told(this.facts, end, reportIds)
  }

  #party(
    callType: string,
    called: Line,
    callee: Owner | undefined,
    caller: Owner | undefined,
    conversation: Conversation,
    { sentBy, more }: Particulars
  ): PartyTruth {
    const { times, outcome, said, hold } = conversation
    const service = callee !== undefined && isService(callee.kind)
    // What has become of a call that a service took, only the rest of the story tells.
    const judged: PartyOutcome = service ? 'abandoned' : outcome
    const isAnswered = judged === 'answered' && times.answer !== undefined
    const offsets = [callee, caller].map((owner) =>
      owner?.tellsTime ? owner.site.zone.offsetAt(times.start) : null
    )
    const party: PartyTruth = {
      kind: callee?.kind ?? 'outside',
      userId: callee?.uuid ?? null,
      name: callee?.name ?? nameOf(called),
      number: callee?.number ?? called.number,
      location: callee?.site.name ?? null,
      offsetMinutes: offsets[0] ?? offsets[1] ?? null,
      sentBy: sentBy?.name ?? null,
      presented: times.start,
      answered: isAnswered ? times.answer! : null,
      left: times.release,
      ringSeconds: times.ring,
      talkSeconds: isAnswered ? Math.floor((times.release - times.answer!) / 1000) : 0,
      holdSeconds: hold,
      outcome: judged,
      outcomeReason: said.reason,
      keyPressed: more?.['Auto Attendant Key Pressed'] ?? null,
      callType,
      country: null,
      vendor: null,
      trunk: null
    }
    // The calling side's clock counts first, where there is one.
    this.facts.offsets.push(...offsets.reverse())
    this.facts.parties.push(party)
    return party
  }

  #beginsWith(calling: Line, called: Line, caller: Owner | undefined, callee: Owner | undefined): void {
    this.facts.calling ??= someone(calling, caller)
    this.facts.called ??= someone(called, callee)
    this.facts.location ??= (caller ?? callee)?.site.name ?? null
  }

  #crosses(
    direction: 'ORIGINATING' | 'TERMINATING',
    owner: Owner,
    calling: Line,
    called: Line,
    conversation: Conversation,
    of: OutsideParticulars,
    party: PartyTruth
  ): void {
    const vendor = of.trunk ? undefined : owner.site.vendor
    party.vendor = vendor?.name ?? null
    party.trunk = of.trunk ?? null
    if (of.type === this.facts.callType) this.facts.vendor ??= party.vendor
    const { type, more } = of
    const plan = {
      type,
      direction,
      owner,
      calling,
      called,
      conversation,
      vendor,
      local: newEnd(this.#draw),
      more
    }
    this.record(plan, of, { party, judges: true })
  }
}
