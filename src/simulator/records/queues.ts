import { answered, answeredAt, conversation, pickedUp, talkTime } from './conversation.js'
import type { Draw } from './draw.js'
import { newSession } from './leg.js'
import { fromOutside, type Opening, opened } from './opening.js'
import {
  bounces,
  connect,
  passOn,
  redirectedBy,
  ringInTurn,
  ringing,
  ringTogether,
  sentOnBy
} from './ringing.js'
import { type Group, QUEUES, queueType } from './services.js'
import { Story } from './story.js'
import { deposit, message } from './voicemail.js'

const MINUTE = 60_000
/** The queue itself answers at once and plays music. */
const MUSIC = 400

/** A caller waits until an agent is free, and may not get one. */
export function queueCall(draw: Draw, start: number): Story[] {
  const kind = draw.fraction()
  if (kind < 0.08) return givenUp(draw, opened(draw, 0.15), start)
  if (kind < 0.14) return overflowed(draw, opened(draw, 0.15), start)
  if (kind < 0.2) return timedOut(draw, opened(draw, 0.15), start)
  if (kind < 0.26) return calledBack(draw, start)
  return served(draw, opened(draw, 0.15), start)
}

/** The caller waits up to eight minutes before the agents' devices ring. */
function served(draw: Draw, { story, caller, reach }: Opening, start: number): Story[] {
  const group = draw.pick(QUEUES)
  const bounced = draw.chance(0.5) ? draw.whole(0, 2) : undefined
  const outcome = conversation(draw, start + draw.whole(2_000, 480_000) + bounces(bounced ?? 0))
  story.facts.unanswered = 'abandoned'
  const entry = reach(group.service, pickedUp(start, MUSIC, outcome), waitingIn(group))
  const how = ringing(draw, story, group, entry, caller)
  if (bounced === undefined) ringTogether(how, outcome)
  else ringInTurn(how, bounced, outcome)
  return [story]
}

/** The caller has waited long enough. */
function givenUp(draw: Draw, { story, reach }: Opening, start: number): Story[] {
  const group = draw.pick(QUEUES)
  const waited = answered(draw, start)
  const release = start + draw.whole(3_000, 6 * MINUTE)
  const what = pickedUp(start, MUSIC, { ...waited, times: { ...waited.times, release }, releasing: 'Remote' })
  reach(group.service, what, waitingIn(group))
  story.facts.unanswered = 'abandoned'
  return [story]
}

/** Too many wait, so that another queue has to help. */
function overflowed(draw: Draw, { story, caller, reach }: Opening, start: number): Story[] {
  const [from, to] = draw.chance(0.5) ? [QUEUES[0]!, QUEUES[1]!] : [QUEUES[1]!, QUEUES[0]!]
  const over = start + draw.whole(1_000, 2 * MINUTE)
  const outcome = conversation(draw, over + draw.whole(2_000, 4 * MINUTE))
  story.facts.unanswered = 'abandoned'
  const entry = reach(from.service, pickedUp(start, MUSIC, outcome), waitingIn(from))
  const second = story.inside(from.service, to.service, pickedUp(over, MUSIC, outcome), {
    ...sentOnBy(from.service, entry),
    calledMore: { 'Queue type': queueType(to.service) }
  })
  passOn(entry, second)
  ringTogether(ringing(draw, story, to, second, caller), outcome)
  return [story]
}

/** Nobody was free in time, and the caller may leave a message. */
function timedOut(draw: Draw, { story, reach }: Opening, start: number): Story[] {
  const group = draw.pick(QUEUES)
  const rest = message(draw, start + draw.whole(1 * MINUTE, 8 * MINUTE))
  const entry = reach(group.service, pickedUp(start, MUSIC, rest), waitingIn(group))
  passOn(entry, deposit(draw, story, group.service, rest, sentOnBy(group.service, entry)))
  return [story]
}

/**
 * The caller asks to be called back, and hangs up. When an agent is free, the queue rings the agent and then
 * the caller: in a session of its own, which half of the time shares the Interaction ID.
 */
function calledBack(draw: Draw, start: number): Story[] {
  const group = draw.pick(QUEUES)
  const { story, caller, reach } = fromOutside(draw)
  const asked = start + draw.whole(20_000, 3 * MINUTE)
  const rings = asked + draw.whole(1 * MINUTE, 15 * MINUTE)
  const taken = rings + draw.whole(1_200, 24_000)
  const again = answeredAt(draw, rings, taken, taken + 10_000 + talkTime(draw))
  const waited = pickedUp(start, MUSIC, { ...again, times: { ...again.times, release: asked } })
  const entry = reach(group.service, { ...waited, releasing: 'Remote' }, waitingIn(group))
  story.facts.unanswered = 'abandoned'

  const type = caller.country === '' ? 'SIP_NATIONAL' : 'SIP_INTERNATIONAL'
  const isTied = draw.chance(0.5)
  const back = isTied ? story : new Story(draw, 'outbound', type)
  const session = isTied ? { ...newSession(draw), interactionId: story.session.interactionId } : back.session
  const of = { session, sentBy: group.service }
  const agent = back.inside(group.service, draw.pick(group.agents), again, {
    ...of,
    more: redirectedBy(group.service)
  })
  if (isTied) connect(entry, agent)
  const { answer, release } = again.times
  const called = answeredAt(draw, answer + draw.whole(10, 300), answer + draw.whole(1_500, 9_000), release)
  const callback = back.toOutside(group.service, caller, called, {
    ...of,
    type,
    more: { 'Related reason': draw.pick(['Unrecognised', 'Unrecognized']) }
  })
  callback.party.kind = 'callback'
  return isTied ? [story] : [story, back]
}

function waitingIn(group: Group) {
  return { calledMore: { 'Queue type': queueType(group.service) } }
}
