import { type EntityManager, Repository } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { isRefusal } from '../database/error-kinds.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord } from '../entities/index.js'
import { messageOf } from '../errors.js'
import type { CdrRow } from './record.js'

/** Of the rows of a page; the rest was there already, with the same content or in a newer version. */
export interface Stored {
  inserted: number
  /** Rows whose content a newer redelivery changed. */
  updated: number
}

/** The database does not take one of the rows, whichever it is. */
export class RowsRefused extends Error {}

/** A column that a row brings. */
export interface StoredColumn {
  property: keyof CdrRow
  metadata: ColumnMetadata
}

/**
 * Repository of CdrRecord with the set-based bulk insert of a page.
 * Use it inside a transaction: `manager.withRepository(loader).store(rows)`.
 */
export abstract class CdrLoader extends Repository<CdrRecord> {
  /**
   * @param rows every Report ID at most once
   * @throws RowsRefused when a row is what is wrong: the transaction is of no use any more
   */
  async store(rows: readonly CdrRow[]): Promise<Stored> {
    if (rows.length === 0) return { inserted: 0, updated: 0 }
    try {
      return await this.write(rows)
    } catch (error) {
      throw isRefusal(error) ? new RowsRefused(messageOf(error), { cause: error }) : error
    }
  }

  protected abstract write(rows: readonly CdrRow[]): Promise<Stored>

  protected get storedColumns(): StoredColumn[] {
    return this.metadata.columns
      .filter(({ propertyName }) => !FILLED_BY_DATABASE.has(propertyName))
      .map((metadata) => ({ property: metadata.propertyName as keyof CdrRow, metadata }))
  }
}

const FILLED_BY_DATABASE = new Set(['id', 'ingestionTimestamp', 'updatedTimestamp'])

/** The loader of the dialect of `manager`'s data source. */
export async function createLoader(manager: EntityManager): Promise<CdrLoader> {
  if (currentDialect() === 'mssql') {
    const { MssqlLoader } = await import('./loader-mssql.js')
    return new MssqlLoader(CdrRecord, manager)
  }
  const { SqliteLoader } = await import('./loader-sqlite.js')
  return new SqliteLoader(CdrRecord, manager)
}
