import { once } from 'node:events'
import { ConfigurationError, UsageError } from '../errors.js'
import { DEMO_CREDENTIALS, startSimulator } from '../simulator/index.js'
import type { Context } from './context.js'

/** The flags as they were typed. */
export interface SimulateFlags {
  port?: string | undefined
  seed?: string | undefined
  recordsPerHour?: string | undefined
  faultRate?: string | undefined
  filterBy?: string | undefined
  rateLimit: boolean
}

/** Serves until it is interrupted. */
export async function simulateCommand(
  { print }: Pick<Context, 'print'>,
  flags: SimulateFlags
): Promise<number> {
  const filterBy = flags.filterBy ?? 'start'
  if (filterBy !== 'start' && filterBy !== 'report') {
    throw new UsageError(`--filter-by “${filterBy}” is unknown: write start or report`)
  }
  const port = number(flags.port, '--port', 8_090, 65_535)
  const simulator = await startSimulator({
    port,
    seed: number(flags.seed, '--seed', 1, 2 ** 31),
    recordsPerHour: number(flags.recordsPerHour, '--records-per-hour', 60, 100_000),
    faultRate: number(flags.faultRate, '--fault-rate', 0, 1),
    filterBy,
    rateLimit: flags.rateLimit
  }).catch((error) => {
    throw portIsTaken(port, error)
  })
  for (const [name, value] of environmentFor(simulator.url, flags.rateLimit)) print(`${name}=${value}`)
  print('A stand-in for the Webex API listens there; put these lines into .env. Ctrl-C ends it.')
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  await simulator.close()
  return 0
}

function portIsTaken(port: number, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  return new ConfigurationError(
    `port ${port} cannot be listened on (${code}): give another one by --port, or 0 for a free one`
  )
}

function environmentFor(url: string, rateLimit: boolean): [string, string][] {
  const unpaced: [string, string][] = [
    ['WEBEX_REQUESTS_PER_MINUTE', '0'],
    ['WEBEX_PAGES_PER_MINUTE', '0']
  ]
  return [
    ...(rateLimit ? [] : unpaced),
    ['WEBEX_API_URL', url],
    ['WEBEX_ANALYTICS_URL', url],
    ['WEBEX_CLIENT_ID', DEMO_CREDENTIALS.clientId],
    ['WEBEX_CLIENT_SECRET', DEMO_CREDENTIALS.clientSecret],
    ['WEBEX_REFRESH_TOKEN', DEMO_CREDENTIALS.refreshToken]
  ]
}

function number(text: string | undefined, flag: string, fallback: number, most: number): number {
  if (text === undefined) return fallback
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most) || (most > 1 && !Number.isInteger(value))) {
    throw new UsageError(`${flag} “${text}” must be a number from 0 to ${most}`)
  }
  return value
}
