import { answered, type Conversation, conversation, unanswered } from './conversation.js'
import { colleagueOf, inboundLeg, internalLeg, outsideCaller } from './direct-calls.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Call, iso, type Leg, leg, newCall, newNetworkId, type Times, unreachedEnd } from './leg.js'
import { ATTENDANTS, type Group, HUNT_GROUPS, type Owner, PEOPLE, QUEUES } from './organisation.js'
import type { OutsideLine } from './outside-line.js'

/** Every agent's device rings at once; those without a device refuse within milliseconds. */
export function huntGroupCall(draw: Draw, start: number): Leg[] {
  const group = draw.pick(HUNT_GROUPS)
  const caller = outsideCaller(draw)
  const call = newCall(draw, 'SIP_INBOUND')
  const outcome = conversation(draw, start)
  const entry = inboundLeg(draw, call, group.service, caller, outcome.times, outcome.more)
  return [entry, ...ringTogether(draw, call, group, caller, outcome, 'HuntGroup')]
}

/** The caller waits up to eight minutes before the agents' devices ring. */
export function queueCall(draw: Draw, start: number): Leg[] {
  const group = draw.pick(QUEUES)
  const caller = outsideCaller(draw)
  const call = newCall(draw, 'SIP_INBOUND')
  const outcome = conversation(draw, start + draw.whole(2_000, 480_000))
  // The queue itself answers at once and plays music.
  const waiting = { start, answer: start + 400, release: outcome.times.release }
  const entry = inboundLeg(draw, call, group.service, caller, waiting, { 'Queue type': 'Call Queue' })
  return [entry, ...ringTogether(draw, call, group, caller, outcome, 'CallQueue')]
}

/** A menu answers, the caller presses a key and is put through. */
export function attendantCall(draw: Draw, start: number): Leg[] {
  const attendant = draw.pick(ATTENDANTS)
  const call = newCall(draw, 'SIP_INBOUND')
  const outcome = conversation(draw, start + draw.whole(4_000, 40_000))
  const listening = { start, answer: start + 300, release: outcome.times.release }
  const key = { 'Auto Attendant Key Pressed': String(draw.whole(0, 9)) }
  const entry = inboundLeg(draw, call, attendant, outsideCaller(draw), listening, key)
  const redirected = { ...outcome.more, ...redirectedBy(attendant, 'Deflection') }
  return [entry, ...internalLeg(draw, call, attendant, draw.pick(PEOPLE), outcome.times, redirected)]
}

/** A caller from outside is passed on to a colleague, who is asked first. */
export function transferredCall(draw: Draw, start: number): Leg[] {
  const first = draw.pick(PEOPLE)
  const call = newCall(draw, 'SIP_INBOUND')
  const talk = answered(draw, start)
  const consultation = answered(draw, talk.times.answer + draw.whole(10_000, 1_500_000))
  const transfer = consultation.times.answer + draw.whole(1_000, 20_000)
  // The first person is out of it as soon as the two others are joined.
  const times: Times = { ...talk.times, release: transfer }
  const related = { 'Related reason': 'ConsultativeTransfer', 'Call transfer time': iso(transfer) }
  const asked = internalLeg(draw, call, first, colleagueOf(draw, first), consultation.times, {
    ...consultation.more,
    ...related
  })
  const entry = inboundLeg(draw, call, first, outsideCaller(draw), times, {
    ...related,
    'Transfer related call ID': asked[0].item['Local call ID'],
    'Releasing party': 'Local'
  })
  return [entry, ...asked]
}

function ringTogether(
  draw: Draw,
  call: Call,
  { service, agents }: Group,
  caller: OutsideLine,
  outcome: Conversation,
  reason: string
): Leg[] {
  const winner = outcome.times.answer === undefined ? undefined : draw.pick(agents)
  return agents.flatMap((agent) => {
    const more = redirectedBy(service, reason)
    if (agent === winner) {
      const { times } = outcome
      return internalLeg(draw, call, service, agent, times, { ...outcome.more, ...more })
    }
    if (draw.chance(0.5)) return [unreachedLeg(draw, call, service, agent, caller, outcome.times.start, more)]
    return lostRace(draw, call, service, agent, outcome, more)
  })
}

/** An agent without a device: refused after 2 ms, and the Call ID stays empty (FACTS §4, the live sample). */
function unreachedLeg(
  draw: Draw,
  call: Call,
  service: Owner,
  agent: Owner,
  caller: OutsideLine,
  start: number,
  more: Partial<Item>
): Leg {
  return leg({
    call,
    direction: 'TERMINATING',
    owner: agent,
    calling: caller,
    called: service,
    times: { start, release: start + 2 },
    network: newNetworkId(draw),
    local: unreachedEnd(draw),
    more: {
      ...more,
      'Called line ID': 'NA',
      'Call outcome': 'Refusal',
      'Call outcome reason': 'TemporarilyUnavailable',
      'Releasing party': 'Local'
    }
  })
}

/** An agent whose device rang until someone else answered or the caller gave up. */
function lostRace(
  draw: Draw,
  call: Call,
  service: Owner,
  agent: Owner,
  outcome: Conversation,
  more: Partial<Item>
): Leg[] {
  const { start, answer, release } = outcome.times
  const elsewhere = answer === undefined ? '' : 'Yes'
  const times = { start, release: answer ?? release }
  const lost = { ...unanswered(draw, start).more, ...more, 'Answered elsewhere': elsewhere }
  return internalLeg(draw, call, service, agent, times, lost)
}

function redirectedBy(service: Owner, reason: string): Partial<Item> {
  return {
    'Original reason': reason,
    'Redirect reason': reason,
    'Related reason': reason,
    'Redirecting number': service.number,
    'Redirecting party UUID': service.uuid,
    'Original called party UUID': service.uuid,
    'Queue type': reason === 'CallQueue' ? 'Call Queue' : ''
  }
}
