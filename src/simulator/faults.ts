import type { Fault } from './contract.js'
import { Draw } from './records/draw.js'

/** A fault that does something. */
export type RealFault = Exclude<Fault, { kind: 'none' }>

/** The faults of one endpoint: those queued on purpose first, then random ones at the given rate. */
export class FaultPlan {
  readonly #queue: Fault[] = []
  readonly #rate: number
  readonly #draw: Draw

  constructor(seed: number, rate: number) {
    this.#rate = rate
    this.#draw = new Draw(`${seed}:faults`)
  }

  add(faults: readonly Fault[]): void {
    this.#queue.push(...faults)
  }

  /** The fault that the request at hand meets, if any. */
  next(): RealFault | undefined {
    const queued = this.#queue.shift()
    if (queued) return queued.kind === 'none' ? undefined : queued
    return this.#draw.chance(this.#rate) ? randomFault(this.#draw) : undefined
  }
}

function randomFault(draw: Draw): RealFault {
  return draw.pick<RealFault>([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502, body: BAD_GATEWAY, headers: { 'content-type': 'text/html' } },
    { kind: 'reset' },
    { kind: 'truncate' },
    { kind: 'status', status: 429 },
    // Short, so that a test of thousands of requests ends today.
    { kind: 'status', status: 429, headers: { 'retry-after': String(draw.whole(0, 1)) } }
  ])
}

const BAD_GATEWAY = '<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>'
