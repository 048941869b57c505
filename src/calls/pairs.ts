import { type CallLeg, said } from './leg.js'
import { isCalledSide, isGateway, isService, isWakeUp, kindOf } from './meanings.js'

/** One leg, by the records of its two sides. At least one is there. */
export interface Pair {
  calling?: CallLeg | undefined
  called?: CallLeg | undefined
}

/** The records of a call that tell of it: all but those that only wake up a device, unless there are no others. */
export function tellingLegs(legs: readonly CallLeg[]): readonly CallLeg[] {
  const telling = legs.filter((leg) => !isWakeUp(leg))
  return telling.length > 0 ? telling : legs
}

/**
 * The legs of a call in order of time. Of legs that begin together, one that a service made comes later.
 * @param legs records, by Start time
 */
export function pairsOf(legs: readonly CallLeg[]): Pair[] {
  const pairs: Pair[] = []
  // Those that lack a side, by that side and what they have in common with it.
  const open = new Map<string, Pair[]>()
  for (const leg of legs) {
    const [side, other] = isCalledSide(leg)
      ? (['called', 'calling'] as const)
      : (['calling', 'called'] as const)
    const names = namesOf(leg)
    const pair = names.map((name) => firstWithout(side, open.get(`${side} ${name}`))).find(Boolean)
    if (pair) {
      pair[side] = leg
      continue
    }
    const fresh: Pair = { [side]: leg }
    pairs.push(fresh)
    for (const name of names) {
      const waiting = open.get(`${other} ${name}`)
      if (waiting) waiting.push(fresh)
      else open.set(`${other} ${name}`, [fresh])
    }
  }
  return pairs.sort((a, b) => startOf(a) - startOf(b) || madeByService(a) - madeByService(b))
}

/** What lies behind a gateway is outside: its record tells of nobody. */
export function withoutGateway({ calling, called }: Pair): Pair {
  if (!calling || !called) return { calling, called }
  if (isGateway(called)) return { calling }
  return isGateway(calling) ? { called } : { calling, called }
}

/** Those that have got the side meanwhile are taken from the list. */
function firstWithout(side: keyof Pair, waiting: Pair[] = []): Pair | undefined {
  while (waiting[0]?.[side]) waiting.shift()
  return waiting[0]
}

/** By what the records of its two sides know a leg: the network's ID first, then the call ID of each end. */
function namesOf(leg: CallLeg): string[] {
  const [network, local, remote] = [leg.networkCallId, leg.localCallId, leg.remoteCallId].map(said)
  const [calling, called] = isCalledSide(leg) ? [remote, local] : [local, remote]
  return [
    // Masking takes the address of a host from it, perhaps on one side only.
    ...(network ? [`network ${network.replace(/@.*$/s, '')}`] : []),
    ...(calling && called ? [`ends ${calling} ${called}`] : [])
  ]
}

/** The record of the calling side, or else that of the called one. */
export function nearSide({ calling, called }: Pair): CallLeg {
  return (calling ?? called)!
}

/** The record of the called side, or else that of the calling one. */
export function farSide({ calling, called }: Pair): CallLeg {
  return (called ?? calling)!
}

/** In ms since 1970 UTC. */
export function startOf({ calling, called }: Pair): number {
  const [one, other] = [calling ?? called, called ?? calling]
  return Math.min(one!.startTime.getTime(), other!.startTime.getTime())
}

function madeByService({ calling }: Pair): number {
  return calling && isService(kindOf(calling.userType)) ? 1 : 0
}
