import type { CallClass } from './call-truth.js'
import { answeredAt, conversation, failed, talkTime } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Owner, PEOPLE } from './organisation.js'
import { foreignLine, nationalLine, type OutsideLine } from './outside-line.js'
import { GATEWAY, TRUNKS } from './services.js'
import { Story } from './story.js'

const MINUTE = 60_000

interface Target {
  class: CallClass
  /** Call type. */
  type: string
  line: OutsideLine
  more?: Partial<Item>
}

/** A person calls someone outside, mostly in the country. */
export function outboundCall(draw: Draw, start: number): Story[] {
  const owner = draw.pick(PEOPLE)
  const target = targetOf(draw, owner)
  const story = new Story(draw, target.class, target.type)
  // Some are not allowed to.
  const what =
    target.class === 'outbound' && draw.chance(0.004)
      ? failed(start, start + 90, 'blocked', { outcome: 'Refusal', reason: 'AdminCallBlock' }, 0)
      : conversation(draw, start)
  story.toOutside(owner, target.line, what, target)
  return [story]
}

/** A call over one of the location's own trunks, whose gateway may have a record too. */
export function trunkCall(draw: Draw, start: number): Story[] {
  const story = new Story(draw, 'outbound', 'SIP_NATIONAL')
  const caller = draw.pick(TRUNK_USERS)
  story.toOutside(caller, { ...nationalLine(draw), name: 'NA' }, conversation(draw, start), {
    type: 'SIP_NATIONAL',
    trunk: draw.pick(TRUNKS.names),
    gateway: draw.chance(0.3) ? GATEWAY : undefined,
    callingMore: ROUTED
  })
  return [story]
}

/** Within a minute more people want to call than both trunks carry: whoever comes last is turned away. */
export function trunkRush(draw: Draw, start: number): Story[] {
  const channels = TRUNKS.names.flatMap((trunk) => Array<string>(TRUNKS.capacity).fill(trunk))
  let begin = start
  return [...channels, undefined].map((trunk, i) => {
    const story = new Story(draw, 'outbound', 'SIP_NATIONAL')
    if (i > 0) begin += draw.whole(1_000, 9_000)
    const answer = begin + draw.whole(1_000, 9_000)
    // The first is still talking when the last is turned away.
    const talk = answeredAt(draw, begin, answer, answer + 2 * MINUTE + talkTime(draw))
    const full = failed(begin, begin + 60, 'blocked', { outcome: 'Failure', reason: 'RouteListCalls' }, 0)
    const overage = { ...ROUTED, 'Route list calls overage': String(i - TRUNKS.capacity) }
    story.toOutside(draw.pick(TRUNK_USERS), nationalLine(draw), trunk ? talk : full, {
      type: 'SIP_NATIONAL',
      trunk,
      callingMore: i > TRUNKS.capacity ? overage : ROUTED
    })
    return story
  })
}

const TRUNK_USERS = PEOPLE.filter((owner) => owner.site === TRUNKS.site)
const ROUTED = { 'Route group': 'RouteGrpAA', 'Authorization code': '107' }

function targetOf(draw: Draw, owner: Owner): Target {
  const kind = draw.fraction()
  if (kind < 0.12) return { class: 'outbound', type: 'SIP_INTERNATIONAL', line: foreignLine(draw) }
  if (kind < 0.13) {
    // 933 is the number for testing emergency calls.
    const more = { ELIN: owner.site.mainNumber, 'Emergency number source': 'ECBN' }
    return { class: 'emergency', type: 'SIP_EMERGENCY', line: unnamed('933'), more }
  }
  if (kind < 0.15)
    return { class: 'toll_free', type: 'SIP_TOLLFREE', line: unnamed(`+1800555${draw.digits(4)}`) }
  if (kind < 0.18)
    return { class: 'meeting', type: 'SIP_MEETING', line: unnamed(`+1415655${draw.digits(4)}`) }
  if (kind < 0.22) return { class: 'outbound', type: 'SIP_MOBILE', line: nationalLine(draw) }
  if (kind < 0.225) return { class: 'outbound', type: 'SIP_SHORTCODE', line: unnamed(draw.digits(5)) }
  return { class: 'outbound', type: 'SIP_NATIONAL', line: nationalLine(draw) }
}

/** A line of which no name is shown. */
function unnamed(number: string): OutsideLine {
  return { number, name: 'NA', country: '' }
}
