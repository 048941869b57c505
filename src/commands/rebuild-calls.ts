import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const rebuildCalls = defineCommand({
  name: 'rebuild-calls',
  summary: 'Make calls from records that are in no call yet, as after an update of this program',
  options: {
    all: ['--all', 'Make all calls anew, from all records'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: ['npm run rebuild-calls', 'npm run rebuild-calls -- --all'],
  async run(options): Promise<number> {
    const { runRebuildCalls } = await import('./run-rebuild-calls.js')
    return runRebuildCalls(await openDatabaseContext(), options)
  }
})
