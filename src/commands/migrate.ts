import { defineCommand } from './command.js'
import { openDatabaseContext } from './open-context.js'
import { refuseTogether, requireFor } from './option-rules.js'

export const migrate = defineCommand({
  name: 'migrate',
  summary: 'Update the database schema',
  options: {
    check: ['--check', 'List migrations and schema differences, change nothing; exit 1 if not up to date'],
    script: ['--script', 'Print the migrations as one T-SQL script for a DBA; needs no database'],
    from: ['--from <migration>', 'With --script: start after this migration'],
    to: ['--to <migration>', 'With --script: end with this migration'],
    output: ['-o, --output <file>', 'With --script: write to this file'],
    baseline: ['--baseline <migration>', 'Mark it and earlier ones as applied without running them'],
    down: ['--down', 'Revert the last migration, if it is reversible']
  },
  examples: ['npm run migrate', 'npm run migrate -- --check', 'npm run migrate -- --script -o webex-cdr.sql'],
  async run(options): Promise<number> {
    refuseTogether(options, ['check', 'script', 'baseline', 'down'])
    requireFor(options, 'script', ['from', 'to', 'output'])
    if (options.script) {
      const { writeMigrationScript } = await import('./migrate-script.js')
      return writeMigrationScript(options)
    }
    const { migrateDatabase } = await import('./migrate-database.js')
    return migrateDatabase(await openDatabaseContext(), options)
  }
})
