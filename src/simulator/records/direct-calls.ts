import { conversation } from './conversation.js'
import type { Draw } from './draw.js'
import type { Item } from './item.js'
import { type Call, type Leg, leg, newCall, newEnd, newNetworkId, type Times } from './leg.js'
import { type Owner, PEOPLE } from './organisation.js'
import { foreignLine, nationalLine, type OutsideLine } from './outside-line.js'

/** One colleague calls another: two records of one leg. */
export function internalCall(draw: Draw, start: number): Leg[] {
  const caller = draw.pick(PEOPLE)
  const callee = colleagueOf(draw, caller)
  const { times, more } = conversation(draw, start)
  return internalLeg(draw, newCall(draw, 'SIP_ENTERPRISE'), caller, callee, times, more)
}

/**
 * The two records of one leg inside the organisation. They share Correlation ID and Network call ID, their
 * Local and Remote call IDs are crossed, and each has a Report ID and a Call ID of its own.
 */
export function internalLeg(
  draw: Draw,
  call: Call,
  caller: Owner,
  callee: Owner,
  times: Times,
  more: Partial<Item>
): [placing: Leg, receiving: Leg] {
  const network = newNetworkId(draw)
  const near = newEnd(draw)
  const far = newEnd(draw)
  const calling = { number: caller.extension, name: caller.name }
  const called = { number: callee.extension, name: callee.name }
  const shared = { call, calling, called, times, network, more }
  return [
    leg({ ...shared, direction: 'ORIGINATING', owner: caller, local: near, remote: far }),
    leg({ ...shared, direction: 'TERMINATING', owner: callee, local: far, remote: near })
  ]
}

/** Someone outside calls a person: one record. */
export function inboundCall(draw: Draw, start: number): Leg[] {
  const owner = draw.pick(PEOPLE)
  const { times, more } = conversation(draw, start)
  const reputation: Partial<Item> = draw.chance(0.2)
    ? {
        'Caller Reputation Score': (draw.whole(10, 50) / 10).toFixed(1),
        'Caller Reputation Service Result': 'allow',
        'Caller Reputation Score Reason': 'OK'
      }
    : {}
  return [
    inboundLeg(draw, newCall(draw, 'SIP_INBOUND'), owner, outsideCaller(draw), times, {
      ...more,
      ...reputation
    })
  ]
}

/** The receiving record of a call from outside. */
export function inboundLeg(
  draw: Draw,
  call: Call,
  owner: Owner,
  caller: OutsideLine,
  times: Times,
  more: Partial<Item>
): Leg {
  return leg({
    call,
    direction: 'TERMINATING',
    owner,
    calling: caller,
    called: { number: owner.number, name: owner.name },
    times,
    network: newNetworkId(draw),
    local: newEnd(draw),
    more
  })
}

/** A person calls someone outside: one record. */
export function outboundCall(draw: Draw, start: number): Leg[] {
  const owner = draw.pick(PEOPLE)
  const { times, more } = conversation(draw, start)
  const { type, line, extra } = outsideTarget(draw, owner)
  return [
    leg({
      call: newCall(draw, type),
      direction: 'ORIGINATING',
      owner,
      calling: owner,
      called: line,
      times,
      network: newNetworkId(draw),
      local: newEnd(draw),
      more: { ...more, ...extra }
    })
  ]
}

export function colleagueOf(draw: Draw, owner: Owner): Owner {
  const others = PEOPLE.length - 1
  return PEOPLE[(PEOPLE.indexOf(owner) + 1 + draw.whole(0, others - 1)) % PEOPLE.length] as Owner
}

export function outsideCaller(draw: Draw): OutsideLine {
  return draw.chance(0.12) ? foreignLine(draw) : nationalLine(draw)
}

function outsideTarget(draw: Draw, owner: Owner): { type: string; line: OutsideLine; extra: Partial<Item> } {
  const kind = draw.fraction()
  if (kind < 0.12) {
    const line = foreignLine(draw)
    return { type: 'SIP_INTERNATIONAL', line, extra: { 'International country': line.country } }
  }
  if (kind < 0.13) {
    // 933 is the number for testing emergency calls.
    const line = { number: '933', name: 'NA', country: '' }
    const extra = { ELIN: owner.site.mainNumber, 'Emergency number source': 'ECBN' }
    return { type: 'SIP_EMERGENCY', line, extra }
  }
  if (kind < 0.18) {
    const line = { ...nationalLine(draw), name: 'NA' }
    const extra = { 'Outbound trunk': 'OutTrunk', 'Route group': 'RouteGrpAA', 'Authorization code': '107' }
    return { type: 'SIP_NATIONAL', line, extra }
  }
  return { type: 'SIP_NATIONAL', line: nationalLine(draw), extra: {} }
}
