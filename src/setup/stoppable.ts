import { CancelledError } from './tools.js'

/**
 * Does something that listens to an AbortSignal, so that it cleans up behind itself where a signal ends it.
 * @throws CancelledError after a signal, whatever became of the work
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController()
  const end = (signal: 'SIGINT' | 'SIGTERM') => stop.abort(new CancelledError(signal))
  // Not once: npm passes on the Ctrl-C that the terminal has sent already.
  process.on('SIGINT', end).on('SIGTERM', end)
  try {
    return await work(stop.signal)
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end)
    stop.signal.throwIfAborted()
  }
}
