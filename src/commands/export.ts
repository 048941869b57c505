import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Write records or calls to files, one a UTC day, for a data lake or a spreadsheet',
  options: {
    what: ['--what <records|calls>', 'What to write (default records)'],
    output: ['-o, --output <folder>', 'Folder for the files: day=2026-11-28/records.parquet and so on'],
    format: ['--format <parquet|csv|jsonl>', 'Format of the files (default parquet)'],
    since: ['--since <when>', 'Only days from this one on: 30d, 2026-11-01 (UTC)'],
    until: ['--until <when>', 'Only days before this one'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: [
    'npm run export -- -o lake/records',
    'npm run export -- --what calls -o lake/calls',
    'npm run export -- -o sheets --format csv --since 7d'
  ],
  async run(options): Promise<number> {
    const { runExport } = await import('./run-export.js')
    return runExport(await openDatabaseContext(), options)
  }
})
