import type { PartyTruth } from './call-truth.js'
import type { Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import {
  type End,
  itemOf,
  type LegPlan,
  type Line,
  newEnd,
  newNetworkId,
  newSession,
  type Session
} from './leg.js'
import type { Owner } from './organisation.js'
import type { Particulars, ToldRecord } from './particulars.js'
import type { Facts } from './telling.js'

const OPPOSITE: Record<string, string> = { Local: 'Remote', Remote: 'Local' }
const RECORDING_RESULTS = ['failed', 'successful but not kept']

/** Who calls whom in one leg. */
export interface Sides {
  /** Call type. */
  type: string
  caller?: Owner
  calling: Line
  callee?: Owner
  called: Line
}

/** The records of one call. */
export class RecordBook {
  readonly records: ToldRecord[] = []
  readonly session: Session
  readonly #draw: Draw
  readonly #facts: Facts

  constructor(draw: Draw, facts: Facts) {
    this.#draw = draw
    this.#facts = facts
    this.session = newSession(draw)
  }

  /**
   * The two records of a leg: they share the Network call ID, their Local and Remote call IDs are crossed, and
   * each has a Report ID and a Call ID of its own.
   *
   * @returns the Local call ID of the called side
   */
  pair(
    sides: Sides & { caller: Owner; callee: Owner },
    conversation: Conversation,
    of: Particulars,
    party: PartyTruth
  ): string {
    const [near, far] = [newEnd(this.#draw), newEnd(this.#draw)]
    const placing = this.#plan(
      'ORIGINATING',
      sides.caller,
      sides,
      fromTheOtherEnd(conversation, of),
      of,
      near,
      party
    )
    placing.remote = far
    this.#keep(placing, of.callingMore, party, false)
    const receiving: LegPlan = {
      ...placing,
      direction: 'TERMINATING',
      owner: sides.callee,
      local: far,
      remote: near
    }
    receiving.conversation = conversation
    this.#keep(receiving, of.calledMore, party, true)
    return far.id
  }

  /**
   * The only record of a leg.
   *
   * @returns its Local call ID
   */
  one(
    direction: LegPlan['direction'],
    owner: Owner,
    sides: Sides,
    conversation: Conversation,
    of: Particulars,
    party: PartyTruth | undefined,
    local: End = newEnd(this.#draw)
  ): string {
    const more = direction === 'ORIGINATING' ? of.callingMore : of.calledMore
    this.#keep(this.#plan(direction, owner, sides, conversation, of, local, party), more, party, true)
    return local.id
  }

  #plan(
    direction: LegPlan['direction'],
    owner: Owner,
    { type, calling, called }: Sides,
    conversation: Conversation,
    { session = this.session, more }: Particulars,
    local: End,
    party: PartyTruth | undefined
  ): LegPlan {
    const network = newNetworkId(this.#draw)
    const vendor = party?.vendor ? owner.site.vendor : undefined
    const remote: End | undefined = undefined
    return {
      session,
      type,
      direction,
      owner,
      calling,
      called,
      conversation,
      vendor,
      network,
      local,
      remote,
      more
    }
  }

  #keep(
    plan: LegPlan,
    more: Partial<Item> | undefined,
    party: PartyTruth | undefined,
    judges: boolean
  ): void {
    const item = itemOf(plan)
    const { start, release } = plan.conversation.times
    const { inboundTrunk, outboundTrunk } = this.#facts
    if (inboundTrunk) item['Inbound trunk'] = inboundTrunk
    if (outboundTrunk) item['Outbound trunk'] = outboundTrunk
    if (party?.country) item['International country'] = party.country
    if (plan.owner.recorded && party?.answered) this.#record(item, party.answered)
    if (more) Object.assign(item, more)
    const record = { item, start, release, party, judges, reason: item['Call outcome reason'] }
    this.records.push(record)
    if (party) this.#facts.first ??= record
  }

  /** The owner's calls are recorded, which fails now and then. */
  #record(item: Item, answered: number): void {
    const result = RECORDING_RESULTS[answered % 50] ?? 'successful'
    item['Call Recording Platform Name'] = 'Webex'
    item['Call Recording Result'] = result
    item['Call Recording Trigger'] = 'always'
    if (result === 'successful') this.#facts.recording = result
    else this.#facts.recording ??= result
  }
}

/** The same as the calling side has it in its record. */
function fromTheOtherEnd(conversation: Conversation, { callerLeft }: Particulars): Conversation {
  const { times, releasing, hold, outcome, said } = conversation
  return {
    times: callerLeft === undefined ? times : { ...times, release: callerLeft },
    outcome,
    said,
    releasing: OPPOSITE[releasing] ?? releasing,
    // Who held the call is of no account: here it is either.
    hold: hold % 2 === 1 ? 0 : hold
  }
}
