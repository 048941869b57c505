import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const report = defineCommand({
  name: 'report',
  summary: 'Write a report of calls: one HTML file to mail or to share',
  options: {
    since: ['--since <when>', 'Calls that began from this time on: 30d (default), 12h, 2026-11-01 (UTC)'],
    until: ['--until <when>', 'Calls that began before this time (default now)'],
    locations: ['--locations <names...>', 'Only these locations, as in Control Hub'],
    output: ['-o, --output <file>', 'File to write (default webex-cdr-report.html)'],
    open: ['--open', 'Open it in the browser']
  },
  examples: [
    'npm run report -- --open',
    'npm run report -- --since 2026-11-01 --until 2026-12-01 -o november.html',
    'npm run report -- --since 7d --locations "Main Office" "Branch 1"'
  ],
  async run(options): Promise<number> {
    const { tightenHeap } = await import('../tight-heap.js')
    tightenHeap()
    const { runReport } = await import('./run-report.js')
    return runReport(await openDatabaseContext(), options)
  }
})
