import { randomBytes } from 'node:crypto'
import { sleep } from '../clock.js'
import { count } from '../count.js'
import { readSecret } from '../credentials/credentials.js'
import { connect } from '../database/data-source.js'
import { databaseError } from '../database/database-error.js'
import { requireMigrated } from '../database/migrator.js'
import { ConfigurationError, StoppedError, UsageError } from '../errors.js'
import type { Retained, RetainResult } from '../retention/retain.js'
import type { Context } from './context.js'
import { progressIn } from './progress.js'
import { readDatabase } from './read-database.js'
import { stopSignal } from './stop-signal.js'

interface RetainOptions {
  check: boolean
  pause: string | undefined
  json: boolean
}

/** A row of the result, and what is being done meanwhile. */
const WORDS: Record<Retained, readonly [done: string, doing: string]> = {
  recordsDeleted: ['records deleted', 'deleting records'],
  recordsMasked: ['records masked', 'masking records'],
  rawJsonRemoved: ['raw_json removed', 'removing raw_json'],
  rawJsonConverted: ['raw_json converted', 'converting raw_json'],
  errorsMasked: ['quarantined records masked', 'masking quarantined records'],
  examplesMasked: ['examples of unknown keys masked', 'masking examples of unknown keys'],
  errorsDeleted: ['errors deleted', 'deleting errors'],
  runsDeleted: ['runs deleted', 'deleting runs']
}

export async function runRetain(context: Context, options: RetainOptions): Promise<number> {
  const { settings, log, print, now } = context
  const { retention: policy, rawJson, database } = settings
  const pause = pauseOf(options.pause)
  if (options.check) return check(context, options)
  const signal = stopSignal(log)
  await requireMigrated(database, log, signal)
  const key = policy.mask && policy.numbers === 'hash' ? await maskKey(context) : undefined
  const dataSource = await connect(database, { log, signal, erasing: true })
  try {
    const { hasWork, retain } = await import('../retention/retain.js')
    if (!(await hasWork({ policy, rawJson }, dataSource.manager))) {
      throw new ConfigurationError(
        'there is no retention policy: set RETAIN_RECORDS, RETAIN_RAW_JSON, RETAIN_RUNS or MASK_AFTER in webex-cdr.json or the environment (docs/DBA.md, “Retention”)'
      )
    }
    const told = progressIn(log, now)
    const progress = { ...told, begins: (what: Retained, rows: number) => told.begins(WORDS[what][1], rows) }
    const tools = { dataSource, log, signal, now, pause, sleep, progress }
    const result = await retain({ policy, rawJson, key }, tools)
    if (options.json) print(JSON.stringify({ status: 'succeeded', ...result }))
    else for (const line of sayResult(result)) print(line)
    return 0
  } catch (error) {
    throw signal.reason instanceof StoppedError ? signal.reason : databaseError(database, error)
  } finally {
    await dataSource.destroy()
  }
}

async function check(context: Context, { json }: RetainOptions): Promise<number> {
  const { settings, print, now } = context
  const { retention: policy, rawJson } = settings
  const { sayPolicy } = await import('../retention/policy.js')
  const counts = await readDatabase(context, async ({ manager }) => {
    const { preview } = await import('../retention/preview.js')
    return preview(manager, policy, now())
  })
  const words = sayPolicy(policy, rawJson)
  if (json) print(JSON.stringify({ status: 'checked', policy: words, ...counts }))
  else
    for (const line of ['Policy:', ...words.map((line) => `  ${line}`), 'Now:', ...sayResult(counts)])
      print(line)
  return 0
}

/** Made when it is first needed: whoever has it can find out which hash is which number. */
async function maskKey({ settings, secrets }: Context): Promise<string> {
  const store = secrets()
  const key = await readSecret(store, 'mask-key')
  if (key) return key
  if (settings.secretStore.kind === 'env') {
    throw new ConfigurationError(
      'MASK_NUMBERS=hash needs a key: set MASK_KEY, for example to the output of `openssl rand -base64 32`, and keep it'
    )
  }
  const made = randomBytes(32).toString('base64url')
  await store.write('mask-key', made)
  return made
}

function pauseOf(text: string | undefined): number {
  if (text === undefined) return 0
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new UsageError(`--pause “${text}” is not a number of milliseconds, such as 200`)
}

function sayResult(result: Partial<RetainResult>): string[] {
  const rows = Object.entries(result).map(
    ([name, rows]) => [count(rows), WORDS[name as Retained][0]] as const
  )
  const width = Math.max(...rows.map(([number]) => number.length))
  return rows.map(([number, words]) => `  ${number.padStart(width)} ${words}`)
}
