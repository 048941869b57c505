import type { Now } from '../clock.js'
import { CdrError, SIGNAL_EXIT_CODES } from '../errors.js'
import type { Log } from '../log.js'

export interface SetupTools {
  log: Log
  now: Now
  openUrl: (url: string) => Promise<unknown>
  /** For the person at the terminal. */
  say: (line: string) => void
  /** Told of each step when it has passed. */
  passed: (step: string) => void
}

/** Somebody ended the dialogue, or the wait for the browser. */
export class CancelledError extends CdrError {
  override readonly exitCode: number

  /** @param signal undefined where it was an answer */
  constructor(signal?: keyof typeof SIGNAL_EXIT_CODES) {
    super('setup was cancelled; nothing was saved')
    this.exitCode = signal ? SIGNAL_EXIT_CODES[signal] : 1
  }
}
