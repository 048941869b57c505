const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

let listening = false
let holds = 0
const heldUp = new Set<NodeJS.Signals>()
const waiting: (() => void)[] = []

/** Does something to its end, though a signal should end the process meanwhile: that one takes effect right after. */
export async function uninterrupted<T>(work: () => Promise<T>): Promise<T> {
  const release = holdSignals()
  try {
    return await work()
  } finally {
    release()
  }
}

/**
 * From now until the returned function is called, no signal ends the process. Where only promises lie between two
 * holds, they are one.
 */
export function holdSignals(): () => void {
  // For good: a signal that had come, but was not told yet, would be lost with its listener.
  if (!listening) for (const signal of SIGNALS) process.prependListener(signal, heard)
  listening = true
  holds += 1
  return () => {
    holds -= 1
    setImmediate(takeEffect)
  }
}

/** Does something, such as to end the process, at once or right after what must not be interrupted. */
export function whenReleased(action: () => void): void {
  waiting.push(action)
  takeEffect()
}

/** First in line, it sees whether anybody else listens before those who listen once are gone. */
function heard(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return
  heldUp.add(signal)
  takeEffect()
}

function takeEffect(): void {
  if (holds > 0) return
  for (const action of waiting.splice(0)) action()
  for (const signal of heldUp) {
    process.off(signal, heard)
    process.kill(process.pid, signal)
  }
}
