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
  // Those that lack a side, by what they have in common with it.
  const open = { calling: new Map<string, Pair[]>(), called: new Map<string, Pair[]>() }
  for (const leg of legs) {
    const isCalled = isCalledSide(leg)
    const [side, other] = isCalled ? (['called', 'calling'] as const) : (['calling', 'called'] as const)
    const names = namesOf(leg, isCalled)
    let pair: Pair | undefined
    for (const name of names) pair ??= firstWithout(side, open[side].get(name))
    if (pair) {
      pair[side] = leg
      continue
    }
    const fresh: Pair = isCalled ? { calling: undefined, called: leg } : { calling: leg, called: undefined }
    pairs.push(fresh)
    for (const name of names) {
      const waiting = open[other].get(name)
      if (waiting) waiting.push(fresh)
      else open[other].set(name, [fresh])
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
function namesOf(leg: CallLeg, isCalled: boolean): string[] {
  const names: string[] = []
  const network = said(leg.networkCallId)
  // Masking takes the address of a host from it, perhaps on one side only.
  if (network) names.push(network.split('@', 1)[0]!)
  const [local, remote] = [said(leg.localCallId), said(leg.remoteCallId)]
  // No text from the service has a NUL: none of these is a network's ID.
  if (local && remote) names.push(isCalled ? `${remote}\0${local}` : `${local}\0${remote}`)
  return names
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
