import { setTimeout as sleep } from 'node:timers/promises'
import type { Ended, Started } from '../support/cli.js'
import { FaultQueue } from './fault-queue.js'
import type { LieName } from './faults.js'
import type { Installation } from './installation.js'
import type { PlannedEvent, PlannedRun } from './plan.js'

export interface Performed {
  ended: Ended
  /** Of a second sync at the same time. */
  second: Ended | undefined
  /** The names of the faults that requests met. */
  met: string[]
  /** Whether the event came before the program had ended. */
  struck: boolean
  /** In ms. */
  duration: number
}

/** Of the program's requests, in s. */
const TIMEOUT = { timeoutSeconds: 2 }

/**
 * Starts the program as its scheduler would, with what the plan has for this run.
 * @param sync the command line
 */
export async function perform(
  installation: Installation,
  sync: readonly string[],
  run: PlannedRun,
  lie: LieName | undefined
): Promise<Performed> {
  const { event, skew } = run
  const began = performance.now()
  const queue = new FaultQueue(installation.sim, run, lie)
  const started = installation.start(sync, { skew, ...TIMEOUT })
  let running = true
  const ended = started.ended.finally(() => {
    running = false
  })
  while (running && queue.asked() < event.after) await sleep(2)
  await Promise.race([sleep(event.delay), ended])
  const struck = running
  const second = struck ? await strike(event, installation, sync, started) : undefined
  const result = await ended
  return { ended: result, second, struck, duration: performance.now() - began, met: await queue.end() }
}

/** @returns how a second sync ended, where that is the event */
async function strike(
  event: PlannedEvent,
  { sim, database, start }: Installation,
  sync: readonly string[],
  { child }: Started
): Promise<Ended | undefined> {
  switch (event.kind) {
    case 'kill':
      child.kill('SIGKILL')
      return undefined
    case 'stop':
      child.kill(event.signal)
      return undefined
    case 'expired tokens':
      sim.expireAccessTokens()
      return undefined
    case 'database away':
      await database.takeAway(event.lasts)
      return undefined
    case 'second sync':
      return start(sync, TIMEOUT).ended
    default:
      return undefined
  }
}
