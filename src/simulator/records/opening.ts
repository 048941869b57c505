import type { CallClass } from './call-truth.js'
import type { Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Line } from './leg.js'
import { type Owner, PEOPLE } from './organisation.js'
import { foreignLine, nationalLine, type OutsideLine } from './outside-line.js'
import type { OutsideParticulars, Particulars, ToldLeg } from './particulars.js'
import { TRUNKS } from './services.js'
import { Story } from './story.js'

/** A call that somebody makes to the organisation, or within it. */
export interface Opening {
  story: Story
  caller: Line
  /** Tells the first leg. */
  reach(callee: Owner, what: Conversation, of?: Particulars): ToldLeg
  /** One of the staff, but not the caller. */
  anyone(): Owner
}

/** A call that comes from outside, but in `share` of the cases from a colleague. */
export function opened(draw: Draw, share: number): Opening {
  return draw.chance(share) ? fromColleague(draw) : fromOutside(draw)
}

export function fromColleague(draw: Draw): Opening {
  const caller = draw.pick(PEOPLE)
  const story = new Story(draw, 'internal', 'SIP_ENTERPRISE')
  return {
    story,
    caller,
    reach: (callee, what, of) => story.inside(caller, callee, what, of),
    anyone: () => colleagueOf(draw, caller)
  }
}

export function fromOutside(draw: Draw): Opening & { caller: OutsideLine } {
  const [callClass, type]: [CallClass, string] = draw.chance(0.02)
    ? ['toll_free', 'SIP_TOLLFREE']
    : ['inbound', 'SIP_INBOUND']
  const story = new Story(draw, callClass, type)
  const caller = outsideCaller(draw)
  const way: OutsideParticulars = draw.chance(0.04) ? { type, trunk: draw.pick(TRUNKS.names) } : { type }
  return {
    story,
    caller,
    reach: (callee, what, of) => story.fromOutside(callee, caller, what, of ? { ...way, ...of } : way),
    anyone: () => draw.pick(PEOPLE)
  }
}

export function colleagueOf(draw: Draw, owner: Owner): Owner {
  const others = PEOPLE.length - 1
  return PEOPLE[(PEOPLE.indexOf(owner) + 1 + draw.whole(0, others - 1)) % PEOPLE.length] as Owner
}

function outsideCaller(draw: Draw): OutsideLine {
  return draw.chance(0.12) ? foreignLine(draw) : nationalLine(draw)
}
