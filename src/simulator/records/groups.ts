import { type Conversation, conversation, failed, noAnswer } from './conversation.js'
import type { Draw } from './draw.js'
import { type Opening, opened } from './opening.js'
import { bounces, type Ringing, ringInTurn, ringing, ringTogether } from './ringing.js'
import { type Group, HUNT_GROUPS } from './services.js'
import type { Story } from './story.js'

/** A number behind which several people are rung. */
export function huntGroupCall(draw: Draw, start: number): Story[] {
  const opening = opened(draw, 0.15)
  const group = draw.pick(HUNT_GROUPS)
  const kind = draw.fraction()
  if (kind < 0.03) allBusy(opening, group, start)
  else if (kind < 0.06) givesUp(draw, opening, group, start)
  else {
    const hunt = huntFrom(draw, start)
    opening.story.facts.unanswered = 'abandoned'
    const entry = opening.reach(group.service, hunt.entry)
    hunt.ring(ringing(draw, opening.story, group, entry, opening.caller))
  }
  return [opening.story]
}

/** A group that begins to ring its agents at `start`: its own leg, what becomes of it, and who is rung. */
export function huntFrom(
  draw: Draw,
  start: number
): { entry: Conversation; outcome: Conversation; ring: (how: Ringing) => void } {
  const bounced = draw.chance(0.4) ? draw.whole(0, 2) : undefined
  const rings = start + draw.whole(20, 400)
  const outcome = conversation(draw, rings + bounces(bounced ?? 0))
  return {
    entry: hunted(start, outcome),
    outcome,
    ring: (how) => (bounced === undefined ? ringTogether(how, outcome) : ringInTurn(how, bounced, outcome))
  }
}

/** The group's own leg: it is answered when a person answers, or the caller hangs up. */
function hunted(start: number, { times, said, releasing, outcome }: Conversation): Conversation {
  const ring = Math.floor(((times.answer ?? times.release) - start) / 1000)
  return {
    times: { ...times, start, ring },
    outcome,
    said,
    releasing: times.answer ? releasing : 'Remote',
    hold: 0
  }
}

/** Everybody is talking already, so that the group refuses the call. */
function allBusy({ story, reach }: Opening, group: Group, start: number): void {
  const busy = failed(start, start + 60, 'busy', { outcome: 'Refusal', reason: 'UserBusy' }, 0)
  reach(group.service, { ...busy, releasing: 'Local' })
  story.facts.unanswered = 'busy'
}

/** Nobody takes the call for so long that the group ends it. */
function givesUp(draw: Draw, { story, caller, reach }: Opening, group: Group, start: number): void {
  const rings = start + draw.whole(20, 400)
  const last = noAnswer(rings + bounces(2), rings + bounces(3))
  const entry = reach(group.service, { ...noAnswer(start, last.times.release + 10), releasing: 'Local' })
  ringInTurn(ringing(draw, story, group, entry, caller), 2, last)
  story.facts.unanswered = 'no_answer'
}
