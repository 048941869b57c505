import { type CallLeg, said } from './leg.js'
import { isCalledSide, isService, isWakeUp, kindOf } from './meanings.js'

/** One leg, by the records of its two sides. At least one is there. */
export interface Pair {
  calling?: CallLeg
  called?: CallLeg
}

/**
 * The legs of a call in order of time. Of legs that begin together, one that a service made comes later.
 * @param legs records, by Start time
 */
export function pairsOf(legs: readonly CallLeg[]): Pair[] {
  const talking = legs.filter((leg) => !isWakeUp(leg))
  const pairs: Pair[] = []
  const open = new Map<string, Pair[]>()
  for (const leg of talking.length > 0 ? talking : legs) {
    const side = isCalledSide(leg) ? 'called' : 'calling'
    const pair = namesOf(leg)
      .flatMap((name) => open.get(name) ?? [])
      .find((other) => other[side] === undefined)
    if (pair) {
      pair[side] = leg
      continue
    }
    const fresh: Pair = { [side]: leg }
    pairs.push(fresh)
    for (const name of namesOf(leg)) {
      const others = open.get(name)
      if (others) others.push(fresh)
      else open.set(name, [fresh])
    }
  }
  return pairs
    .map((pair) => ({ pair, start: startOf(pair), made: Number(isMadeByService(pair)) }))
    .sort((a, b) => a.start - b.start || a.made - b.made)
    .map(({ pair }) => pair)
}

/** By what the records of its two sides know a leg: the network's ID first, then the call ID of each end. */
function namesOf(leg: CallLeg): string[] {
  const [network, local, remote] = [leg.networkCallId, leg.localCallId, leg.remoteCallId].map(said)
  const [calling, called] = isCalledSide(leg) ? [remote, local] : [local, remote]
  return [
    ...(network ? [`network ${network}`] : []),
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
  const times = [calling, called].flatMap((leg) => (leg ? [leg.startTime.getTime()] : []))
  return Math.min(...times)
}

function isMadeByService({ calling }: Pair): boolean {
  return calling !== undefined && isService(kindOf(calling.userType))
}
