import type { Fault, LoggedRequest, Simulator } from '../../src/simulator/index.js'
import { FAULTS, LIES, type LieName, TOKEN_FAULTS } from './faults.js'
import type { PlannedRun } from './plan.js'

/** The faults of one run, queued at the simulator until `end`. */
export class FaultQueue {
  private readonly queue: { name?: string; fault: Fault }[] = []
  private readonly tokenQueue: PlannedRun['tokenFaults']
  private readonly before: LoggedRequest | undefined

  constructor(
    private readonly sim: Simulator,
    { faults, tokenFaults }: PlannedRun,
    lie: LieName | undefined
  ) {
    if (lie) this.put(0, lie, LIES[lie])
    for (const { name, after, times } of faults) {
      for (let time = 0; time < times; time += 1) this.put(after + time, name, FAULTS[name])
    }
    this.tokenQueue = tokenFaults
    this.before = sim.requests.at(-1)
    sim.failNext(...this.queue.map(({ fault }) => fault))
    sim.failNextToken(...tokenFaults.map((name) => TOKEN_FAULTS[name]))
  }

  /** How many requests for records were answered since. */
  asked(): number {
    return this.requests(/\/cdr_(feed|stream)$/)
  }

  /**
   * Takes back what no request has met.
   * @returns the names of what was met
   */
  async end(): Promise<string[]> {
    const asked = this.asked()
    const tokens = this.requests(/\/access_token$/)
    for (let left = this.queue.length - asked; left > 0; left -= 1) await this.meet('cdr_feed', 'GET')
    for (let left = this.tokenQueue.length - tokens; left > 0; left -= 1)
      await this.meet('access_token', 'POST')
    const met = this.queue.slice(0, asked).flatMap(({ name }) => name ?? [])
    return [...met, ...this.tokenQueue.slice(0, tokens)]
  }

  /** At the request with this number, or the next one that has no fault yet; those between go well. */
  private put(at: number, name: string, fault: Fault): void {
    let place = at
    while (this.queue[place]?.name) place += 1
    while (this.queue.length <= place) this.queue.push({ fault: { kind: 'none' } })
    this.queue[place] = { name, fault }
  }

  /** The simulator keeps the last 10,000. */
  private requests(path: RegExp): number {
    const { requests } = this.sim
    const first = this.before ? requests.lastIndexOf(this.before) + 1 : 0
    return requests.slice(first).filter((request) => path.test(request.path)).length
  }

  /** Whatever comes of it. */
  private async meet(endpoint: string, method: string): Promise<void> {
    await fetch(`${this.sim.url}/${endpoint}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(200)
    })
      .then((response) => response.body?.cancel())
      .catch(() => {})
  }
}
