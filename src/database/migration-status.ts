import { type DataSource, MigrationExecutor } from 'typeorm'
import type { DatabaseSettings } from '../config/database-url.js'
import { currentDialect } from '../entities/dialect.js'
import { ConfigurationError } from '../errors.js'
import { VERSION } from '../version.js'
import { type HistoryRow, readHistory } from './migration-history.js'
import { type ListedMigration, listMigrations, shortName } from './migration-list.js'
import { sayDatabase } from './say-database.js'

/**
 * edited: applied, but with another text than this program has. overtaken: not applied, though a later one is.
 * unknown: applied, and this program does not have it.
 */
export type MigrationState = 'applied' | 'pending' | 'edited' | 'overtaken' | 'unknown'

export interface MigrationStatus {
  /** With its timestamp. */
  name: string
  state: MigrationState
  /** The newest row of its history, where there is one. */
  history: HistoryRow | undefined
}

/** This program's migrations in their order, then those that it does not know. Reads only. */
export async function readStatus(dataSource: DataSource): Promise<MigrationStatus[]> {
  const queryRunner = dataSource.createQueryRunner()
  try {
    const applied = await new MigrationExecutor(dataSource, queryRunner).getExecutedMigrations()
    return statusOf(
      await listMigrations(currentDialect()),
      applied.map(({ name }) => name),
      await readHistory(queryRunner)
    )
  } finally {
    await queryRunner.release()
  }
}

/** @param applied the names in cdr_migrations, in any order */
export function statusOf(
  list: readonly ListedMigration[],
  applied: readonly string[],
  history: ReadonlyMap<string, HistoryRow>
): MigrationStatus[] {
  const isApplied = ({ name }: ListedMigration) => applied.includes(name)
  const last = list.findLastIndex(isApplied)
  const stateOf = (migration: ListedMigration, index: number): MigrationState => {
    if (!isApplied(migration)) return index < last ? 'overtaken' : 'pending'
    return isEdited(migration, history.get(migration.name)) ? 'edited' : 'applied'
  }
  const unknown = applied.filter((name) => !list.some((migration) => migration.name === name)).sort()
  return [
    ...list.map((migration, index) => ({ name: migration.name, state: stateOf(migration, index) })),
    ...unknown.map((name) => ({ name, state: 'unknown' as const }))
  ].map((status) => ({ ...status, history: history.get(status.name) }))
}

/** A database migrated before there was a history, or past this program, has no checksum to compare. */
function isEdited({ checksum }: ListedMigration, row: HistoryRow | undefined): boolean {
  return row !== undefined && row.action !== 'reverted' && row.checksum !== null && row.checksum !== checksum
}

export function namesIn(status: readonly MigrationStatus[], state: MigrationState): string[] {
  return status.filter((migration) => migration.state === state).map(({ name }) => name)
}

/** @throws ConfigurationError where applying or reverting would build on something else than it was written for */
export function refuseUnsafe(settings: DatabaseSettings, status: readonly MigrationStatus[]): void {
  const unknown = namesIn(status, 'unknown')
  const [edited] = namesIn(status, 'edited')
  const [overtaken] = namesIn(status, 'overtaken')
  if (unknown.length > 0) throw new ConfigurationError(sayUnknown(settings, unknown))
  if (overtaken) {
    throw new ConfigurationError(
      `${sayDatabase(settings)} lacks ${overtaken}, although later migrations are applied: when its changes are in place, record it with \`npm run migrate -- --baseline ${shortName(overtaken)}\``
    )
  }
  if (edited) {
    throw new ConfigurationError(
      `${sayDatabase(settings)}: the text of ${edited} that was applied differs from this program’s: use the version that applied it, or accept the difference with \`npm run migrate -- --baseline ${shortName(edited)}\``
    )
  }
}

export function sayUnknown(settings: DatabaseSettings, names: readonly string[]): string {
  return `${sayDatabase(settings)} has migrations that this program (version ${VERSION}) does not know: ${names.join(', ')}; use a newer version`
}
