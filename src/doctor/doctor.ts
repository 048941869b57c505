import { type Now, sleep } from '../clock.js'
import type { DatabaseSettings } from '../config/database-url.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { connect } from '../database/data-source.js'
import { sayHolder } from '../database/lease-holder.js'
import { requireAccess } from '../database/sqlite-access.js'
import { underLease } from '../database/under-lease.js'
import type { Log } from '../log.js'
import { createClient } from '../webex/client.js'
import { type Check, check, ok, warning } from './check.js'
import { checkGaps, checkLag, checkTables, type DatabaseFindings } from './database.js'
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
  const database = await examineTables(patient, report)
  if (!database) {
    report({ name: 'token', ...warning('not tried without the database, whose lease guards it') })
    return
  }
  if (database.migrated) await examineCoverage(patient, database.settings, report)
  await examineUnderLease(patient, database.settings, secrets, report)
}

/** @returns undefined where the database cannot be reached */
async function examineTables(
  { withPassword, log }: Patient,
  report: Report
): Promise<{ settings: DatabaseSettings; migrated: boolean } | undefined> {
  let settings: DatabaseSettings | undefined
  let tables: DatabaseFindings | undefined
  report(
    await check('database', async () => {
      settings = (await withPassword()).database
      requireAccess(settings)
      tables = await checkTables(settings, log)
      return tables.reachable
    })
  )
  if (!settings || !tables) return undefined
  report({ name: 'migrations', ...tables.migrations })
  report({ name: 'drift', ...tables.drift })
  return { settings, migrated: tables.migrated }
}

async function examineCoverage(
  { log, now }: Patient,
  settings: DatabaseSettings,
  report: Report
): Promise<void> {
  const looks = { watermark: checkLag, gaps: checkGaps }
  for (const [name, look] of Object.entries(looks)) {
    report(
      await check(name, async () => {
        const dataSource = await connect(settings, { log })
        return look(dataSource.manager, now()).finally(() => dataSource.destroy())
      })
    )
  }
}

/** Asks Webex while no sync does: a refresh token is spent. */
async function examineUnderLease(
  patient: Patient,
  settings: DatabaseSettings,
  secrets: Check,
  report: Report
): Promise<void> {
  let tried = false
  const lease = await check('lease', async () => {
    const held = await underLease(settings, patient.log, async () => {
      report({ name: 'lease', ...ok('free') })
      tried = true
      if (secrets.status !== 'failure') await examineWebex(patient, report)
      else report({ name: 'token', ...warning('not tried without the secrets') })
    })
    return ok('holder' in held ? `in use by ${sayHolder(held.holder)}` : 'free')
  })
  if (tried && lease.status === 'ok') return
  report(lease)
  if (!tried) {
    report({ name: 'token', ...warning('not tried without the lease: ask again when it is free') })
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
