import { answeredAt, type Conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Owner } from './organisation.js'
import type { Particulars, ToldLeg } from './particulars.js'
import { PORTAL_NAME, portalOf } from './services.js'
import type { Story } from './story.js'

/** A voicemail answers at once, and is spoken to or listened to for a while. */
export function message(draw: Draw, start: number): Conversation {
  const answer = start + draw.whole(200, 900)
  return {
    ...answeredAt(draw, start, answer, answer + draw.whole(2_000, 90_000)),
    releasing: 'Local',
    hold: 0
  }
}

/** The call of `owner`, a person or a service, ends at the voicemail, which has no record of its own half of the time. */
export function deposit(
  draw: Draw,
  story: Story,
  owner: Owner,
  what: Conversation,
  of: Particulars
): ToldLeg {
  const portal = portalOf(owner.site)
  story.facts.unanswered = 'voicemail'
  if (draw.chance(0.5)) return story.inside(owner, portal, what, of)
  return story.placedOnly(owner, { number: portal.extension, name: PORTAL_NAME }, what, {
    ...of,
    kind: 'voicemail'
  })
}
