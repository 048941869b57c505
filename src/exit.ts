import { sayFailure } from './failure.js'
import { whenReleased } from './uninterrupted.js'

/** What goes wrong where nobody waits for it, and what to do about it. */
export function watchProcess(): void {
  // Whoever reads the output may stop before its end (`stats | head`): the command still finishes its work.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exitCode = 1
  })
  // Where nothing can be said, as on a full disk, the exit code still tells.
  process.stderr.on('error', () => {})
  // Of a library's own sockets and timers.
  process.on('uncaughtException', (error) => {
    process.exitCode = sayFailure(error)
    whenReleased(() => void exit())
  })
}

/**
 * Ends the process with process.exitCode once what it has printed is out, whatever is still open: a socket to a proxy
 * that never answers would keep it for ever, and a scheduler starts no other one beside it.
 */
export async function exit(): Promise<never> {
  // All is done: whoever does not read the output must not keep a signal from ending it.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal)
  const written = [process.stdout, process.stderr].map(
    // Some systems write to pipes in the background.
    (stream) => new Promise((resolve) => stream.write('', resolve))
  )
  await Promise.all(written)
  process.exit()
}
