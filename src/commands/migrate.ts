import { sayDatabase } from '../database/data-source.js'
import { migrate, migrationStatus } from '../database/migrator.js'
import type { Context } from './context.js'

export async function migrateCommand(context: Context, options: { status: boolean }): Promise<number> {
  return options.status ? printStatus(context) : applyPending(context)
}

/** Exit code 1 when a migration is pending. */
async function printStatus({ settings, print }: Context): Promise<number> {
  const migrations = await migrationStatus(settings.database)
  const pending = migrations.filter(({ applied }) => !applied).length
  print(sayDatabase(settings.database))
  for (const { name, applied } of migrations) print(`  ${applied ? 'applied' : 'pending'}  ${name}`)
  print(pending === 0 ? 'Nothing is pending.' : `${pending} pending: run \`npm run migrate\`.`)
  return pending === 0 ? 0 : 1
}

async function applyPending({ settings, print }: Context): Promise<number> {
  print(sayDatabase(settings.database))
  const count = await migrate(settings.database, (name, milliseconds) =>
    print(`  applied  ${name}  ${(milliseconds / 1_000).toFixed(2)} s`)
  )
  print(count === 0 ? 'Nothing was pending.' : `${count} applied.`)
  return 0
}
