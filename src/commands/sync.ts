import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const sync = defineCommand({
  name: 'sync',
  summary: 'Fetch call detail records from Webex and store them',
  options: {
    source: ['--source <auto|feed|stream>', 'Webex API to read: cdr_feed, cdr_stream or both (default auto)'],
    since: [
      '--since <when>',
      'Start at this time or earlier: 30d, 12h, 2026-11-01, 2026-11-01T08:30:00Z (UTC)'
    ],
    until: ['--until <when>', 'With --since: fetch only that range; the watermark does not move'],
    lookback: ['--lookback <duration>', 'How far before the watermark to start: 30m, 12h, 2d'],
    locations: ['--locations <names...>', 'Only these locations, 1 to 10 names as in Control Hub'],
    history: [
      '--history <when>',
      'Have Webex make reports of the calls since then that its other APIs have no more, and store them'
    ],
    fillGaps: ['--fill-gaps', 'Fetch the calls that are missing, if Webex still has them'],
    acceptGap: ['--accept-gap <start> <end>', 'Close a gap: accept that its calls stay missing (UTC)'],
    retryQuarantined: ['--retry-quarantined', 'Try to store quarantined records again, after an update'],
    dryRun: ['--dry-run', 'Fetch and count records, store nothing'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: [
    'npm run sync',
    'npm run sync -- --since 30d',
    'npm run sync -- --since 2026-11-01 --until 2026-11-08',
    'npm run sync -- --locations "Main Office" "Branch 1"',
    'npm run sync -- --history 2026-01-01',
    'npm run sync -- --accept-gap 2026-11-01 2026-11-03'
  ],
  async run(options): Promise<number> {
    const { syncRequest } = await import('./sync-request.js')
    const request = syncRequest(options, Date.now())
    if (options.history !== undefined) {
      const { runHistory } = await import('./run-history.js')
      return runHistory(await openDatabaseContext(), options)
    }
    const { runSync } = await import('./run-sync.js')
    return runSync(await openDatabaseContext(), request, options)
  }
})
