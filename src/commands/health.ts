import { parseDuration } from '../config/moments.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import { UsageError } from '../errors.js'
import type { Context } from './context.js'

/** The flag as it was typed. */
export interface HealthFlags {
  maxLag: string | undefined
}

const DEFAULT_LAG = '30m'
/** In ms: the service shows a record after five minutes, and a sync has to come by. */
const SHORTEST_LAG = 10 * 60_000

/** For monitoring: one line, exit code 0 when all is well, else 1. */
export async function healthCommand(context: Context, flags: HealthFlags): Promise<number> {
  const { settings, log, print, now } = context
  const maxLag = parseDuration(flags.maxLag ?? DEFAULT_LAG, '--max-lag')
  if (maxLag < SHORTEST_LAG) {
    throw new UsageError('--max-lag must be at least 10m: the service shows records five minutes late')
  }
  await requireMigrated(settings.database, log)
  const dataSource = await connect(settings.database, { log })
  try {
    const { healthOf } = await import('../report/health.js')
    const { healthy, reason } = await healthOf(dataSource.manager, now(), maxLag)
    print(`${healthy ? 'ok' : 'not well'}: ${reason}`)
    return healthy ? 0 : 1
  } catch (error) {
    throw databaseError(settings.database, error)
  } finally {
    await dataSource.destroy()
  }
}
