import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const retain = defineCommand({
  name: 'retain',
  summary: 'Delete and mask what the retention policy no longer allows to be kept',
  options: {
    check: ['--check', 'Show the policy and how many rows it would change, change nothing'],
    pause: ['--pause <ms>', 'Pause between batches of 1,000 rows, in milliseconds (default 0)'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: ['npm run retain -- --check', 'npm run retain'],
  async run(options): Promise<number> {
    const { runRetain } = await import('./run-retain.js')
    return runRetain(await openDatabaseContext(), options)
  }
})
