import type { PartyOutcome } from './call-truth.js'
import { type Conversation, conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { colleagueOf, opened } from './opening.js'
import { type Owner, PEOPLE } from './organisation.js'
import { nationalLine } from './outside-line.js'
import type { Particulars, ToldLeg } from './particulars.js'
import { mailboxesOf } from './services.js'
import { Story } from './story.js'
import { deposit, message } from './voicemail.js'

/** Why a person's calls go on to somebody else, and how long they ring before (milliseconds). */
interface Forwarding {
  related: string
  redirect: string
  rings: readonly [number, number]
  means: PartyOutcome
  said: Conversation['said']
}

const NO_ANSWER: Forwarding = {
  related: 'CallForwardNoAnswer',
  redirect: 'NoAnswer',
  rings: [8_000, 24_000],
  means: 'no_answer',
  said: { outcome: 'Success', reason: 'NoAnswer' }
}
const BUSY: Forwarding = {
  related: 'CallForwardBusy',
  redirect: 'UserBusy',
  rings: [0, 0],
  means: 'busy',
  said: { outcome: 'Success', reason: 'UserBusy' }
}
const ALWAYS: Forwarding = {
  related: 'CallForwardAlways',
  redirect: 'Unconditional',
  rings: [0, 0],
  means: 'no_answer',
  said: { outcome: 'Success', reason: 'Normal' }
}
const FORWARDINGS: readonly Forwarding[] = [
  NO_ANSWER,
  NO_ANSWER,
  BUSY,
  ALWAYS,
  { ...ALWAYS, related: 'CallForwardSelective' },
  { ...ALWAYS, related: 'CallForwardModeBased', redirect: 'TimeOfDay' },
  { ...NO_ANSWER, related: '' },
  { ...ALWAYS, related: '', redirect: 'FollowMe' },
  {
    ...ALWAYS,
    related: '',
    redirect: 'Unavailable',
    means: 'unreachable',
    said: { outcome: 'Success', reason: 'TemporarilyUnavailable' }
  }
]

/** A person's calls go on to a colleague, maybe to that one's colleague, or to a telephone outside. */
export function forwardedCall(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.4)
  const ways = Array.from({ length: draw.pick([1, 1, 1, 1, 2, 2, 3]) }, () => draw.pick(FORWARDINGS))
  const starts = [start]
  for (const way of ways) starts.push(goesOnAt(draw, starts.at(-1)!, way))
  const rest = conversation(draw, starts.at(-1)!)
  story.facts.forwards = ways.length

  let person = anyone()
  let leg = reach(person, sentOn(starts[0]!, starts[1]!, ways[0]!, rest), sendingOn(rest))
  for (const [i, way] of ways.entries()) {
    const forwarded = forwarding(person, way, leg)
    const next = ways[i + 1]
    if (next === undefined) {
      reachLast(draw, story, person, rest, forwarded)
      break
    }
    const colleague = colleagueOf(draw, person)
    const what = sentOn(starts[i + 1]!, starts[i + 2]!, next, rest)
    leg = story.inside(person, colleague, what, sendingOn(rest, forwarded))
    person = colleague
  }
  return [story]
}

/** Nobody takes the call, and the caller is asked for a message. */
export function voicemailCall(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.3)
  const way = draw.pick([NO_ANSWER, NO_ANSWER, NO_ANSWER, BUSY, ALWAYS])
  const after = goesOnAt(draw, start, way)
  const rest = message(draw, after)
  const person = anyone()
  const leg = reach(person, sentOn(start, after, way, rest), sendingOn(rest))
  story.facts.forwards = 1
  deposit(draw, story, person, rest, forwarding(person, way, leg))
  return [story]
}

/** Somebody listens to the messages that were left. */
export function mailboxCall(draw: Draw, start: number): Story[] {
  const owner = draw.pick(PEOPLE)
  const story = new Story(draw, 'internal', 'SIP_ENTERPRISE')
  story.inside(owner, mailboxesOf(owner.site), message(draw, start))
  return [story]
}

function goesOnAt(draw: Draw, start: number, { rings }: Forwarding): number {
  return start + draw.whole(...rings) + draw.whole(20, 90)
}

/** The leg to somebody whose calls go on, `rest` being what becomes of this one. */
function sentOn(start: number, after: number, way: Forwarding, rest: Conversation): Conversation {
  const ring = way.rings[1] === 0 ? 0 : Math.floor((after - start) / 1000)
  const { answer, release } = rest.times
  const times = { start, answer, release, ring }
  return { times, outcome: way.means, said: way.said, releasing: rest.releasing, hold: 0 }
}

/** What both sides have of it when somebody else answers: the caller an answered call, the called side none. */
function sendingOn(rest: Conversation, of: Particulars = {}): Particulars {
  if (rest.times.answer === undefined) return of
  return {
    ...of,
    callingMore: { ...of.callingMore, 'Call outcome': 'Success', 'Call outcome reason': 'Normal' },
    calledMore: { 'Answer indicator': 'Yes-PostRedirection', Duration: 0 }
  }
}

function forwarding(person: Owner, { related, redirect }: Forwarding, leg: ToldLeg): Particulars {
  const more: Partial<Item> = {
    'Original reason': redirect,
    'Redirect reason': redirect,
    'Related reason': related,
    'Redirecting number': person.number,
    'Redirecting party UUID': person.uuid,
    'Original called party UUID': person.uuid
  }
  return { more, callingMore: { 'Related call ID': leg.id } }
}

function reachLast(draw: Draw, story: Story, person: Owner, rest: Conversation, of: Particulars): void {
  if (draw.chance(0.75)) {
    story.inside(person, colleagueOf(draw, person), rest, of)
    return
  }
  const type = 'SIP_MOBILE'
  if (story.facts.class === 'internal') Object.assign(story.facts, { class: 'outbound', callType: type })
  story.toOutside(person, nationalLine(draw), rest, { ...of, type })
}
