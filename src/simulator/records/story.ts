import type { CallClass, CallTruth, PartyKind, PartyTruth } from './call-truth.js'
import type { Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import type { End, Line, Session } from './leg.js'
import type { Owner } from './organisation.js'
import type { OutsideLine } from './outside-line.js'
import type { OutsideParticulars, Particulars, ToldLeg, ToldRecord } from './particulars.js'
import { offsetOf, partyOf, someone } from './party.js'
import { RecordBook, type Sides } from './record-book.js'
import { type Facts, told } from './telling.js'

const INSIDE = 'SIP_ENTERPRISE'

/**
 * One call while it is made up: the records that Webex would write of it, and beside them what it was. The
 * second is never read from the first.
 */
export class Story {
  readonly facts: Facts
  readonly #book: RecordBook

  constructor(draw: Draw, callClass: CallClass, callType: string) {
    this.facts = { class: callClass, callType, parties: [], transfers: 0, forwards: 0 }
    this.#book = new RecordBook(draw, this.facts)
  }

  get records(): readonly ToldRecord[] {
    return this.#book.records
  }

  get session(): Session {
    return this.#book.session
  }

  /** A leg within the organisation: two records. */
  inside(caller: Owner, callee: Owner, conversation: Conversation, of: Particulars = {}): ToldLeg {
    const called = { number: callee.extension, name: callee.name }
    const sides = { type: INSIDE, caller, calling: extensionOf(caller), callee, called }
    const party = this.#meet(sides, conversation, of)
    return { party, id: this.#book.pair(sides, conversation, of, party) }
  }

  /** A leg that comes from outside: its one record is the called side's. */
  fromOutside(callee: Owner, calling: Line, conversation: Conversation, of: OutsideParticulars): ToldLeg {
    const sides = { type: of.type, calling, callee, called: callee }
    if (of.trunk) this.facts.inboundTrunk ??= of.trunk
    const party = this.#meet(sides, conversation, of)
    this.#cross(callee, of, party)
    return { party, id: this.#book.one('TERMINATING', callee, sides, conversation, of, party) }
  }

  /** A leg to somebody outside: its one record is the calling side's, but where a gateway has one too. */
  toOutside(caller: Owner, called: OutsideLine, conversation: Conversation, of: OutsideParticulars): ToldLeg {
    const sides = { type: of.type, caller, calling: caller, called }
    if (of.trunk) this.facts.outboundTrunk ??= of.trunk
    const party = this.#meet(sides, conversation, of)
    this.#cross(caller, of, party)
    if (of.type === 'SIP_INTERNATIONAL') {
      party.country = called.country
      this.facts.country ??= called.country
    }
    const id = of.gateway
      ? this.#book.pair({ ...sides, callee: of.gateway }, conversation, of, party)
      : this.#book.one('ORIGINATING', caller, sides, conversation, of, party)
    return { party, id }
  }

  /** A leg of which only the called side has a record, though it does not come from outside. */
  receivedOnly(
    callee: Owner,
    calling: Line,
    called: Line,
    conversation: Conversation,
    of: Particulars,
    local?: End
  ): ToldLeg {
    const sides = { type: INSIDE, calling, callee, called }
    const party = this.#meet(sides, conversation, of)
    return { party, id: this.#book.one('TERMINATING', callee, sides, conversation, of, party, local) }
  }

  /** A leg of which only the calling side has a record, though it does not go outside. */
  placedOnly(
    caller: Owner,
    called: Line,
    conversation: Conversation,
    of: Particulars & { kind: PartyKind }
  ): ToldLeg {
    const sides = { type: INSIDE, caller, calling: extensionOf(caller), called }
    const party = this.#meet(sides, conversation, of)
    party.kind = of.kind
    return { party, id: this.#book.one('ORIGINATING', caller, sides, conversation, of, party) }
  }

  /** Somebody takes a call that waits or rings elsewhere: the one record is of the code that the taker dialled. */
  taken(taker: Owner, code: string, conversation: Conversation, of: Particulars): ToldLeg {
    const sides = {
      type: INSIDE,
      calling: extensionOf(taker),
      callee: taker,
      called: { number: code, name: 'NA' }
    }
    const party = this.#meet(sides, conversation, of)
    return { party, id: this.#book.one('ORIGINATING', taker, sides, conversation, of, party) }
  }

  /** A record that only wakes up the called side's device, and is no part of the call. */
  push(callee: Owner, calling: Line, conversation: Conversation): void {
    const more = { 'Related reason': 'PushNotificationRetrieval' }
    this.#book.one(
      'TERMINATING',
      callee,
      { type: INSIDE, calling, called: callee },
      conversation,
      { more },
      undefined
    )
  }

  /** Takes note of what a later version of a record says. */
  correct(record: ToldRecord, correction: Partial<Item>): void {
    const { party, judges } = record
    const reason = correction['Call outcome reason']
    if (reason !== undefined) record.reason = reason
    if (party && judges && reason !== undefined) party.outcomeReason = reason
    const hold = correction['Hold duration']
    if (party && hold !== undefined) party.holdSeconds = Math.max(party.holdSeconds, hold)
    const recording = correction['Call Recording Result']
    if (recording !== undefined) this.facts.recording = recording
  }

  /** What the call was. */
  truth(reportIds: string[]): CallTruth {
    const releases = this.#book.records.map(({ party, release }) => (party ? release : 0))
    return told(this.facts, Math.max(...releases), reportIds)
  }

  #meet({ type, caller, calling, callee, called }: Sides, what: Conversation, of: Particulars): PartyTruth {
    const { facts } = this
    const party = partyOf(type, callee ?? called, caller, what, of.sentBy)
    facts.calling ??= someone(calling, caller)
    facts.called ??= someone(called, callee)
    facts.location ??= (caller ?? callee)?.site.name
    facts.offsetMinutes ??= offsetOf(caller, what.times.start) ?? offsetOf(callee, what.times.start)
    facts.parties.push(party)
    return party
  }

  /** The way to or from the outside, by which the leg of this record's owner goes. */
  #cross(owner: Owner, { type, trunk }: OutsideParticulars, party: PartyTruth): void {
    party.trunk = trunk ?? null
    party.vendor = trunk ? null : owner.site.vendor.name
    if (type === this.facts.callType) this.facts.vendor ??= party.vendor
  }
}

function extensionOf({ extension, name }: Owner): Line {
  return { number: extension, name }
}
