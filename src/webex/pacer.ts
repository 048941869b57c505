import type { Now, Sleep } from '../clock.js'

const MINUTE = 60_000

/** Holds requests back so that at most `perMinute` start in any minute. */
export class Pacer {
  private readonly started: number[] = []

  /** @param perMinute 0 = no pacing */
  constructor(
    private readonly perMinute: number,
    private readonly now: Now,
    private readonly sleep: Sleep
  ) {}

  async turn(signal?: AbortSignal): Promise<void> {
    if (this.perMinute === 0) return
    if (this.started.length >= this.perMinute) {
      const wait = (this.started.shift() ?? 0) + MINUTE - this.now()
      // A clock that was set back must not make it longer than a minute.
      if (wait > 0) await this.sleep(Math.min(wait, MINUTE), signal)
    }
    this.started.push(this.now())
  }
}
