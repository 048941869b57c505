import { once } from 'node:events'
import { ConfigurationError, UsageError } from '../errors.js'
import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

export const simulate = defineCommand({
  name: 'simulate',
  summary: 'Serve a simulated Webex API on this machine',
  options: {
    port: ['--port <port>', 'Port; 0 for any free one (default 8090)'],
    seed: ['--seed <number>', 'Another seed generates other calls (default 1)'],
    recordsPerHour: ['--records-per-hour <number>', 'Records generated for each hour (default 60)'],
    faultRate: ['--fault-rate <share>', 'Share of CDR requests that fail, 0 to 1 (default 0)'],
    filterBy: ['--filter-by <start|report>', 'Time that cdr_feed filters by (default start)'],
    rateLimit: ['--rate-limit', 'Enforce the rate limits of Webex']
  },
  examples: ['npm run simulate', 'npm run simulate -- --port 0 --fault-rate 0.1'],
  async run({ rateLimit, filterBy, ...options }): Promise<number> {
    const port = number(options.port, '--port', 8_090, 65_535)
    const rules = {
      port,
      seed: number(options.seed, '--seed', 1, 2 ** 31),
      recordsPerHour: number(options.recordsPerHour, '--records-per-hour', 60, 100_000),
      faultRate: number(options.faultRate, '--fault-rate', 0, 1),
      filterBy: filterBy ?? 'start',
      rateLimit
    }
    const { print } = await openContext()
    const { DEMO_CREDENTIALS, startSimulator } = await import('../simulator/index.js')
    const simulator = await startSimulator(rules).catch((error) => {
      throw portIsTaken(port, error)
    })
    const settings = {
      ...(rateLimit ? {} : { WEBEX_REQUESTS_PER_MINUTE: 0, WEBEX_PAGES_PER_MINUTE: 0 }),
      WEBEX_API_URL: simulator.url,
      WEBEX_ANALYTICS_URL: simulator.url,
      WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
      WEBEX_CLIENT_SECRET: DEMO_CREDENTIALS.clientSecret,
      WEBEX_REFRESH_TOKEN: DEMO_CREDENTIALS.refreshToken
    }
    for (const [name, value] of Object.entries(settings)) print(`${name}=${value}`)
    print('The simulated Webex API listens there. Put these lines into .env; press Ctrl-C to stop it.')
    await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    await simulator.close()
    return 0
  }
})

function portIsTaken(port: number, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'EADDRINUSE' && code !== 'EACCES') return error
  return new ConfigurationError(
    `cannot listen on port ${port} (${code}): choose another one with --port, or 0 for any free one`
  )
}

function number(text: string | undefined, flag: string, fallback: number, most: number): number {
  if (text === undefined) return fallback
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= most) || (most > 1 && !Number.isInteger(value))) {
    throw new UsageError(`${flag} must be a number from 0 to ${most}, not “${text}”`)
  }
  return value
}
