import { UsageError } from '../errors.js'
import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

const DEFAULT_LAG = '30m'
/** In ms: the service shows a record after five minutes, and a sync has to come by. */
const SHORTEST_LAG = 10 * 60_000

export const health = defineCommand({
  name: 'health',
  summary: 'For monitoring: exit 1 if the newest records are too old or a sync failed',
  options: { maxLag: ['--max-lag <duration>', `Maximum age of the watermark (default ${DEFAULT_LAG})`] },
  examples: ['npm run health -- --max-lag 1h'],
  async run(options): Promise<number> {
    const { parseDuration } = await import('../config/moments.js')
    const maxLag = parseDuration(options.maxLag ?? DEFAULT_LAG, '--max-lag')
    if (maxLag < SHORTEST_LAG) {
      throw new UsageError('--max-lag must be at least 10m: Webex shows a record after five minutes')
    }
    const context = await openDatabaseContext()
    const { readDatabase } = await import('./read-database.js')
    const { healthy, reason } = await readDatabase(context, async ({ manager }) => {
      const { healthOf } = await import('../report/health.js')
      return healthOf(manager, context.settings.retention, context.now(), maxLag)
    })
    context.print(`${healthy ? 'ok' : 'unhealthy'}: ${reason}`)
    return healthy ? 0 : 1
  }
})
