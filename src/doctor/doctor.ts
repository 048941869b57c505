import { type Now, sleep } from '../clock.js'
import type { DatabaseSettings } from '../config/database-url.js'
import { hasPolicy } from '../config/retention.js'
import type { Settings } from '../config/settings.js'
import type { SecretStore } from '../credentials/secret-store.js'
import { connect } from '../database/data-source.js'
import { sayHolder } from '../database/lease-holder.js'
import { sayDatabase } from '../database/say-database.js'
import { mayOnlyRead, requireAccess } from '../database/sqlite-access.js'
import { sqliteVersion } from '../database/sqlite-driver.js'
import { underLease } from '../database/under-lease.js'
import type { Log } from '../log.js'
import { createClient } from '../webex/client.js'
import { type Check, check, ok, warning } from './check.js'
import { checkGaps, checkLag, checkRetention, checkTables, type DatabaseFindings } from './database.js'
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
  const isReader = mayOnlyRead(settings.database)
  const config = await check('config', () => checkConfig(settings))
  report(config)
  const secrets = await check('secrets', () => checkSecrets(patient.secrets()))
  // They are those of the user who syncs.
  report(isReader && secrets.status === 'failure' ? { ...secrets, status: 'warning' } : secrets)
  report(await check('disk', () => checkDisk(settings)))
  const database = (await driverIsSound(settings.database, report))
    ? await examineTables(patient, isReader, report)
    : undefined
  if (!database) {
    report({ name: 'token', ...warning('not tested without the database, whose lease protects it') })
    return
  }
  if (database.migrated) await examineCoverage(patient, database.settings, report)
  if (isReader)
    report({ name: 'token', ...warning('not tested, nor was the lease: this user has read access only') })
  else await examineUnderLease(patient, database.settings, { secrets, config }, report)
}

/** SQLite's is native: it goes with one version of Node.js, and is loaded when it is first used. */
async function driverIsSound({ type }: DatabaseSettings, report: Report): Promise<boolean> {
  if (type !== 'sqlite') return true
  const driver = await check('SQLite driver', async () => ok(`SQLite ${await sqliteVersion()}`))
  report(driver)
  return driver.status !== 'failure'
}

/** @returns undefined where the database cannot be reached */
async function examineTables(
  { withPassword, log }: Patient,
  isReader: boolean,
  report: Report
): Promise<{ settings: DatabaseSettings; migrated: boolean } | undefined> {
  let settings: DatabaseSettings | undefined
  let tables: DatabaseFindings | undefined
  report(
    await check('database', async () => {
      settings = (await withPassword()).database
      if (!isReader) requireAccess(settings)
      tables = await checkTables(settings, log)
      if (!isReader) return tables.reachable
      return warning(`${sayDatabase(settings)}: this user has read access only; sync needs write access`)
    })
  )
  if (!settings || !tables) return undefined
  report({ name: 'migrations', ...tables.migrations })
  report({ name: 'drift', ...tables.drift })
  return { settings, migrated: tables.migrated }
}

async function examineCoverage(
  { log, now, settings: { retention } }: Patient,
  settings: DatabaseSettings,
  report: Report
): Promise<void> {
  const looks: Record<string, typeof checkLag> = {
    watermark: checkLag,
    gaps: checkGaps,
    ...(hasPolicy(retention) ? { retention: (manager, now) => checkRetention(manager, retention, now) } : {})
  }
  for (const [name, look] of Object.entries(looks)) {
    report(
      await check(name, async () => {
        const dataSource = await connect(settings, { log, readonly: true })
        return look(dataSource.manager, now()).finally(() => dataSource.destroy())
      })
    )
  }
}

/** Asks Webex while no sync does: a refresh token is spent. */
async function examineUnderLease(
  patient: Patient,
  settings: DatabaseSettings,
  { secrets, config }: { secrets: Check; config: Check },
  report: Report
): Promise<void> {
  let tried = false
  const lease = await check('lease', async () => {
    const held = await underLease(settings, patient.log, async () => {
      report({ name: 'lease', ...ok('free') })
      tried = true
      const lacks =
        secrets.status === 'failure'
          ? 'without the secrets'
          : config.status === 'failure' && 'with these settings'
      if (lacks) report({ name: 'token', ...warning(`not tested ${lacks}`) })
      else await examineWebex(patient, report)
    })
    return ok('holder' in held ? `in use by ${sayHolder(held.holder)}` : 'free')
  })
  if (tried && lease.status === 'ok') return
  report(lease)
  if (!tried) {
    report({ name: 'token', ...warning('not tested without the lease: try again when it is free') })
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
