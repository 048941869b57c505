import { answered, conversation, noAnswer, pickedUp } from './conversation.js'
import type { Draw } from './draw.js'
import { huntFrom } from './groups.js'
import type { Item } from './item.js'
import { type Opening, opened } from './opening.js'
import type { Particulars, ToldLeg } from './particulars.js'
import { bounces, passOn, ringInTurn, ringing, sentOnBy } from './ringing.js'
import { ATTENDANTS, HUNT_GROUPS, RECEPTIONIST } from './services.js'
import type { Story } from './story.js'
import { deposit, message } from './voicemail.js'

/** The menu answers by itself. */
const GREETING = 300

/** A menu answers, the caller presses a key and is put through. */
export function attendantCall(draw: Draw, start: number): Story[] {
  const opening = opened(draw, 0.08)
  opening.story.facts.unanswered = 'abandoned'
  const kind = draw.fraction()
  if (kind < 0.08) hangsUp(draw, opening, start)
  else if (kind < 0.14) toGroup(draw, opening, start)
  else if (kind < 0.19) toVoicemail(draw, opening, start)
  else toPerson(draw, opening, start)
  return [opening.story]
}

/** An artificial voice asks what the caller wants, and sends the call there. */
export function receptionistCall(draw: Draw, start: number): Story[] {
  const { story, reach, anyone } = opened(draw, 0.08)
  story.facts.unanswered = 'abandoned'
  const outcome = conversation(draw, start + draw.whole(6_000, 60_000))
  const byIntent = draw.chance(0.8)
  const calledMore: Partial<Item> = {
    'Transfer type': `AI Receptionist Deflection By ${byIntent ? 'Intent' : 'Default'}`,
    'Transfer type context': byIntent ? draw.pick(['for Pediatric Services', 'for Billing']) : ''
  }
  const entry = reach(RECEPTIONIST, pickedUp(start, GREETING, outcome), { calledMore })
  passOn(entry, story.inside(RECEPTIONIST, anyone(), outcome, sentOnBy(RECEPTIONIST, entry)))
  return [story]
}

/** The caller has heard enough before a key was pressed. */
function hangsUp(draw: Draw, { reach }: Opening, start: number): void {
  const heard = answered(draw, start)
  const release = start + draw.whole(1_000, 30_000)
  reach(
    draw.pick(ATTENDANTS),
    pickedUp(start, GREETING, { ...heard, times: { ...heard.times, release }, releasing: 'Remote' })
  )
}

/** One caller of five goes through a second menu first. */
function toPerson(draw: Draw, { story, reach, anyone }: Opening, start: number): void {
  const [first, second] = draw.chance(0.5) ? ATTENDANTS : ATTENDANTS.toReversed()
  const pressed = start + draw.whole(4_000, 40_000)
  const again = draw.chance(0.2) ? pressed + draw.whole(2_000, 20_000) : undefined
  const outcome = conversation(draw, again ?? pressed)
  const entry = chosen(draw, (of) => reach(first!, pickedUp(start, GREETING, outcome), of))
  if (again === undefined) {
    passOn(entry, story.inside(first!, anyone(), outcome, sentOnBy(first!, entry)))
    return
  }
  const submenu = chosen(draw, (of) =>
    story.inside(first!, second!, pickedUp(pressed, GREETING, outcome), { ...sentOnBy(first!, entry), ...of })
  )
  passOn(entry, submenu)
  passOn(submenu, story.inside(second!, anyone(), outcome, sentOnBy(second!, submenu)))
}

function toGroup(draw: Draw, { story, caller, reach }: Opening, start: number): void {
  const [menu, group] = [draw.pick(ATTENDANTS), draw.pick(HUNT_GROUPS)]
  const pressed = start + draw.whole(4_000, 40_000)
  const hunt = huntFrom(draw, pressed)
  const entry = chosen(draw, (of) => reach(menu, pickedUp(start, GREETING, hunt.outcome), of))
  const leg = story.inside(menu, group.service, hunt.entry, sentOnBy(menu, entry))
  passOn(entry, leg)
  hunt.ring(ringing(draw, story, group, leg, caller))
}

/** Of the group that was chosen nobody answers, so that the caller may leave a message. */
function toVoicemail(draw: Draw, { story, caller, reach }: Opening, start: number): void {
  const [menu, group] = [draw.pick(ATTENDANTS), draw.pick(HUNT_GROUPS)]
  const pressed = start + draw.whole(4_000, 40_000)
  const bounced = draw.whole(1, 3)
  const last = noAnswer(pressed + 50 + bounces(bounced), pressed + bounces(bounced + 1))
  const rest = message(draw, last.times.release + 40)
  const entry = chosen(draw, (of) => reach(menu, pickedUp(start, GREETING, rest), of))
  const hunted = { ...pickedUp(pressed, 0, rest), times: { ...rest.times, start: pressed, ring: 0 } }
  const leg = story.inside(menu, group.service, hunted, {
    ...sentOnBy(menu, entry),
    calledMore: { 'Answer indicator': 'Yes-PostRedirection', Duration: 0 }
  })
  passOn(entry, leg)
  ringInTurn(ringing(draw, story, group, leg, caller), bounced, last)
  passOn(leg, deposit(draw, story, group.service, rest, sentOnBy(group.service, leg)))
}

/** A leg to a menu in which the caller presses a key. */
function chosen(draw: Draw, tell: (of: Particulars) => ToldLeg): ToldLeg {
  const key = String(draw.whole(0, 9))
  const leg = tell({ calledMore: { 'Auto Attendant Key Pressed': key } })
  leg.party.keyPressed = key
  return leg
}
