import { type EntityManager, Repository } from 'typeorm'
import { CdrRecord } from '../entities/index.js'
import type { CdrRow } from './record.js'

/** A row that the database does not take, and why. */
export interface Refusal {
  row: CdrRow
  reason: string
}

export interface Stored {
  inserted: number
  /** Rows whose content a newer redelivery changed. */
  updated: number
  /** Rows that were there already, with the same content or a newer version. */
  duplicate: number
  refused: Refusal[]
}

/**
 * Repository of CdrRecord with the set-based bulk insert of a page.
 * Use it inside a transaction: `manager.withRepository(loader).store(rows)`.
 */
export abstract class CdrLoader extends Repository<CdrRecord> {
  /** @param rows every Report ID at most once */
  abstract store(rows: readonly CdrRow[]): Promise<Stored>

  /** The columns that a row brings: property and column name. */
  protected get storedColumns(): { property: keyof CdrRow; column: string }[] {
    return this.metadata.columns
      .filter(({ propertyName }) => !FILLED_BY_DATABASE.has(propertyName))
      .map(({ propertyName, databaseName }) => ({
        property: propertyName as keyof CdrRow,
        column: databaseName
      }))
  }
}

const FILLED_BY_DATABASE = new Set(['id', 'ingestionTimestamp', 'updatedTimestamp'])

/** The loader of the dialect of `manager`'s data source. */
export async function createLoader(manager: EntityManager): Promise<CdrLoader> {
  const { SqliteLoader } = await import('./loader-sqlite.js')
  return new SqliteLoader(CdrRecord, manager)
}
