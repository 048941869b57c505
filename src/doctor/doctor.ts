import { type Now, sleep } from '../clock.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { connect } from '../database/data-source.js'
import { sayHolder } from '../database/lease-holder.js'
import type { Log } from '../log.js'
import { createClient } from '../webex/client.js'
import { type Check, check, ok, warning } from './check.js'
import { checkLag, checkTables } from './database.js'
import { checkConfig, checkDisk, checkNode } from './machine.js'
import { checkSecrets } from './secrets.js'
import { checkWebex } from './webex.js'

export interface Patient {
  settings: Settings
  secrets: () => SecretStore
  /** The settings with the database's password, which may be among the secrets. */
  withPassword: () => Promise<Settings>
  log: Log
  now: Now
}

type Report = (check: Check) => void

/** Looks at everything that a scheduled sync needs, one thing after the other. */
export async function examine(patient: Patient, report: Report): Promise<void> {
  const { settings } = patient
  report(await check('Node.js', () => checkNode()))
  report(await check('config', () => checkConfig(settings)))
  const secrets = await check('secrets', () => checkSecrets(patient.secrets()))
  report(secrets)
  report(await check('disk', () => checkDisk(settings)))
  const hasTables = await examineTables(patient, report)
  const examineService = async () => {
    if (secrets.status === 'failure') report({ name: 'token', ...warning('not tried without the secrets') })
    else await examineWebex(patient, report)
  }
  if (hasTables) await examineUnderLease(patient, report, examineService)
  // Where there are no tables yet, no sync can be spending the refresh token.
  else await examineService()
}

/** @returns whether all tables are there to be used */
async function examineTables({ withPassword }: Patient, report: Report): Promise<boolean> {
  let tables: Awaited<ReturnType<typeof checkTables>> | undefined
  const database = await check('database', async () => {
    tables = await checkTables((await withPassword()).database)
    return tables.reachable
  })
  report(database)
  if (!tables) return false
  report({ name: 'migrations', ...tables.migrations })
  report({ name: 'drift', ...tables.drift })
  return tables.migrated
}

async function examineUnderLease(
  { withPassword, log, now }: Patient,
  report: Report,
  examineService: () => Promise<void>
): Promise<void> {
  const dataSource = await connect((await withPassword()).database, { log })
  const { Lease } = await import('../database/lease.js')
  try {
    report(await check('watermark', () => checkLag(dataSource.manager, now())))
    const held = await Lease.hold(dataSource, log, async () => {
      report({ name: 'lease', ...ok('free') })
      await examineService()
    })
    if (!('holder' in held)) return
    report({ name: 'lease', ...ok(`a sync is running: ${sayHolder(held.holder)}`) })
    report({
      name: 'token',
      ...warning('not tried while a sync runs, which uses it: ask again when it has ended')
    })
  } finally {
    await dataSource.destroy()
  }
}

async function examineWebex({ settings, secrets, log, now }: Patient, report: Report): Promise<void> {
  const stop = new AbortController()
  const client = createClient(settings.webex, { secrets: secrets(), log, now, sleep, signal: stop.signal })
  try {
    for await (const found of checkWebex(client, settings.webex, now)) report(found)
  } finally {
    stop.abort()
  }
}
