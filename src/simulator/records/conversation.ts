import type { PartyOutcome } from './call-truth.js'
import type { Draw } from './draw.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Milliseconds since 1970. */
export interface Times {
  start: number
  /** Missing when nobody answered. */
  answer?: number
  release: number
  /** Seconds of ringing. */
  ring: number
}

/** What becomes of one attempt: when it rings, is answered and ends, and in which words Webex tells it. */
export interface Conversation {
  times: Times
  outcome: PartyOutcome
  /** Call outcome and Call outcome reason. */
  said: { outcome: string; reason: string }
  releasing: string
  /** Seconds on hold. */
  hold: number
}

export type Answered = Conversation & { times: Required<Times> }

/** How an attempt fails: what it means, how Webex words it, and for how long it rings (milliseconds). */
const FAILURES: readonly {
  means: PartyOutcome
  outcome: string
  reason: string
  rings: readonly [number, number]
}[] = [
  { means: 'no_answer', outcome: 'Failure', reason: 'NoAnswer', rings: [18_000, 45_000] },
  // Webex counts it as a success that a call rang and nobody came.
  { means: 'no_answer', outcome: 'Success', reason: 'NoAnswer', rings: [18_000, 45_000] },
  { means: 'no_answer', outcome: 'Success', reason: 'SIP487', rings: [2_000, 30_000] },
  { means: 'no_answer', outcome: 'Failure', reason: 'SIP487', rings: [1_000, 6_000] },
  { means: 'busy', outcome: 'Success', reason: 'UserBusy', rings: [0, 0] },
  { means: 'busy', outcome: 'Refusal', reason: 'UserBusy', rings: [40, 6_000] },
  { means: 'refused', outcome: 'Refusal', reason: 'CallRejected', rings: [1_000, 6_000] },
  { means: 'unreachable', outcome: 'Refusal', reason: 'UserAbsent', rings: [0, 0] },
  { means: 'failed', outcome: 'Failure', reason: 'InternalRequestTimeout', rings: [0, 0] }
]

/** An attempt that starts at `start` and is answered in four cases of five. */
export function conversation(draw: Draw, start: number): Conversation {
  return draw.chance(0.8) ? answered(draw, start) : unanswered(draw, start)
}

export function answered(draw: Draw, start: number): Answered {
  const answer = start + draw.whole(1_200, 24_000)
  return answeredAt(draw, start, answer, answer + talkTime(draw))
}

/** An attempt that is answered and ended when it suits the rest of the call. */
export function answeredAt(draw: Draw, start: number, answer: number, release: number): Answered {
  const hold = draw.chance(0.12) ? Math.floor(((release - answer) * draw.fraction()) / 3 / SECOND) : 0
  return {
    times: { start, answer, release, ring: Math.floor((answer - start) / SECOND) },
    outcome: 'answered',
    said: { outcome: 'Success', reason: 'Normal' },
    releasing: draw.pick(['Local', 'Remote', 'Remote', 'Unknown']),
    hold
  }
}

export function unanswered(draw: Draw, start: number): Conversation {
  const { means, outcome, reason, rings } = draw.pick(FAILURES)
  const rang = draw.whole(...rings)
  return failed(start, start + Math.max(rang, 40), means, { outcome, reason }, rang)
}

/** An attempt that nobody took. It rang all the time unless `rang` (milliseconds) says otherwise. */
export function failed(
  start: number,
  release: number,
  means: PartyOutcome,
  said: Conversation['said'],
  rang = release - start
): Conversation {
  const times = { start, release, ring: Math.floor(rang / SECOND) }
  return { times, outcome: means, said, releasing: 'Remote', hold: 0 }
}

/** An attempt that rang until the caller or the service behind it gave up. */
export function noAnswer(start: number, release: number): Conversation {
  return failed(start, release, 'no_answer', { outcome: 'Failure', reason: 'NoAnswer' })
}

/** A service takes a call by itself after some milliseconds, and has it until the rest of the call is over. */
export function pickedUp(start: number, after: number, rest: Conversation): Conversation {
  return {
    times: { start, answer: start + after, release: rest.times.release, ring: 0 },
    outcome: 'answered',
    said: { outcome: 'Success', reason: 'Normal' },
    releasing: rest.releasing,
    hold: 0
  }
}

/** Milliseconds of talk: mostly minutes; hours in one call of forty, 6 to 20 h in one of three hundred. */
export function talkTime(draw: Draw): number {
  const kind = draw.fraction()
  if (kind < 0.0033) return draw.whole(6 * HOUR, 20 * HOUR)
  if (kind < 0.028) return draw.whole(1 * HOUR, 6 * HOUR)
  // Squared, so that short calls outnumber long ones as they do in offices.
  return 3 * SECOND + Math.floor(draw.fraction() ** 2 * 25 * MINUTE)
}
