import { type Conversation, conversation, failed } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { fromColleague, fromOutside, type Opening } from './opening.js'
import type { Story } from './story.js'

/** What the reputation service may do, but for letting the call through. */
const REPUTATIONS = [
  { result: 'block', blocks: true },
  { result: 'captcha-block', blocks: true },
  { result: 'captcha-allow', blocks: false }
]

const WOKEN = { outcome: 'Success', reason: 'Normal' }

/** One colleague calls another. */
export function internalCall(draw: Draw, start: number): Story[] {
  return personal(draw, fromColleague(draw), conversation(draw, start))
}

/** Someone outside calls a person. */
export function inboundCall(draw: Draw, start: number): Story[] {
  const opening = fromOutside(draw)
  if (!draw.chance(0.2)) return personal(draw, opening, conversation(draw, start))
  // The reputation of the caller was asked for.
  const { result, blocks } = REPUTATIONS[draw.whole(0, 40)] ?? { result: 'allow', blocks: false }
  opening.story.facts.spam = result
  const calledMore = {
    'Caller Reputation Score': (draw.whole(10, 50) / 10).toFixed(1),
    'Caller Reputation Service Result': result,
    'Caller Reputation Score Reason': 'OK'
  }
  return personal(
    draw,
    opening,
    blocks ? blocked(draw, start, 'CallRejected') : conversation(draw, start),
    calledMore
  )
}

/** The called person, or the organisation, wants no call of this caller. */
export function unwantedCall(draw: Draw, start: number): Story[] {
  return personal(
    draw,
    fromOutside(draw),
    blocked(draw, start, draw.pick(['UserCallBlock', 'AdminCallBlock']))
  )
}

/** A call to one person. The application on a telephone or computer has to be woken up now and then. */
function personal(
  draw: Draw,
  { story, caller, reach, anyone }: Opening,
  what: Conversation,
  calledMore?: Partial<Item>
): Story[] {
  const callee = anyone()
  reach(callee, what, calledMore && { calledMore })
  if (callee.device.clientType === 'WXC_CLIENT' && draw.chance(0.06)) {
    const woken = what.times.start + draw.whole(20, 300)
    story.push(callee, caller, failed(woken, woken + draw.whole(500, 9_000), 'no_answer', WOKEN, 0))
  }
  return [story]
}

function blocked(draw: Draw, start: number, reason: string): Conversation {
  return failed(start, start + draw.whole(40, 400), 'blocked', { outcome: 'Refusal', reason }, 0)
}
