import { connect } from '../database/data-source.js'
import { requireMigrated } from '../database/migrator.js'
import { sayDatabase } from '../database/say-database.js'
import type { Context } from './context.js'

export async function statsCommand(context: Context, options: { json: boolean }): Promise<number> {
  const { settings, log, print, now } = context
  await requireMigrated(settings.database, log)
  const dataSource = await connect(settings.database, { log })
  try {
    const { collectStats } = await import('../report/stats.js')
    const { sayStats } = await import('../report/say-stats.js')
    const stats = await collectStats(dataSource, now())
    if (options.json) print(JSON.stringify({ database: sayDatabase(settings.database), ...stats }))
    else for (const line of [sayDatabase(settings.database), ...sayStats(stats)]) print(line)
    return 0
  } finally {
    await dataSource.destroy()
  }
}
