import type { DatabaseSettings } from '../config/database-url.js'
import type { Log } from '../log.js'
import { connect, sqliteFileIsMissing } from './data-source.js'
import { migrationFailure } from './migration-failure.js'
import { listMigrations } from './migration-list.js'
import { type MigrationStatus, namesIn, readStatus, statusOf } from './migration-status.js'
import { type Drift, schemaDrift } from './schema-drift.js'
import { viewDrift } from './view-drift.js'

export interface Check {
  status: MigrationStatus[]
  /** None as long as a migration is to come: it may be what differs. */
  drift: Drift[]
}

/** Looks at a database and writes nothing; a SQLite file that is not there is not made. */
export async function checkDatabase(settings: DatabaseSettings, log?: Pick<Log, 'warn'>): Promise<Check> {
  if (sqliteFileIsMissing(settings)) {
    return { status: statusOf(await listMigrations(settings.type), [], new Map()), drift: [] }
  }
  const dataSource = await connect(settings, { readonly: true, ...(log ? { log } : {}) })
  try {
    const status = await readStatus(dataSource)
    const toCome = [...namesIn(status, 'pending'), ...namesIn(status, 'overtaken')]
    if (toCome.length > 0) return { status, drift: [] }
    return { status, drift: [...(await schemaDrift(dataSource)), ...(await viewDrift(dataSource))] }
  } catch (error) {
    throw migrationFailure(settings, error)
  } finally {
    await dataSource.destroy()
  }
}

/** All is applied as this program has it, and the tables and views are as it expects them. */
export function isSound({ status, drift }: Check): boolean {
  return status.every(({ state }) => state === 'applied') && drift.every(({ harmless }) => harmless)
}
