import { conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Owner, PEOPLE } from './organisation.js'
import { foreignLine, nationalLine, type OutsideLine } from './outside-line.js'
import { Story } from './story.js'

/** One colleague calls another. */
export function internalCall(draw: Draw, start: number): Story[] {
  const caller = draw.pick(PEOPLE)
  const story = new Story(draw, 'internal', 'SIP_ENTERPRISE')
  story.inside(caller, colleagueOf(draw, caller), conversation(draw, start))
  return [story]
}

/** Someone outside calls a person. */
export function inboundCall(draw: Draw, start: number): Story[] {
  const story = new Story(draw, 'inbound', 'SIP_INBOUND')
  let more: Partial<Item> | undefined
  if (draw.chance(0.2)) {
    story.facts.spam = 'allow'
    more = {
      'Caller Reputation Score': (draw.whole(10, 50) / 10).toFixed(1),
      'Caller Reputation Service Result': 'allow',
      'Caller Reputation Score Reason': 'OK'
    }
  }
  const what = conversation(draw, start)
  story.fromOutside(draw.pick(PEOPLE), outsideCaller(draw), what, { type: 'SIP_INBOUND', more })
  return [story]
}

/** A person calls someone outside. */
export function outboundCall(draw: Draw, start: number): Story[] {
  const owner = draw.pick(PEOPLE)
  const what = conversation(draw, start)
  const kind = draw.fraction()
  if (kind < 0.12) {
    const story = new Story(draw, 'outbound', 'SIP_INTERNATIONAL')
    story.toOutside(owner, foreignLine(draw), what, { type: 'SIP_INTERNATIONAL' })
    return [story]
  }
  if (kind < 0.13) {
    const story = new Story(draw, 'emergency', 'SIP_EMERGENCY')
    // 933 is the number for testing emergency calls.
    const line = { number: '933', name: 'NA', country: '' }
    const more = { ELIN: owner.site.mainNumber, 'Emergency number source': 'ECBN' }
    story.toOutside(owner, line, what, { type: 'SIP_EMERGENCY', more })
    return [story]
  }
  const story = new Story(draw, 'outbound', 'SIP_NATIONAL')
  if (kind < 0.18) {
    const more = { 'Route group': 'RouteGrpAA', 'Authorization code': '107' }
    story.toOutside(owner, { ...nationalLine(draw), name: 'NA' }, what, {
      type: 'SIP_NATIONAL',
      trunk: 'OutTrunk',
      more
    })
  } else {
    story.toOutside(owner, nationalLine(draw), what, { type: 'SIP_NATIONAL' })
  }
  return [story]
}

export function colleagueOf(draw: Draw, owner: Owner): Owner {
  const others = PEOPLE.length - 1
  return PEOPLE[(PEOPLE.indexOf(owner) + 1 + draw.whole(0, others - 1)) % PEOPLE.length] as Owner
}

export function outsideCaller(draw: Draw): OutsideLine {
  return draw.chance(0.12) ? foreignLine(draw) : nationalLine(draw)
}
