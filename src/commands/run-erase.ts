import type { DataSource } from 'typeorm'
import { sleep } from '../clock.js'
import { count } from '../count.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import { messageOf, StoppedError, UsageError } from '../errors.js'
import { legible } from '../legible.js'
import type { Traces } from '../retention/erase.js'
import type { Person } from '../retention/person.js'
import type { Context } from './context.js'
import { stopSignal } from './stop-signal.js'

interface EraseOptions {
  user: string | undefined
  number: string | undefined
  yes: boolean
  json: boolean
}

export async function runErase(context: Context, options: EraseOptions): Promise<number> {
  const { settings, log, print } = context
  const { database } = settings
  checkUsage(options)
  const signal = stopSignal(log)
  await requireMigrated(database, log, signal)
  const dataSource = await connect(database, { log, signal, erasing: true })
  try {
    const { tracesOf } = await import('../retention/erase.js')
    const person = await personAsked(dataSource, options)
    if (!options.json) for (const line of sayPerson(person)) print(line)
    const traces = await tracesOf(dataSource.manager, person)
    const total = Object.values(traces).reduce((sum, ids: number[]) => sum + ids.length, 0)
    if (!options.json) for (const line of sayTraces(traces)) print(line)
    if (!options.json && total === 0 && person.long.size === 1 && options.user?.includes('@')) {
      print('  No record has this address: use the UUID of the user, if you know it.')
    }
    const agreed = options.yes || (total > 0 && (await asked()))
    if (agreed) await eraseNow(context, dataSource, person, traces, signal)
    if (options.json) print(JSON.stringify({ status: 'succeeded', ...counts(traces) }))
    else print(total === 0 ? 'Nothing was found.' : agreed ? 'Erased.' : 'Nothing was changed.')
    return 0
  } catch (error) {
    throw signal.reason instanceof StoppedError ? signal.reason : databaseError(database, error)
  } finally {
    await dataSource.destroy()
  }
}

/** @throws UsageError */
function checkUsage({ user, number, yes, json }: EraseOptions): void {
  if ((user === undefined) === (number === undefined)) {
    throw new UsageError('erase needs either --user <e-mail or UUID> or --number <number>')
  }
  if (
    user !== undefined &&
    !/^\s*([^\s@]+@[^\s@]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$/i.test(user)
  ) {
    throw new UsageError('--user is neither an e-mail address nor a UUID')
  }
  if (number !== undefined && !/^\s*\+?[\d*#]{2,32}\s*$/.test(number)) {
    throw new UsageError('--number must be digits, as in the records, such as +15555550100')
  }
  if (yes) return
  if (json) throw new UsageError('--json needs --yes')
  if (!process.stdin.isTTY)
    throw new UsageError('erase asks before it changes anything: run it on a terminal, or add --yes')
}

async function personAsked({ manager }: DataSource, { user, number }: EraseOptions): Promise<Person> {
  if (user !== undefined) {
    const { userOf } = await import('../retention/erase.js')
    return userOf(manager, user)
  }
  const { personOf } = await import('../retention/person.js')
  return personOf([number ?? ''])
}

async function asked(): Promise<boolean> {
  const { confirm } = await import('../setup/questions.js')
  const { CancelledError } = await import('../setup/tools.js')
  try {
    return await confirm('Remove all of this? It cannot be undone.', false)
  } catch (error) {
    if (error instanceof CancelledError) return false
    throw error
  }
}

async function eraseNow(
  { settings, log, now }: Context,
  dataSource: DataSource,
  person: Person,
  traces: Traces,
  signal: AbortSignal
): Promise<void> {
  const { erase } = await import('../retention/erase.js')
  await erase(person, traces, { dataSource, log, signal, now, sleep })
  if (settings.database.type !== 'sqlite') return
  const warn = (why: string) =>
    log.warn(
      `the file could not be rewritten, and old versions of these rows may still be in its free parts (${why}): run erase again when nothing else uses it`
    )
  try {
    // Earlier versions of a row may lie in free parts of the file.
    await dataSource.query('VACUUM')
    const [checkpoint] = await dataSource.query('PRAGMA wal_checkpoint(TRUNCATE)')
    if (checkpoint?.busy) warn('another process reads it')
  } catch (error) {
    warn(messageOf(error))
  }
}

/** What comes from a call may hold what a terminal would obey. */
function sayPerson({ long, whole }: Person): string[] {
  const words = [...long, ...whole].map((word) => JSON.stringify(legible(word)))
  return [`Looking for ${words.join(', ')}`]
}

function sayTraces(traces: Traces): string[] {
  const { records, errors, examplesOfDrift, runs } = counts(traces)
  return [
    `  ${count(records)} records: names, numbers, identifiers, addresses and raw_json are removed from them`,
    `  ${count(errors)} quarantined records and errors`,
    `  ${count(examplesOfDrift)} examples of unknown keys`,
    `  ${count(runs)} notes of runs`
  ]
}

function counts({ records, errors, drift, runs }: Traces) {
  return { records: records.length, errors: errors.length, examplesOfDrift: drift.length, runs: runs.length }
}
