import { type Check, checkDatabase, isSound } from '../database/migration-check.js'
import { type MigrationStatus, namesIn } from '../database/migration-status.js'
import { baseline, migrate, revert } from '../database/migrator.js'
import { sayDatabase } from '../database/say-database.js'
import type { Context } from './context.js'

/** At most one of them. */
interface MigrateOptions {
  check?: boolean
  down?: boolean
  baseline?: string | undefined
}

export async function migrateDatabase(context: Context, options: MigrateOptions): Promise<number> {
  context.print(sayDatabase(context.settings.database))
  if (options.check) return check(context)
  if (options.down) return revertNewest(context)
  if (options.baseline !== undefined) return recordBaseline(context, options.baseline)
  return applyPending(context)
}

async function applyPending(context: Context): Promise<number> {
  const { settings, print, log } = context
  const onMessage = (message: string) => print(`  ${message}`)
  const count = await migrate(settings.database, sayDone(context, 'applied'), { log, onMessage })
  print(count === 0 ? 'No pending migrations.' : `${count} applied.`)
  await warnOfDrift(context)
  return 0
}

async function revertNewest(context: Context): Promise<number> {
  const wasThere = await revert(context.settings.database, sayDone(context, 'reverted'), { log: context.log })
  if (!wasThere) context.print('No migration to revert.')
  return 0
}

async function recordBaseline(context: Context, name: string): Promise<number> {
  const { settings, print, log } = context
  const names = await baseline(settings.database, name, { log })
  for (const recorded of names) print(`  recorded  ${recorded}`)
  print(
    names.length === 0
      ? 'All of them were recorded before.'
      : `${names.length} recorded as applied, none was run.`
  )
  await warnOfDrift(context)
  return 0
}

async function warnOfDrift({ settings, print, log }: Context): Promise<void> {
  const { drift } = await checkDatabase(settings.database, log)
  for (const { text } of drift.filter(({ harmless }) => !harmless)) print(`WARNING: ${text}`)
}

/** Exit code 1 unless all is applied and as it should be. */
async function check({ settings, print, log }: Context): Promise<number> {
  const found = await checkDatabase(settings.database, log)
  for (const migration of found.status) print(`  ${sayMigration(migration)}`)
  for (const { text, harmless } of found.drift)
    print(`  ${(harmless ? 'note' : 'differs').padEnd(9)}  ${text}`)
  print(verdict(found))
  return isSound(found) ? 0 : 1
}

function sayMigration({ name, state, history }: MigrationStatus): string {
  const remarks = {
    applied: '',
    pending: '',
    edited: 'its text differs from the one in this version',
    overtaken: 'not applied, but a later one is',
    unknown: 'not in this version'
  }
  const isThere = state !== 'pending' && state !== 'overtaken'
  const byWhom =
    isThere && history && history.action !== 'reverted'
      ? `${history.action === 'baselined' ? 'recorded ' : ''}${history.appliedUtc.toISOString()} by ${history.appliedBy} from ${history.appliedFrom}`
      : ''
  return [state.padEnd(9), name, byWhom, remarks[state]].filter(Boolean).join('  ')
}

function verdict({ status, drift }: Check): string {
  const pending = namesIn(status, 'pending').length
  if (status.some(({ state }) => state !== 'applied' && state !== 'pending')) {
    return 'The database does not match this version: `npm run migrate` says why and what to do.'
  }
  if (pending > 0) return `${pending} pending: run \`npm run migrate\`.`
  if (drift.some(({ harmless }) => !harmless))
    return 'No pending migrations, but the schema differs from what this version expects.'
  return 'No pending migrations, no schema differences.'
}

function sayDone({ print }: Context, what: string) {
  return (name: string, milliseconds: number) =>
    print(`  ${what}  ${name}  ${(milliseconds / 1_000).toFixed(2)} s`)
}
