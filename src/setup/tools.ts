import type { Now } from '../clock.js'
import { CdrError } from '../errors.js'
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
  constructor() {
    super('setup was ended; nothing was stored')
  }
}
