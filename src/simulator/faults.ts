import type { Fault } from './contract.js'
import { Draw } from './records/draw.js'

/** A fault that does something. */
export type RealFault = Exclude<Fault, { kind: 'none' }>

/** The faults that endpoints share: those queued on purpose first, then random ones at the given rate. */
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

/** None that hangs or goes on forever, and none after which a window looks complete without being so. */
function randomFault(draw: Draw): RealFault {
  return draw.pick<RealFault>([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 502, body: htmlError('502 Bad Gateway'), headers: HTML },
    { kind: 'status', status: 503, body: htmlError('503 Service Unavailable'), headers: HTML },
    { kind: 'reset' },
    { kind: 'truncate' },
    { kind: 'status', status: 429 },
    // Short, so that a test of thousands of requests ends today.
    { kind: 'status', status: 429, headers: { 'retry-after': String(draw.whole(0, 1)) } }
  ])
}

const HTML = { 'content-type': 'text/html' }

/** An error as a gateway before the service writes it. */
function htmlError(title: string): string {
  return `<html><head><title>${title}</title></head><body>${title}</body></html>`
}
