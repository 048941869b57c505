import { type Conversation, failed, noAnswer } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Line, unreachedEnd } from './leg.js'
import type { Owner } from './organisation.js'
import type { Particulars, ToldLeg } from './particulars.js'
import { type Group, queueType } from './services.js'
import type { Story } from './story.js'

const BOUNCED = 12_000

/** How a group rings its agents, and what a leg to one of them is told to be. */
export interface Ringing {
  draw: Draw
  story: Story
  group: Group
  /** The leg by which the call has reached the group. */
  entry: ToldLeg
  caller: Line
  of: Particulars & { more: Partial<Item> }
}

export function ringing(draw: Draw, story: Story, group: Group, entry: ToldLeg, caller: Line): Ringing {
  return { draw, story, group, entry, caller, of: sentOnBy(group.service, entry) }
}

/** All agents are rung at once, and one of them answers if the attempt is answered at all. */
export function ringTogether(how: Ringing, outcome: Conversation): void {
  const { draw, story, group, entry, of } = how
  const winner = outcome.times.answer === undefined ? undefined : draw.pick(group.agents)
  const lost = winner ? { ...of, calledMore: { 'Answered elsewhere': 'Yes' } } : of
  for (const agent of group.agents) {
    if (agent === winner) connect(entry, story.inside(group.service, agent, outcome, of))
    else if (draw.chance(0.5)) unreached(how, agent, outcome.times.start)
    else story.inside(group.service, agent, lostRace(outcome), lost)
  }
}

/** How long `ringInTurn` rings others before the attempt that counts (milliseconds). */
export function bounces(times: number): number {
  return times * (BOUNCED + 100)
}

/** One agent after the other is rung; so many do not answer, and the last attempt becomes what `outcome` says. */
export function ringInTurn(
  { draw, story, group, entry, of }: Ringing,
  bounced: number,
  outcome: Conversation
): void {
  const begin = outcome.times.start - bounces(bounced)
  const first = draw.whole(0, group.agents.length - 1)
  for (let i = 0; i <= bounced; i++) {
    const agent = group.agents[(first + i) % group.agents.length] as Owner
    const start = begin + bounces(i)
    const what = i === bounced ? outcome : noAnswer(start, start + BOUNCED)
    const leg = story.inside(group.service, agent, what, of)
    if (leg.party.outcome === 'answered') connect(entry, leg)
  }
}

/** A person whom the queue or hunt group rang has answered. */
export function connect({ party }: ToldLeg, agent: ToldLeg): void {
  party.outcome = 'answered'
  party.answered = agent.party.answered
}

/** The service has put the call through. */
export function passOn({ party }: ToldLeg, next: ToldLeg): void {
  party.outcome = 'passed_on'
  party.left = next.party.presented
}

/** Of a leg that a service has made out of the one by which the call has reached it. */
export function sentOnBy(service: Owner, entry: ToldLeg): Ringing['of'] {
  return { sentBy: service, more: redirectedBy(service), callingMore: { 'Related call ID': entry.id } }
}

/** What each leg says that a service has sent on. */
export function redirectedBy(service: Owner): Partial<Item> {
  const { kind, number, uuid } = service
  const reason = kind === 'queue' ? 'CallQueue' : kind === 'hunt_group' ? 'HuntGroup' : 'Deflection'
  return {
    'Original reason': reason,
    'Redirect reason': reason,
    'Related reason': reason,
    'Redirecting number': number,
    'Redirecting party UUID': uuid,
    'Original called party UUID': uuid,
    'Queue type': kind === 'queue' ? queueType(service) : ''
  }
}

/** An agent without a device: refused after 2 ms, and the Call ID stays empty as in the live sample. */
function unreached({ draw, story, group, caller, of }: Ringing, agent: Owner, start: number): void {
  const refusal = { outcome: 'Refusal', reason: 'TemporarilyUnavailable' }
  const what = { ...failed(start, start + 2, 'unreachable', refusal), releasing: 'Local' }
  const called = { number: group.service.number, name: 'NA' }
  const { more, sentBy } = of
  story.receivedOnly(agent, caller, called, what, { more, sentBy }, unreachedEnd(draw))
}

/** An agent whose device rang until someone else answered or the caller gave up. */
function lostRace({ times: { start, answer, release } }: Conversation): Conversation {
  const means = answer === undefined ? 'no_answer' : 'elsewhere'
  return failed(start, answer ?? release, means, { outcome: 'Success', reason: 'SIP487' })
}
