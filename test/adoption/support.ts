import { createHash } from 'node:crypto'
import type { DataSource } from 'typeorm'
import type { DatabaseSettings } from '../../src/config/database-url.js'
import { connect } from '../../src/database/data-source.js'
import { listMigrations } from '../../src/database/migration-list.js'
import { migrate } from '../../src/database/migrator.js'
import { type Item, predecessorRow } from '../migrations/predecessor.js'
import { dialect, newDatabase } from '../support/contract.js'
import { mssqlUrl } from '../support/mssql.js'

export type Row = Record<string, unknown>

/** A database that the Python tool made, to be adopted. */
export class Adoptee {
  private constructor(
    readonly settings: DatabaseSettings,
    readonly drop: () => Promise<void>
  ) {}

  /** Empty, without tables. */
  static async bare(): Promise<Adoptee> {
    const { settings, drop } = await newDatabase()
    return new Adoptee(settings, drop)
  }

  /** With the tool's tables, no history, and these rows. */
  static async with(...rows: Row[]): Promise<Adoptee> {
    const adoptee = await Adoptee.bare()
    const [tables] = await listMigrations(dialect)
    await adoptee.using(async (dataSource) => {
      for (const statement of tables!.statements) await dataSource.query(statement)
    })
    await adoptee.insert('cdr_records', ...rows)
    return adoptee
  }

  /** For DATABASE_URL. */
  get url(): string {
    const { settings } = this
    if (settings.type === 'sqlite') return `sqlite:${settings.path}`
    const address = new URL(mssqlUrl!)
    address.pathname = `/${settings.database}`
    return address.href
  }

  /** @returns how many migrations were applied */
  migrate(): Promise<number> {
    return migrate(this.settings, () => {})
  }

  async using<T>(action: (dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await connect(this.settings)
    try {
      return await action(dataSource)
    } finally {
      await dataSource.destroy()
    }
  }

  query<T extends Row>(sql: string): Promise<T[]> {
    return this.using((dataSource) => dataSource.query<T[]>(sql))
  }

  /** Rows may bring their id. */
  insert(table: string, ...rows: Row[]): Promise<void> {
    return this.using(async (dataSource) => {
      for (const row of rows) {
        const columns = Object.keys(row).filter((column) => row[column] !== undefined)
        const values = columns.map((_, index) => (dialect === 'mssql' ? `@${index}` : '?'))
        const insert = `INSERT INTO ${table} (${columns}) VALUES (${values})`
        await dataSource.query(
          dialect === 'mssql' && 'id' in row
            ? `SET IDENTITY_INSERT ${table} ON; ${insert}; SET IDENTITY_INSERT ${table} OFF`
            : insert,
          columns.map((column) => row[column])
        )
      }
    })
  }

  /** All rows by id, in one form for both databases: times as text, flags as 0 and 1, ids as numbers. */
  rows(table = 'cdr_records', where = '1 = 1'): Promise<Row[]> {
    return this.using(async (dataSource) => {
      const { leavesEscapes } = await oddities(dataSource)
      const rows = await dataSource.query<Row[]>(`SELECT * FROM ${table} WHERE ${where} ORDER BY id`)
      return rows.map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([column, value]) => [column, plain(column, value, leavesEscapes)])
        )
      )
    })
  }
}

function plain(column: string, value: unknown, leavesEscapes: boolean): unknown {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  if (typeof value === 'boolean') return Number(value)
  if (typeof value !== 'string') return value
  if (column === 'id') return Number(value)
  if (column === 'report_id') return value.toLowerCase()
  return leavesEscapes && column !== 'raw_json' ? unescaped(value) : value
}

function unescaped(text: string): string {
  try {
    return text.includes('\\') ? JSON.parse(`"${text}"`) : text
  } catch {
    return text
  }
}

/** Where a server that stands in for SQL Server does not do what SQL Server's documentation says. */
export interface Oddities {
  /** HASHBYTES should see the UTF-16 of nvarchar; this one sees UTF-8, so that derived keys differ. */
  hashesUtf8: boolean
  /** JSON_VALUE should return the text; this one returns it as it is escaped in the document. */
  leavesEscapes: boolean
}

/** Measured, so that SQL Server itself is excused of nothing. */
export async function oddities(dataSource: DataSource): Promise<Oddities> {
  if (dialect === 'sqlite') return { hashesUtf8: false, leavesEscapes: false }
  const [found] = await dataSource.query<[{ hash: Buffer; text: string }]>(
    `SELECT HASHBYTES('SHA2_256', N'a') AS hash, JSON_VALUE(N'{"a": "\\u00eb"}', '$.a') AS text`
  )
  const utf16 = createHash('sha256').update('a', 'utf16le').digest()
  return { hashesUtf8: !utf16.equals(found.hash), leavesEscapes: found.text !== 'ë' }
}

/** The key that a record without a usable Report ID gets, from its identity's parts as they are in raw_json. */
export function derivedKey(parts: readonly unknown[], { hashesUtf8, leavesEscapes }: Oddities): string {
  const texts = parts.map((part) => {
    const text = part === undefined || part === null ? '' : String(part)
    return leavesEscapes ? ascii(text) : text
  })
  const hex = createHash('sha256')
    .update(texts.join('\u001f'), hashesUtf8 ? 'utf8' : 'utf16le')
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** As Python's json.dumps writes a text, without its quotes. */
function ascii(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

const IDENTITY = [
  'Correlation ID',
  'Local call ID',
  'Network call ID',
  'Direction',
  'User UUID',
  'Start time',
  'Call ID'
]

/** The parts of an item that its derived key is made of. */
export function identityOf(item: Item): unknown[] {
  return IDENTITY.map((key) => item[key])
}

/** The row that the Python tool would make of the item, with changes. */
export function stored(item: Item, changes: Row = {}): Row {
  return { ...predecessorRow(item), ...changes }
}
