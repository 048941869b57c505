import { UsageError } from '../errors.js'
import type { Task } from '../schedule/job.js'
import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

const DEFAULT_INTERVAL = '15m'

export const schedule = defineCommand({
  name: 'schedule',
  summary: 'Print a scheduler job that runs sync or retain regularly on this machine',
  options: {
    job: ['--job <sync|retain>', 'What it runs (default sync); retain runs once a day'],
    every: ['--every <interval>', `For --job sync: 5m to 24h (default ${DEFAULT_INTERVAL})`],
    print: ['--print <cron|systemd|launchd|windows>', 'Scheduler (default: the one of this machine)']
  },
  examples: [
    'npm run schedule',
    'npm run schedule -- --every 1h --print cron',
    'npm run schedule -- --job retain'
  ],
  async run(options): Promise<number> {
    const task = await taskOf(options)
    const { settings, log, print } = await openContext()
    const { FORMATS, usualFormat } = await import('../schedule/formats.js')
    const { jobHere } = await import('../schedule/job.js')
    const { hasPolicy } = await import('../config/retention.js')
    if (task.command === 'retain' && !hasPolicy(settings.retention) && settings.rawJson === 'all') {
      log.warn(
        'there is no retention policy, without which `retain` has nothing to do: `npm run setup` asks for one'
      )
    }
    print(FORMATS[options.print ?? usualFormat()](jobHere(settings, task)))
    return 0
  }
})

/** @throws UsageError */
async function taskOf({
  job,
  every
}: {
  job?: string | undefined
  every?: string | undefined
}): Promise<Task> {
  if (job !== 'retain') {
    const { parseInterval } = await import('../schedule/interval.js')
    return { command: 'sync', every: parseInterval(every ?? DEFAULT_INTERVAL) }
  }
  if (every === undefined) return { command: 'retain' }
  throw new UsageError('--every is for --job sync: retain runs once a day')
}
