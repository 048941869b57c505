import type { Sleep } from '../clock.js'
import { TemporaryError } from '../errors.js'
import type { Log } from '../log.js'

/** The database is there, and takes nobody's login at the moment: Azure's serverless sleep, and take a minute to wake. */
export class NotReadyError extends TemporaryError {}

/** In ms; two minutes in all. */
const WAITS = [1_000, 2_000, 5_000, 10_000, 20_000, 20_000, 30_000, 30_000]

export interface ResumeTools {
  /** Told once. */
  log?: Pick<Log, 'warn'> | undefined
  sleep: Sleep
  /** Ends the wait, with its reason. */
  signal?: AbortSignal | undefined
}

/**
 * Connects, as often as it takes until the database is ready.
 * @throws TemporaryError when it is not within two minutes; whatever else `connect` throws, at once
 */
export async function onceReady<T>(
  connect: () => Promise<T>,
  { log, sleep, signal }: ResumeTools
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connect()
    } catch (error) {
      if (!(error instanceof NotReadyError)) throw error
      const wait = WAITS[attempt]
      if (wait === undefined) {
        throw new TemporaryError(`${error.message}, even after two minutes: the next run tries again`)
      }
      if (attempt === 0) log?.warn(`${error.message}: retrying for up to two minutes`)
      await sleep(wait, signal).catch((aborted) => {
        throw signal?.reason ?? aborted
      })
    }
  }
}
