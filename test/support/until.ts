import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again until it is true; fails after 20 s. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2_000; tries += 1) {
    if (condition()) return
    await sleep(10)
  }
  throw new Error('it did not become true within 20 s')
}
