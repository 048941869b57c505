import { hash } from 'node:crypto'
import { knownField } from './fields.js'
import { textOf } from './values.js'

const IDENTITY = [
  'Correlation ID',
  'Local call ID',
  'Network call ID',
  'Direction',
  'User UUID',
  'Start time',
  'Call ID'
].map(knownField)

/**
 * The key of a record without a usable Report ID. The migration that fills report_id derives the same in SQL.
 * @param values by the field's index
 */
export function derivedKey(values: readonly unknown[]): string {
  return uuidOfHash(IDENTITY.map(({ index }) => textOf(values[index]) ?? '').join('\u001f'))
}

/** SHA-256 over UTF-16LE, as SQL Server's HASHBYTES sees nvarchar, in the form of a version 8 UUID (RFC 9562). */
export function uuidOfHash(text: string): string {
  const hex = hash('sha256', Buffer.from(text, 'utf16le'))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
