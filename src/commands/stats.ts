import { defineCommand } from './command.js'
import type { Context } from './context.js'
import { openDatabaseContext } from './open-context.js'

export const stats = defineCommand({
  name: 'stats',
  summary: 'Show records, watermarks, runs and errors in the database',
  options: { json: ['--json', 'Print the result as JSON'] },
  examples: ['npm run stats'],
  run: async (options) => printStats(await openDatabaseContext(), options)
})

export async function printStats(context: Context, { json }: { json: boolean }): Promise<number> {
  const { settings, print, now } = context
  const { readDatabase } = await import('./read-database.js')
  const { sayDatabase } = await import('../database/say-database.js')
  const found = await readDatabase(context, async (dataSource) => {
    const { collectStats } = await import('../report/stats.js')
    return collectStats(dataSource, settings.retention, now())
  })
  const database = sayDatabase(settings.database)
  const { sayStats } = await import('../report/say-stats.js')
  if (json) print(JSON.stringify({ database, ...found }))
  else for (const line of [database, ...sayStats(found)]) print(line)
  return 0
}
