import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const trace = defineCommand({
  name: 'trace',
  summary: 'Find calls by a number, name, e-mail address or ID, and show the legs of one',
  argument: '<number, name, e-mail or ID>',
  options: {
    since: [
      '--since <when>',
      'Calls that began from this time on (UTC; default 30d, for Report, Correlation and Call IDs any time)'
    ],
    until: ['--until <when>', 'Calls that began before this time (UTC)'],
    html: ['--html <file>', 'Write a page with the sequence of one call'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: [
    'npm run trace -- +15555550100',
    'npm run trace -- "Ann Lee" --since 7d',
    'npm run trace -- ann.lee@example.com --since 2026-11-01 --until 2026-11-08',
    'npm run trace -- 5f0c2f2e-5a4e-3c54-9d3b-0c3f6f1f1a10 --html call.html'
  ],
  async run(options, typed): Promise<number> {
    const { runTrace } = await import('./run-trace.js')
    return runTrace(await openDatabaseContext(), typed, options)
  }
})
