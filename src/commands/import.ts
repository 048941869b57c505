import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'

export const importCommand = defineCommand({
  name: 'import',
  summary: 'Store reports “Calling Detailed Call History” of Control Hub: CSV files, or ZIP files with them',
  argument: '<file, folder or ->',
  options: {
    covers: [
      '--covers <days>',
      'Days of UTC, or of --time-zone, of which the files have all calls, such as 2026-01-01..2026-01-31: gaps there are closed'
    ],
    timeZone: ['--time-zone <name>', 'The time zone of the report, where its times tell none: Europe/Berlin'],
    dryRun: ['--dry-run', 'Read and compare, store nothing'],
    json: ['--json', 'Print the result as JSON']
  },
  examples: [
    'npm run import -- report.zip',
    'npm run import -- reports --covers 2026-01-01..2026-03-31',
    'npm run import -- report.csv --time-zone Europe/Berlin --dry-run'
  ],
  async run(options, path): Promise<number> {
    const { runImport } = await import('./run-import.js')
    return runImport(await openDatabaseContext(), path, options)
  }
})
