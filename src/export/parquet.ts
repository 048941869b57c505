import { ByteWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer'
import { VERSION } from '../version.js'
import type { Column, Kind } from './columns.js'
import type { Format } from './format.js'

/** From so many rows on a row group is complete: about 1.5 MB in the file, 15 MB in memory. */
const GROUP = 5_000

/** Snappy, statistics and, where they make a column smaller, dictionaries are what the library does by itself. */
export const parquet: Format = {
  withInternal: false,
  open(_, columns, write) {
    const buffer = new ByteWriter()
    const flush = () => {
      write(buffer.getBytes())
      buffer.index = 0
    }
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(elementOf)]
    const writer = new ParquetWriter({ writer: buffer, schema, createdBy: `webex-cdr version ${VERSION}` })
    const emptyGroup = () => columns.map(({ name, kind }) => ({ name, kind, data: [] as unknown[] }))
    let group = emptyGroup()
    let size = 0
    const writeGroup = () => {
      if (size > 0) writer.write({ columnData: group, rowGroupSize: size })
      flush()
      group = emptyGroup()
      size = 0
    }
    return {
      add(rows) {
        for (const [index, { kind, data }] of group.entries()) {
          for (const row of rows) data.push(physical(row[index], kind))
        }
        size += rows.length
        if (size >= GROUP) writeGroup()
      },
      end() {
        writeGroup()
        writer.finish()
        flush()
      }
    }
  }
}

const TYPES: Record<Kind, Omit<SchemaElement, 'name'>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' }
  },
  'local time': {
    type: 'INT64',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' }
  },
  integer: { type: 'INT32' },
  bigint: { type: 'INT64' },
  boolean: { type: 'BOOLEAN' },
  bytes: { type: 'BYTE_ARRAY' }
}

/** All may be null: who reads files of several versions has one schema for them. */
function elementOf({ name, kind }: Column): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...TYPES[kind] }
}

/** A value as the file has it. The library takes Dates too, but converts each for the statistics once more. */
function physical(value: unknown, kind: Kind): unknown {
  if (value instanceof Date) return BigInt(value.getTime())
  return kind === 'bigint' && value !== null ? BigInt(value as string | number) : value
}
