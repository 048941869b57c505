import { StoppedError } from '../errors.js'
import type { Log } from '../log.js'
import { whenReleased } from '../uninterrupted.js'

/** npm passes on a Ctrl-C that the terminal has sent us already: within this, in ms, two signals are one. */
const SAME = 1_000
/** In ms: a database that does not answer must not keep the process. systemd waits 90 s before it kills one. */
const GRACE = 60_000

/**
 * Aborted by the first SIGINT or SIGTERM. Another one, later, ends the process at once, and so does the end of the grace;
 * either waits for a refresh token that is on its way.
 */
export function stopSignal(log: Pick<Log, 'warn'>, grace = GRACE): AbortSignal {
  const stop = new AbortController()
  let first: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      const error = new StoppedError(signal)
      const end = () => whenReleased(() => process.exit(error.exitCode))
      if (first !== undefined && performance.now() - first > SAME) end()
      if (first !== undefined) return
      first = performance.now()
      setTimeout(end, grace).unref()
      log.warn(`${signal}: stopping after the current page`)
      stop.abort(error)
    })
  }
  return stop.signal
}
