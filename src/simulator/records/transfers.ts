import { type Answered, answeredAt, conversation, talkTime } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { iso, newSession } from './leg.js'
import { colleagueOf, opened } from './opening.js'
import type { Particulars } from './particulars.js'
import { Story } from './story.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Times of one hand-over, milliseconds since 1970. */
interface HandOver {
  asked: number
  answer: number
  transfer: number
}

/**
 * A caller is passed on to a colleague, who is asked first; now and then to a third one after that. Each
 * consultation is a session of its own: that it belongs to the call, either a Transfer related call ID tells
 * or a common Interaction ID.
 */
export function attendedTransfer(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.3)
  const answer = start + draw.whole(1_200, 24_000)
  const steps = [handOver(draw, answer)]
  if (draw.chance(0.1)) steps.push(handOver(draw, steps[0]!.transfer))
  const end = steps.at(-1)!.transfer + talkTime(draw)
  story.facts.transfers = steps.length

  let person = anyone()
  let leg = reach(person, handing(draw, start, answer, steps[0]!), {
    calledMore: transferred(steps[0]!),
    callerLeft: end
  })
  const byInteraction = draw.chance(0.3)
  for (const [i, step] of steps.entries()) {
    const next = steps[i + 1]
    const what = next
      ? handing(draw, step.asked, step.answer, next)
      : answeredAt(draw, step.asked, step.answer, end)
    const colleague = colleagueOf(draw, person)
    const session = newSession(draw)
    if (byInteraction) session.interactionId = story.session.interactionId
    const before = story.records.at(-1)!
    const asking: Particulars = {
      session,
      callerLeft: step.transfer,
      callingMore: transferred(step),
      calledMore: next && transferred(next)
    }
    const told = story.inside(person, colleague, what, asking)
    if (!byInteraction) {
      // Either of the two records names the other, or each does.
      const which = draw.whole(0, 2)
      if (which !== 0) before.item['Transfer related call ID'] = told.id
      if (which !== 1) story.records.at(-2)!.item['Transfer related call ID'] = leg.id
    }
    leg = told
    person = colleague
  }
  return [story]
}

/** A caller is passed on without a question. Nothing in the records ties the two calls that this makes. */
export function blindTransfer(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.3)
  const answer = start + draw.whole(1_200, 24_000)
  const transfer = answer + draw.whole(5 * SECOND, 15 * MINUTE)
  const first = anyone()
  reach(
    first,
    { ...answeredAt(draw, start, answer, transfer), releasing: 'Local' },
    { calledMore: { 'Call transfer time': iso(transfer) } }
  )
  story.facts.transfers = 1
  const onward = new Story(draw, 'internal', 'SIP_ENTERPRISE')
  const ringing = transfer + draw.whole(10, 200)
  onward.inside(first, colleagueOf(draw, first), conversation(draw, ringing), {
    more: { 'Related reason': 'Deflection' }
  })
  return [story, onward]
}

/** A caller is put on hold while a colleague is asked, and then told the answer: two calls. */
export function consultation(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.2)
  const answer = start + draw.whole(1_200, 24_000)
  const asked = answer + draw.whole(10 * SECOND, 15 * MINUTE)
  const heard = asked + draw.whole(1_200, 20_000)
  const back = heard + draw.whole(5 * SECOND, 90 * SECOND)
  const person = anyone()
  const hold = Math.floor((back - asked) / SECOND)
  reach(person, { ...answeredAt(draw, start, answer, back + talkTime(draw)), hold })
  const question = new Story(draw, 'internal', 'SIP_ENTERPRISE')
  question.inside(person, colleagueOf(draw, person), answeredAt(draw, asked, heard, back))
  return [story, question]
}

function handOver(draw: Draw, since: number): HandOver {
  const asked = since + draw.whole(10 * SECOND, 9 * MINUTE)
  const answer = asked + draw.whole(1_200, 20_000)
  return { asked, answer, transfer: answer + draw.whole(1 * SECOND, 20 * SECOND) }
}

/** The talk of a person who holds the call from when a colleague is asked, and leaves it to that one. */
function handing(draw: Draw, start: number, answer: number, { asked, transfer }: HandOver): Answered {
  const hold = Math.floor((transfer - asked) / SECOND)
  return { ...answeredAt(draw, start, answer, transfer), releasing: 'Local', hold }
}

function transferred({ transfer }: HandOver): Partial<Item> {
  return { 'Related reason': 'ConsultativeTransfer', 'Call transfer time': iso(transfer) }
}
