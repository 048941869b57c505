import type { Item } from '../migrations/predecessor.js'
import { fixture, live as liveItem } from '../support/live.js'
import type { Row } from './support.js'

interface Field {
  key: string
  column: string
  sqlType: string
  docKey?: string
  csvKey?: string
}

export const fields: Field[] = fixture('fields.json')
export const live: Item = liveItem
export const reference: Item = fixture('reference-example.json').items[0]

/** An item in which every key has a value of its own. */
export function fullItem(): Item {
  const item: Item = {}
  for (const [index, { key, sqlType }] of fields.entries()) {
    if (sqlType.startsWith('datetime2')) item[key] = `2026-09-24T07:49:10.${100 + index}Z`
    else if (sqlType.startsWith('int')) item[key] = `${1000 + index}`
    else if (sqlType.startsWith('bit')) item[key] = 'true'
    else if (sqlType.startsWith('unique')) item[key] = ` EA9CD4C2-B4E8-3E0F-B518-B14906A6D${100 + index} `
    else item[key] = `Zoë 📞 ${index}`
  }
  return { ...item, 'Report ID': 'EA9CD4C2-B4E8-3E0F-B518-B14906A6D01A', Duration: 36 }
}

/** The full item with its keys spelt as the reference or the CSV report does. */
export function respelt(spelling: 'docKey' | 'csvKey'): Item {
  const full = fullItem()
  return Object.fromEntries(fields.map((field) => [field[spelling] ?? field.key, full[field.key]]))
}

/** An item with this value for every key but the one that a row cannot do without. */
export function filledWith(value: unknown): Item {
  const all = Object.fromEntries(fields.map(({ key }) => [key, value]))
  return { ...all, 'Start time': '2026-09-24T08:00:00.000Z' }
}

/** The columns that an item should fill, by fields.json alone. */
export function expectedRow(item: Item): Row {
  const row: Row = {}
  for (const { key, column, sqlType, docKey = key, csvKey = key } of fields) {
    const value = item[key] ?? item[docKey] ?? item[csvKey]
    const text = value === undefined || value === null || value === '' ? null : String(value)
    if (text === null) row[column] = sqlType.endsWith('NOT NULL') ? '' : null
    else if (sqlType.startsWith('datetime2')) row[column] = text.slice(0, 23).replace('T', ' ')
    else if (sqlType.startsWith('int')) row[column] = /^\d+$/.test(text) ? Number(text) : null
    else if (sqlType.startsWith('bit')) row[column] = Number(text === 'true')
    else if (sqlType.startsWith('unique')) row[column] = uuid(text)
    else row[column] = text
  }
  return { ...row, location_id: row.site_uuid, user_email: null }
}

function uuid(text: string): string | null {
  const trimmed = text.trim().toLowerCase()
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(trimmed) ? trimmed : null
}
