import { Repository } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { isRefusal } from '../database/error-kinds.js'
import type { CdrRecord } from '../entities/index.js'
import { messageOf } from '../errors.js'
import { LEG } from '../record/leg.js'
import { hashOfJson } from '../record/raw-json.js'
import type { CdrRow } from '../record/record.js'
import { WORDS_FOR_NOTHING } from '../record/values.js'
import { allowed } from './barred.js'

/** Of the rows of a page, as they came; the rest was there already, with the same content or in a newer version. */
export interface Stored {
  inserted: CdrRow[]
  /** Rows whose content a newer redelivery changed. */
  updated: CdrRow[]
  /** Those that were left out: their Report IDs are there, for other legs. */
  others: CdrRow[]
}

/** A row that is there without a content hash, as the Python tool stored it. */
export interface Unhashed {
  row: CdrRow
  /** Of the row that is there. */
  rawJson: string
}

/** What of a stored row may be changed. */
export type ChangedRow = CdrRow & Pick<CdrRecord, 'maskedUtc'>

/** The database does not take one of the rows, whichever it is. */
export class RowsRefused extends Error {}

export interface StoredColumn<Property = keyof CdrRow> {
  property: Property
  metadata: ColumnMetadata
}

/**
 * Repository of CdrRecord with the set-based bulk insert of a page.
 * Use it inside a transaction: `manager.withRepository(loader).store(rows)`.
 */
export abstract class CdrLoader extends Repository<CdrRecord> {
  /**
   * @throws RowsRefused when a row is what is wrong: the transaction is of no use any more
   */
  async store(rows: readonly CdrRow[]): Promise<Stored> {
    const stored: Stored = { inserted: [], updated: [], others: [] }
    const add = ({ inserted, updated, others }: Stored) => {
      stored.inserted.push(...inserted)
      stored.updated.push(...updated)
      stored.others.push(...others)
    }
    try {
      const { rows: toStore, cameAs } = await allowed(this.manager, rows)
      for (const part of this.parts(toStore)) {
        const { unhashed, ...written } = await this.write(part)
        add(written)
        if (unhashed.length === 0) continue
        await this.change(
          ['contentHash'],
          unhashed.map(({ row: { reportId }, rawJson }) => ({ reportId, contentHash: hashOfJson(rawJson) }))
        )
        add(await this.write(unhashed.map(({ row }) => row)))
      }
      return {
        inserted: stored.inserted.map(cameAs),
        updated: stored.updated.map(cameAs),
        others: stored.others.map(cameAs)
      }
    } catch (error) {
      throw isRefusal(error) ? new RowsRefused(messageOf(error), { cause: error }) : error
    }
  }

  /** What `write` takes at once. */
  protected parts(rows: readonly CdrRow[]): Iterable<readonly CdrRow[]> {
    return [rows]
  }

  /**
   * @returns also those that were left out because nobody knows yet whether they bring anything new
   */
  protected abstract write(rows: readonly CdrRow[]): Promise<Stored & { unhashed: Unhashed[] }>

  /** Gives stored rows these columns of the rows with their Report IDs; `updated_timestamp` stays. */
  abstract change<Column extends keyof ChangedRow>(
    columns: readonly Column[],
    rows: readonly Pick<ChangedRow, Column | 'reportId'>[]
  ): Promise<void>

  /** The columns that a record brings. */
  protected get storedColumns(): StoredColumn[] {
    return this.columnsOf(
      this.metadata.columns
        .map(({ propertyName }) => propertyName as keyof CdrRow)
        .filter((property) => !NOT_OF_A_RECORD.has(property))
    )
  }

  protected columnsOf<Property extends string>(properties: readonly Property[]): StoredColumn<Property>[] {
    return this.metadata.columns.flatMap((metadata) => {
      const property = properties.find((name) => name === metadata.propertyName)
      return property ? [{ property, metadata }] : []
    })
  }
}

/**
 * SQL, true where a stored row and one that came are of different legs: as `isAnotherLeg`.
 * @param stored what is put before the name of a column for the stored row's value
 * @param came likewise
 * @param exactly a collation for the comparison
 */
export function differInLeg(
  columns: readonly StoredColumn[],
  stored: string,
  came: string,
  exactly = ''
): string {
  const words = WORDS_FOR_NOTHING.map((word) => `'${word}'`).join(', ')
  return columns
    .filter(({ property }) => LEG.some((name) => name === property))
    .map(({ metadata: { databaseName: column } }) => {
      const [one, other] = [stored + column, came + column]
      // Most are the same to the letter, which is quickly seen.
      return `(${one} <> ${other} ${exactly} AND UPPER(${one}) <> UPPER(${other}) ${exactly}
            AND UPPER(${one}) NOT IN (${words}) AND UPPER(${other}) NOT IN (${words}))`
    })
    .join('\n          OR ')
}

/**
 * SQL for what an update gives a column: the journey stays until the calls are made anew.
 * @param stored what is put before the name of a column for the stored row's value
 * @param came the value that came
 */
export function kept(column: string, stored: string, came: string): string {
  return column === 'journey_id' ? `COALESCE(${stored}${column}, ${came})` : came
}

const NOT_OF_A_RECORD: ReadonlySet<string> = new Set([
  'id',
  'ingestionTimestamp',
  'updatedTimestamp',
  'maskedUtc'
])
