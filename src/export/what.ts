import { CdrRecord } from '../entities/index.js'
import { jsonLineOf } from '../record/raw-json.js'

/** What is exported, a row of a table at a time. */
export interface What<Entity extends object = object, Property extends string = string> {
  /** In the names of its files. */
  name: string
  entity: new () => Entity
  /** The time by whose UTC day a row belongs to a file. */
  time: Property
  /** The moments at which rows change: whatever changes a row sets one of them. */
  changes: readonly Property[]
  /** What is also filled or emptied otherwise. */
  counted: readonly Property[]
  /** What is no column of a file; only `lineOf` needs it. */
  internal: readonly Property[]
  /** A row as one line of JSON. */
  lineOf(row: Entity): string
}

export const RECORDS: What<CdrRecord, keyof CdrRecord> = {
  name: 'records',
  entity: CdrRecord,
  time: 'startTime',
  changes: ['ingestionTimestamp', 'updatedTimestamp', 'maskedUtc'],
  counted: [],
  internal: ['rawJson', 'contentHash'],
  lineOf: jsonLineOf
}
