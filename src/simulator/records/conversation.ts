import type { Draw } from './draw.js'
import type { Item } from './item.js'
import type { Times } from './leg.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const UNANSWERED = [
  { outcome: 'Failure', reason: 'NoAnswer' },
  { outcome: 'Refusal', reason: 'UserBusy' },
  { outcome: 'Refusal', reason: 'CallRejected' },
  { outcome: 'Failure', reason: 'SIP487' },
  { outcome: 'Refusal', reason: 'UserAbsent' }
]

/** What becomes of one attempt: when it rings, is answered and ends, and what the record says about it. */
export interface Conversation {
  times: Times
  more: Partial<Item>
}

/** An attempt that starts at `start` and is answered in four cases of five. */
export function conversation(draw: Draw, start: number): Conversation {
  return draw.chance(0.8) ? answered(draw, start) : unanswered(draw, start)
}

export function answered(draw: Draw, start: number): Conversation & { times: Required<Times> } {
  const answer = start + draw.whole(1_200, 24_000)
  const release = answer + talkTime(draw)
  const talked = release - answer
  const onHold = draw.chance(0.12) ? Math.floor((talked * draw.fraction()) / 3 / SECOND) : 0
  const releasing = draw.pick(['Local', 'Remote', 'Remote', 'Unknown'])
  return {
    times: { start, answer, release },
    more: { 'Hold duration': onHold, 'Releasing party': releasing }
  }
}

export function unanswered(draw: Draw, start: number): Conversation {
  const { outcome, reason } = draw.pick(UNANSWERED)
  const release = start + (reason === 'NoAnswer' ? draw.whole(18_000, 45_000) : draw.whole(40, 6_000))
  const more = { 'Call outcome': outcome, 'Call outcome reason': reason, 'Releasing party': 'Remote' }
  return { times: { start, release }, more }
}

/** Milliseconds of talk: mostly minutes; hours in one call of forty, 6 to 20 h in one of three hundred. */
function talkTime(draw: Draw): number {
  const kind = draw.fraction()
  if (kind < 0.0033) return draw.whole(6 * HOUR, 20 * HOUR)
  if (kind < 0.028) return draw.whole(1 * HOUR, 6 * HOUR)
  // Squared, so that short calls outnumber long ones as they do in offices.
  return 3 * SECOND + Math.floor(draw.fraction() ** 2 * 25 * MINUTE)
}
