import type { Now, Sleep } from '../clock.js'
import type { Log } from '../log.js'

const MINUTE = 60_000

/** Holds requests back so that at most `perMinute` start in any minute. */
export class Pacer {
  private readonly started: number[] = []

  /** @param perMinute 0 = no pacing */
  constructor(
    private readonly perMinute: number,
    private readonly now: Now,
    private readonly sleep: Sleep,
    private readonly log: Log
  ) {}

  async turn(signal?: AbortSignal): Promise<void> {
    if (this.perMinute === 0) return
    if (this.started.length >= this.perMinute) {
      const wait = (this.started.shift() ?? 0) + MINUTE - this.now()
      if (wait > 0) await this.wait(wait, signal)
    }
    this.started.push(this.now())
  }

  private async wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    // A clock that was set back must not make it longer than a minute.
    const wait = Math.min(milliseconds, MINUTE)
    this.log.info(
      `the service allows ${this.perMinute} such request${this.perMinute === 1 ? '' : 's'} a minute: waiting ${Math.ceil(wait / 1_000)} s`
    )
    await this.sleep(wait, signal)
  }
}
