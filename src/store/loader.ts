import { Repository } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import { isRefusal } from '../database/error-kinds.js'
import type { CdrRecord } from '../entities/index.js'
import { messageOf } from '../errors.js'
import { LEG } from '../record/leg.js'
import { hashOfJson } from '../record/raw-json.js'
import type { CdrRow } from '../record/record.js'
import { WORDS_FOR_NOTHING } from '../record/values.js'

/** Of the rows of a page; the rest was there already, with the same content or in a newer version. */
export interface Stored {
  inserted: number
  /** Rows whose content a newer redelivery changed. */
  updated: number
  /** Those that were left out: their Report IDs are there, for other legs. */
  others: CdrRow[]
}

/** A row that is there without a content hash, as the Python tool stored it. */
export interface Unhashed {
  row: CdrRow
  /** Of the row that is there. */
  rawJson: string
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
   * @throws RowsRefused when a row is what is wrong: the transaction is of no use any more
   */
  async store(rows: readonly CdrRow[]): Promise<Stored> {
    const stored: Stored = { inserted: 0, updated: 0, others: [] }
    const add = ({ inserted, updated, others }: Stored) => {
      stored.inserted += inserted
      stored.updated += updated
      stored.others.push(...others)
    }
    try {
      for (const part of withEachReportIdOnce(rows)) {
        const { unhashed, ...written } = await this.write(part)
        add(written)
        if (unhashed.length === 0) continue
        await this.setHashes(
          unhashed.map(({ row: { reportId }, rawJson }) => ({ reportId, contentHash: hashOfJson(rawJson) }))
        )
        add(await this.write(unhashed.map(({ row }) => row)))
      }
      return stored
    } catch (error) {
      throw isRefusal(error) ? new RowsRefused(messageOf(error), { cause: error }) : error
    }
  }

  /**
   * @param rows every Report ID at most once
   * @returns also those that were left out because nobody knows yet whether they bring anything new
   */
  protected abstract write(rows: readonly CdrRow[]): Promise<Stored & { unhashed: Unhashed[] }>

  /** Gives stored rows the content hashes of these. */
  protected abstract setHashes(rows: readonly Pick<CdrRow, 'reportId' | 'contentHash'>[]): Promise<void>

  protected get storedColumns(): StoredColumn[] {
    return this.metadata.columns
      .filter(({ propertyName }) => !FILLED_BY_DATABASE.has(propertyName))
      .map((metadata) => ({ property: metadata.propertyName as keyof CdrRow, metadata }))
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

/** One part, as a rule. */
function* withEachReportIdOnce(rows: readonly CdrRow[]): Generator<readonly CdrRow[]> {
  for (let left = rows; left.length > 0; ) {
    const part = new Map<string, CdrRow>()
    const later: CdrRow[] = []
    for (const row of left) {
      if (part.has(row.reportId)) later.push(row)
      else part.set(row.reportId, row)
    }
    yield later.length === 0 ? left : [...part.values()]
    left = later
  }
}

const FILLED_BY_DATABASE = new Set(['id', 'ingestionTimestamp', 'updatedTimestamp'])
