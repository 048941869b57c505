import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const erase = defineCommand({
  name: 'erase',
  summary: 'Remove what tells of one person from all tables',
  options: {
    user: [
      '--user <e-mail or UUID>',
      'A Webex user, with the names and numbers that the records give that user'
    ],
    number: ['--number <number>', 'A telephone number, as it stands in the records'],
    yes: ['--yes', 'Do not ask'],
    json: ['--json', 'Print the result as JSON; needs --yes']
  },
  examples: ['npm run erase -- --user ann.lee@example.com', 'npm run erase -- --number +15555550100 --yes'],
  async run(options): Promise<number> {
    const { runErase } = await import('./run-erase.js')
    return runErase(await openDatabaseContext(), options)
  }
})
