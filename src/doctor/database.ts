import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { EntityManager } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import type { RetentionPolicy } from '../config/retention.js'
import { ALL_LOCATIONS } from '../coverage/scope.js'
import { sqliteFileIsMissing } from '../database/data-source.js'
import { checkDatabase, type Check as SchemaCheck } from '../database/migration-check.js'
import { namesIn } from '../database/migration-status.js'
import { sayUnseen } from '../database/migrator.js'
import { sayDatabase } from '../database/say-database.js'
import type { Log } from '../log.js'
import { type Finding, failure, ok, warning } from './check.js'

export interface DatabaseFindings {
  reachable: Finding
  migrations: Finding
  drift: Finding
  /** All of this version's migrations are applied: its tables can be used. */
  migrated: boolean
}

/** @throws ConfigurationError or TemporaryError when it cannot be reached */
export async function checkTables(
  settings: DatabaseSettings,
  log: Pick<Log, 'warn'>
): Promise<DatabaseFindings> {
  const found = await checkDatabase(settings, log)
  const migrated = found.status.every(({ state }) => state === 'applied' || state === 'unknown')
  const missing = sqliteFileIsMissing(settings)
  return {
    reachable: missing ? warning(sayMissing(settings)) : ok(sayDatabase(settings)),
    migrations: sayMigrations(settings, found),
    drift: migrated ? sayDrift(found) : warning('not checked until all migrations are applied'),
    migrated
  }
}

function sayMissing(settings: DatabaseSettings): string {
  const isAlone = settings.type !== 'sqlite' || existsSync(dirname(settings.path))
  return `${sayDatabase(settings)} does not exist yet${isAlone ? ': `npm run migrate` creates it' : ', nor does its folder: `npm run migrate` creates both'}`
}

function sayMigrations(settings: DatabaseSettings, { status }: SchemaCheck): Finding {
  const pending = namesIn(status, 'pending').length
  const unseen = sayUnseen(settings, status.length - pending)
  if (pending > 0) return failure(`${pending} pending: run \`npm run migrate\`${unseen}`)
  const odd = status.find(({ state }) => state !== 'applied')
  if (odd?.state === 'unknown') return warning(`${odd.name} is from a newer version: update this program`)
  if (odd) return failure(`${odd.name} is ${odd.state}: \`npm run migrate\` says why and what to do`)
  return ok(`all ${status.length} applied`)
}

function sayDrift({ drift }: SchemaCheck): Finding {
  const [first, ...others] = drift.filter(({ harmless }) => !harmless)
  if (!first) return ok('the tables match this version')
  const more = others.length > 0 ? `, and ${others.length} more` : ''
  return failure(`${first.text}${more}: \`npm run migrate -- --check\` lists all differences`)
}

/** In ms. */
const LATE = 60 * 60_000

export async function checkLag(manager: EntityManager, now: number): Promise<Finding> {
  // It needs the dialect, which is known by now.
  const { leadingWatermarks } = await import('../coverage/watermark.js')
  const all = await leadingWatermarks(manager)
  if (all.length === 0) return warning('nothing is synced yet: run `npm run sync`')
  const ofAllLocations = all.filter(({ scope }) => scope === ALL_LOCATIONS)
  const tracks = ofAllLocations.length > 0 ? ofAllLocations : all
  const texts = tracks.map(({ scope, watermark }) => {
    const age = Math.round((now - watermark) / 60_000)
    return `${scope} ${new Date(watermark).toISOString()}, ${age} min ago`
  })
  const late = tracks.some(({ watermark }) => now - watermark > LATE)
  return late
    ? warning(`${texts.join('; ')}: is \`npm run sync\` scheduled? \`npm run stats\` shows the newest runs`)
    : ok(texts.join('; '))
}

/** Ranges of which calls are missing, or may be. */
export async function checkGaps(manager: EntityManager, now: number): Promise<Finding> {
  // They need the dialect, which is known by now.
  const { openGaps, sayGap } = await import('../report/gaps.js')
  const [first, ...others] = await openGaps(manager, now)
  if (!first) return ok('none')
  return warning(`${sayGap(first)}${others.length > 0 ? `; and ${others.length} more` : ''}`)
}

/** Whether what the policy wants deleted and masked is. */
export async function checkRetention(
  manager: EntityManager,
  policy: RetentionPolicy,
  now: number
): Promise<Finding> {
  // They need the dialect, which is known by now.
  const { retentionOf, sayOverdue, sayPart } = await import('../report/retention.js')
  const parts = await retentionOf(manager, policy, now)
  const [first, ...others] = sayOverdue(parts)
  if (!first) return ok(parts.map(sayPart).join('; '))
  return warning(`${first}${others.length > 0 ? `; and ${others.length} more` : ''}`)
}
