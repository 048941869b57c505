import { type Check, checkDatabase, isSound } from '../database/migration-check.js'
import { type MigrationStatus, namesIn } from '../database/migration-status.js'
import { baseline, migrate, revert } from '../database/migrator.js'
import { sayDatabase } from '../database/say-database.js'
import type { Context } from './context.js'

/** At most one of them. */
export interface MigrateFlags {
  check?: boolean
  /** The name of a migration. */
  baseline?: string | undefined
  down?: boolean
}

export async function migrateCommand(context: Context, flags: MigrateFlags): Promise<number> {
  context.print(sayDatabase(context.settings.database))
  if (flags.check) return check(context)
  if (flags.down) return revertNewest(context)
  if (flags.baseline !== undefined) return recordBaseline(context, flags.baseline)
  return applyPending(context)
}

async function applyPending(context: Context): Promise<number> {
  const { settings, print, log } = context
  const onMessage = (message: string) => print(`  ${message}`)
  const count = await migrate(settings.database, sayDone(context, 'applied'), { log, onMessage })
  print(count === 0 ? 'Nothing was pending.' : `${count} applied.`)
  await warnOfDrift(context)
  return 0
}

async function revertNewest(context: Context): Promise<number> {
  const wasThere = await revert(context.settings.database, sayDone(context, 'reverted'), { log: context.log })
  if (!wasThere) context.print('Nothing is applied.')
  return 0
}

async function recordBaseline(context: Context, name: string): Promise<number> {
  const { settings, print, log } = context
  const names = await baseline(settings.database, name, { log })
  for (const recorded of names) print(`  recorded  ${recorded}`)
  print(names.length === 0 ? 'All of them are recorded already.' : `${names.length} recorded, none was run.`)
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
    edited: 'with another text than this program has',
    overtaken: 'a later one is applied',
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
    return 'This is not a database for this version: `npm run migrate` says why and what to do.'
  }
  if (pending > 0) return `${pending} pending: run \`npm run migrate\`.`
  if (drift.some(({ harmless }) => !harmless))
    return 'Nothing is pending, but the schema is not as it should be.'
  return 'Nothing is pending, and the schema is as it should be.'
}

function sayDone({ print }: Context, what: string) {
  return (name: string, milliseconds: number) =>
    print(`  ${what}  ${name}  ${(milliseconds / 1_000).toFixed(2)} s`)
}
