import { type ApiField, apiFields } from '../entities/columns.js'
import { CdrRecord } from '../entities/index.js'
import { ENUMERATIONS, type JsonType, OTHER_SPELLINGS, TYPES } from './known-values.js'
import { saysNothing } from './values.js'

/** A key of the service, and what is known of its values. */
export interface Field {
  key: string
  /** Its place in FIELDS. */
  index: number
  /** The key without case and blanks. */
  folded: string
  types: readonly JsonType[]
  /** Its values, where it is an enumeration. */
  values?: ReadonlySet<string>
}

/** A column that a field feeds; `User` and `Site UUID` feed two. */
export interface FieldColumn extends ApiField {
  field: Field
}

/** The field that a key stands for, whatever its letter case and blanks. */
export function fieldOf(key: string): Field | undefined {
  return bySpelling.get(key) ?? byFoldedKey.get(folded(key))
}

/** Whether a key is spelled as the service, its reference or its CSV spell it. */
export function isKnownSpelling(key: string): boolean {
  return bySpelling.has(key)
}

/** Whether a value is one of a field's or none, or the field no enumeration. */
export function isKnownValue({ values }: Field, value: string): boolean {
  if (!values || values.has(value)) return true
  return saysNothing(value) || values.has(value.replace(/^(\D+)\d+$/, '$1<n>'))
}

/** The service, its reference and its CSV spell keys alike but for case and blanks. */
export function folded(key: string): string {
  return key.toLowerCase().replace(/\s+/g, '')
}

const declared = apiFields(CdrRecord)

export const FIELDS: readonly Field[] = [...new Set(declared.map(({ key }) => key))].map((key, index) => {
  const values = ENUMERATIONS[key]
  return {
    key,
    index,
    folded: folded(key),
    types: TYPES[key] ?? ['string'],
    ...(values ? { values: new Set(values) } : {})
  }
})
const byFoldedKey = new Map(FIELDS.map((field) => [field.folded, field]))
const bySpelling = new Map(
  [...FIELDS.map(({ key }) => key), ...OTHER_SPELLINGS].map((key) => [key, knownField(key)])
)

/** @throws Error where no column names the key */
export function knownField(key: string): Field {
  const field = byFoldedKey.get(folded(key))
  if (!field) throw new Error(`cdr_records has no column for the key ${key}`)
  return field
}

/** In the order in which CdrRecord declares them. */
export const COLUMNS: readonly FieldColumn[] = declared.map((column) => ({
  ...column,
  field: knownField(column.key)
}))
