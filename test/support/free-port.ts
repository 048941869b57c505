import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that a system gives to whoever asks for any, and for each process of the tests its own. */
const FIRST = 15_000
const OF_A_PROCESS = 500
const PROCESSES = 32

const first = FIRST + (Number(process.env.VITEST_POOL_ID) % PROCESSES) * OF_A_PROCESS
let taken = Math.floor(Math.random() * OF_A_PROCESS)

/** A port of this machine that nobody uses, and no other test will take. */
export async function freePort(): Promise<number> {
  for (;;) {
    taken += 1
    const port = first + (taken % OF_A_PROCESS)
    if (await isFree(port)) return port
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port), 'listening')
    server.close()
    await once(server, 'close')
    return true
  } catch {
    return false
  }
}
