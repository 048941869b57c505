import { answered, answeredAt, conversation, failed, noAnswer, talkTime } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { colleagueOf, opened } from './opening.js'
import { PEOPLE } from './organisation.js'
import { nationalLine } from './outside-line.js'
import { SHARED_LINES } from './services.js'
import type { Story } from './story.js'

const SECOND = 1_000
const POST_REDIRECTION: Partial<Item> = { 'Answer indicator': 'Yes-PostRedirection', Duration: 0 }

/** A call is parked until a colleague retrieves it, or until it rings again at who has parked it. */
export function parkedCall(draw: Draw, start: number): Story[] {
  const { story, caller, reach, anyone } = opened(draw, 0.3)
  const person = anyone()
  const answer = start + draw.whole(1_200, 20_000)
  const parked = answer + draw.whole(5 * SECOND, 10 * 60 * SECOND)
  const isRecalled = draw.chance(0.3)
  const again = parked + (isRecalled ? 60 * SECOND : draw.whole(4 * SECOND, 59 * SECOND))
  const rest = answeredAt(draw, again, again + (isRecalled ? 4_000 : 100), again + 4_000 + talkTime(draw))
  // Webex writes the reason in both ways.
  const reason = draw.pick(['CallPark', 'CalllPark'])
  const first = reach(
    person,
    { ...answeredAt(draw, start, answer, parked), releasing: 'Local' },
    {
      calledMore: { 'Related reason': reason },
      callerLeft: rest.times.release
    }
  )
  if (isRecalled) {
    story.receivedOnly(person, caller, person, rest, { more: { 'Recall type': 'call park' } })
  } else {
    story.taken(colleagueOf(draw, person), `*88${person.extension}`, rest, {
      more: { 'Related reason': draw.pick(['CallParkRetrieve', 'CallRetrieve']), 'Related call ID': first.id }
    })
  }
  return [story]
}

/** A colleague takes the call that rings at somebody else's desk. */
export function pickedUpCall(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.3)
  const person = anyone()
  const rang = start + draw.whole(4 * SECOND, 15 * SECOND)
  const { times, releasing } = answered(draw, start)
  const release = times.release + 15 * SECOND
  const ring = Math.floor((rang - start) / SECOND)
  const missed = {
    ...failed(start, release, 'no_answer', { outcome: 'Success', reason: 'Normal' }),
    releasing
  }
  const first = reach(
    person,
    { ...missed, times: { start, answer: rang + 100, release, ring } },
    {
      calledMore: POST_REDIRECTION
    }
  )
  const isDirected = draw.chance(0.5)
  story.taken(
    colleagueOf(draw, person),
    isDirected ? `*97${person.extension}` : '*98',
    answeredAt(draw, rang, rang + 100, release),
    {
      more: {
        'Related reason': isDirected ? 'DirectedCallPickup' : 'CallPickup',
        'Related call ID': first.id
      }
    }
  )
  return [story]
}

/** A line that several people's devices have is answered on one of them. */
export function sharedLineCall(draw: Draw, start: number): Story[] {
  const { story, reach } = opened(draw, 0.2)
  const more = { 'Device owner UUID': draw.pick(PEOPLE).uuid }
  reach(draw.pick(SHARED_LINES), conversation(draw, start), { calledMore: more })
  return [story]
}

/** A person's mobile telephone rings together with the desk, and may be quicker. */
export function rungTwice(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0)
  const person = anyone()
  const mobile = start + draw.whole(50, 300)
  const taken = answered(draw, mobile)
  const { answer, release } = taken.times
  const lost = { outcome: 'Success', reason: 'SIP487' }
  const atDesk = draw.chance(0.5)
  const isTaken = draw.chance(0.8)
  const end = isTaken ? answer : mobile + 30 * SECOND
  if (isTaken && atDesk) reach(person, answeredAt(draw, start, answer, release))
  else if (isTaken) {
    reach(person, failed(start, answer, 'elsewhere', lost), { calledMore: { 'Answered elsewhere': 'Yes' } })
  } else reach(person, noAnswer(start, end))
  story.toOutside(
    person,
    nationalLine(draw),
    isTaken && !atDesk ? taken : failed(mobile, end, 'no_answer', lost),
    {
      type: 'SIP_MOBILE',
      more: { 'Related reason': 'SimultaneousRingPersonal' }
    }
  )
  return [story]
}
