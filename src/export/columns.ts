import type { EntityManager } from 'typeorm'
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'
import type { What } from './what.js'

/** How a column's values come: a string, a Date, a number, a number or digits beyond 32 bits, a boolean, bytes. */
export type Kind = 'text' | 'time' | 'integer' | 'bigint' | 'boolean' | 'bytes'

export interface Column {
  /** In the database, and in the files. */
  name: string
  property: string
  kind: Kind
  metadata: ColumnMetadata
}

/** The values of a row, in the order of the columns; null where there is none. */
export type Row = readonly unknown[]

/** @param withInternal also what is no column of a file */
export function columnsOf(manager: EntityManager, what: What, withInternal: boolean): Column[] {
  return manager.dataSource
    .getMetadata(what.entity)
    .columns.map((metadata) => ({
      name: metadata.databaseName,
      property: metadata.propertyName,
      kind: kindOf(metadata),
      metadata
    }))
    .filter(({ property }) => withInternal || !(what.internal as readonly string[]).includes(property))
}

const KINDS: Record<string, Kind> = {
  datetime: 'time',
  datetime2: 'time',
  int: 'integer',
  integer: 'integer',
  bigint: 'bigint',
  bit: 'boolean',
  boolean: 'boolean',
  binary: 'bytes',
  blob: 'bytes'
}

function kindOf({ type, isGenerated }: ColumnMetadata): Kind {
  // SQLite has one type for all whole numbers.
  return isGenerated ? 'bigint' : (KINDS[String(type)] ?? 'text')
}
