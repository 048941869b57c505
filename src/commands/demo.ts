import { defineCommand } from './command.js'
import { openContext } from './open-context.js'

export const demo = defineCommand({
  name: 'demo',
  summary: 'Try it out: a simulated Webex API, a SQLite file, two syncs, a report',
  options: {},
  examples: ['npm run demo'],
  async run(): Promise<number> {
    const { runDemo } = await import('./run-demo.js')
    return runDemo(await openContext())
  }
})
