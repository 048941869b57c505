import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

const DEFAULT_INTERVAL = '15m'

export const schedule = defineCommand({
  name: 'schedule',
  summary: 'Print a scheduler job that runs sync regularly on this machine',
  options: {
    every: ['--every <interval>', `5m to 24h (default ${DEFAULT_INTERVAL})`],
    print: ['--print <cron|systemd|launchd|windows>', 'Scheduler (default: the one of this machine)']
  },
  examples: ['npm run schedule', 'npm run schedule -- --every 1h --print cron'],
  async run(options): Promise<number> {
    const { parseInterval } = await import('../schedule/interval.js')
    const every = parseInterval(options.every ?? DEFAULT_INTERVAL)
    const { settings, print } = await openContext()
    const { FORMATS, usualFormat } = await import('../schedule/formats.js')
    const { jobHere } = await import('../schedule/job.js')
    print(FORMATS[options.print ?? usualFormat()](jobHere(settings, every)))
    return 0
  }
})
