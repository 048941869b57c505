import { createHash } from 'node:crypto'
import type { MigrationInterface, QueryRunner } from 'typeorm'
import type { Dialect } from '../entities/dialect.js'
import { UsageError } from '../errors.js'
import { migrationsOf } from './data-source.js'

/** A migration that this program brings. */
export interface ListedMigration {
  /** With its timestamp, as cdr_migrations has it. */
  name: string
  /** The SQL that it runs, in order. */
  statements: readonly string[]
  /** SHA-256 over the statements, in hexadecimal. */
  checksum: string
  /** Its statements and its history row commit together. */
  transactional: boolean
}

/** A migration that decides from what it reads names here all the SQL that it may run. */
interface WithStatements extends MigrationInterface {
  statements?: readonly string[]
}

type MigrationClass = new () => WithStatements

/** All migrations in their order, without a database. */
export async function listMigrations(dialect: Dialect): Promise<ListedMigration[]> {
  const classes: readonly MigrationClass[] = await migrationsOf({ type: dialect })
  return Promise.all(classes.map(listed))
}

/**
 * The place in the list of a migration that is named with or without its timestamp, in any letter case.
 * @throws UsageError that lists the names there are
 */
export function placeOf(name: string, list: readonly ListedMigration[]): number {
  const wanted = name.toLowerCase()
  const place = list.findIndex((migration) =>
    [migration.name, shortName(migration.name)].some((known) => known.toLowerCase() === wanted)
  )
  if (place >= 0) return place
  const known = list.map((migration) => shortName(migration.name)).join(', ')
  throw new UsageError(`unknown migration “${name}”; known are ${known}`)
}

/** Without the timestamp. */
export function shortName(name: string): string {
  return name.replace(/\d{13}$/, '')
}

async function listed(Migration: MigrationClass): Promise<ListedMigration> {
  const migration = new Migration()
  const statements = migration.statements ?? (await recorded(migration))
  return {
    name: Migration.name,
    statements,
    checksum: createHash('sha256').update(JSON.stringify(statements)).digest('hex'),
    transactional: migration.transaction !== false
  }
}

/** What up() would run. */
async function recorded(migration: MigrationInterface): Promise<string[]> {
  const statements: string[] = []
  const query = async (sql: string, parameters?: unknown) => {
    if (parameters !== undefined) throw new Error('a migration with parameters has to name its statements')
    statements.push(sql)
  }
  await migration.up({ query } as unknown as QueryRunner)
  return statements
}
