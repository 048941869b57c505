import type { PartyTruth } from './call-truth.js'
import { type Conversation, failed } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Line, unreachedEnd } from './leg.js'
import type { Group, Owner } from './organisation.js'
import type { Story } from './story.js'

/** All agents of a group are rung at once, and one of them answers if the attempt is answered at all. */
export function ringTogether(
  draw: Draw,
  story: Story,
  { service, agents }: Group,
  entry: PartyTruth,
  caller: Line,
  outcome: Conversation,
  reason: string
): void {
  const of = { sentBy: service, more: redirectedBy(service, reason) }
  const winner = outcome.times.answer === undefined ? undefined : draw.pick(agents)
  for (const agent of agents) {
    if (agent === winner) {
      connect(entry, story.inside(service, agent, outcome, of))
    } else if (draw.chance(0.5)) {
      unreached(draw, story, service, agent, caller, outcome.times.start, of.more)
    } else {
      const more = winner ? { ...of.more, 'Answered elsewhere': 'Yes' } : of.more
      story.inside(service, agent, lostRace(outcome), { ...of, more })
    }
  }
}

/** A person whom the queue or hunt group rang has answered. */
export function connect(service: PartyTruth, agent: PartyTruth): void {
  service.outcome = 'answered'
  service.answered = agent.answered
}

/** What each leg says that a service has sent on. */
export function redirectedBy(service: Owner, reason: string): Partial<Item> {
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

/** An agent without a device: refused after 2 ms, and the Call ID stays empty as in the live sample. */
function unreached(
  draw: Draw,
  story: Story,
  service: Owner,
  agent: Owner,
  caller: Line,
  start: number,
  more: Partial<Item>
): void {
  const refusal = { outcome: 'Refusal', reason: 'TemporarilyUnavailable' }
  const conversation = { ...failed(start, start + 2, 'unreachable', refusal), releasing: 'Local' }
  const called = { number: service.number, name: 'NA' }
  story.receivedOnly(agent, caller, called, conversation, { more, sentBy: service }, unreachedEnd(draw))
}

/** An agent whose device rang until someone else answered or the caller gave up. */
function lostRace({ times: { start, answer, release } }: Conversation): Conversation {
  const means = answer === undefined ? 'no_answer' : 'elsewhere'
  return failed(start, answer ?? release, means, { outcome: 'Success', reason: 'SIP487' })
}
