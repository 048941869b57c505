import type { PartyTruth } from './call-truth.js'
import { answered, answeredAt, type Conversation, conversation } from './conversation.js'
import { colleagueOf, outsideCaller } from './direct-calls.js'
import type { Draw } from './draw.js'
import { iso } from './leg.js'
import { ATTENDANTS, HUNT_GROUPS, PEOPLE, QUEUES } from './organisation.js'
import { redirectedBy, ringTogether } from './ringing.js'
import { Story } from './story.js'

const INBOUND = { type: 'SIP_INBOUND' }

/** Every agent's device rings at once; those without a device refuse within milliseconds. */
export function huntGroupCall(draw: Draw, start: number): Story[] {
  const group = draw.pick(HUNT_GROUPS)
  const story = new Story(draw, 'inbound', 'SIP_INBOUND')
  const rings = start + draw.whole(20, 400)
  const outcome = conversation(draw, rings)
  const times = { ...outcome.times, start }
  const caller = outsideCaller(draw)
  const entry = story.fromOutside(group.service, caller, { ...outcome, times }, INBOUND)
  story.facts.unanswered = 'abandoned'
  ringTogether(draw, story, group, entry, caller, outcome, 'HuntGroup')
  return [story]
}

/** The caller waits up to eight minutes before the agents' devices ring. */
export function queueCall(draw: Draw, start: number): Story[] {
  const group = draw.pick(QUEUES)
  const story = new Story(draw, 'inbound', 'SIP_INBOUND')
  const outcome = conversation(draw, start + draw.whole(2_000, 480_000))
  // The queue itself answers at once and plays music.
  const waiting = pickedUp(start, 400, outcome)
  const caller = outsideCaller(draw)
  const entry = story.fromOutside(group.service, caller, waiting, {
    ...INBOUND,
    more: { 'Queue type': 'Call Queue' }
  })
  story.facts.unanswered = 'abandoned'
  ringTogether(draw, story, group, entry, caller, outcome, 'CallQueue')
  return [story]
}

/** A menu answers, the caller presses a key and is put through. */
export function attendantCall(draw: Draw, start: number): Story[] {
  const attendant = draw.pick(ATTENDANTS)
  const story = new Story(draw, 'inbound', 'SIP_INBOUND')
  const outcome = conversation(draw, start + draw.whole(4_000, 40_000))
  const entry = story.fromOutside(attendant, outsideCaller(draw), pickedUp(start, 300, outcome), {
    ...INBOUND,
    more: { 'Auto Attendant Key Pressed': String(draw.whole(0, 9)) }
  })
  story.facts.unanswered = 'abandoned'
  passOn(entry, outcome.times.start)
  story.inside(attendant, draw.pick(PEOPLE), outcome, {
    sentBy: attendant,
    more: redirectedBy(attendant, 'Deflection')
  })
  return [story]
}

/** A caller from outside is passed on to a colleague, who is asked first. */
export function transferredCall(draw: Draw, start: number): Story[] {
  const first = draw.pick(PEOPLE)
  const story = new Story(draw, 'inbound', 'SIP_INBOUND')
  const talk = answered(draw, start)
  const consultation = answered(draw, talk.times.answer + draw.whole(10_000, 1_500_000))
  const transfer = consultation.times.answer + draw.whole(1_000, 20_000)
  // The first person is out of it as soon as the two others are joined.
  const handedOver = { ...answeredAt(draw, start, talk.times.answer, transfer), releasing: 'Local' }
  const more = { 'Related reason': 'ConsultativeTransfer', 'Call transfer time': iso(transfer) }
  story.fromOutside(first, outsideCaller(draw), handedOver, { ...INBOUND, more })
  story.inside(first, colleagueOf(draw, first), consultation, { more })
  story.facts.transfers = 1
  return [story]
}

/** A service takes a call by itself after some milliseconds and has it until the rest of the call is over. */
function pickedUp(start: number, after: number, rest: Conversation): Conversation {
  return {
    times: { start, answer: start + after, release: rest.times.release, ring: 0 },
    outcome: 'answered',
    said: { outcome: 'Success', reason: 'Normal' },
    releasing: rest.releasing,
    hold: 0
  }
}

/** The service has put the call through, at this time. */
function passOn(service: PartyTruth, time: number): void {
  service.outcome = 'passed_on'
  service.left = time
}
