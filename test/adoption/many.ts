import mssql from 'mssql'
import type { MssqlSettings } from '../../src/config/database-url.js'
import type { Item } from '../migrations/predecessor.js'
import { dialect } from '../support/contract.js'
import { openPool } from '../support/mssql.js'
import { expectedRow, live } from './items.js'
import { type Adoptee, derivedKey, identityOf, type Oddities, type Row, stored } from './support.js'

/** Row n of the Python tool, from 1 on, and what is to become of it. */
export interface Stored {
  row: Row
  /** undefined where a newer row proves to be the same record. */
  expected: (oddities: Oddities) => Row | undefined
}

/** Every twentieth row is of the same kind. */
export function storedRow(n: number): Stored {
  const item = itemOf(n)
  const row = stored(item)
  const key = usable(item['Report ID'])
  const adopted = (oddities: Oddities) => ({
    ...expectedRow(item),
    user_email: String(item.User).includes('@') ? item.User : null,
    report_id: key ?? derivedKey(identityOf(item), oddities)
  })
  switch (n % 20) {
    case 5:
      return unreadable(row, null)
    case 7:
      return unreadable(row, String(row.raw_json).slice(0, 700))
    case 8:
      return unreadable(row, '[1, 2]')
    case 16: // the next row is newer
    case 18: // this row is older than the one before
      return { row, expected: () => undefined }
    default:
      return { row, expected: adopted }
  }
}

function itemOf(n: number): Item {
  const kind = n % 20
  const record = kind === 16 || kind === 18 ? n + (kind === 16 ? 1 : -1) : n
  const start = time(Date.UTC(2026, 0, 1) + n * 977)
  return {
    ...live,
    'Report ID': kind === 3 ? '' : kind === 4 ? 'NA' : uuid(record),
    'Report time': time(Date.UTC(2026, 5, 1) + (kind === 18 ? record - 2 : n) * 1000),
    'Call ID': kind === 11 ? '' : `SSE${n}-${n * 7}@10.177.4.29`,
    'Start time': start,
    'Answer time': n % 3 === 0 ? start : '',
    'Release time': kind === 13 ? start.replace('T', ' ').replace('Z', '') : start,
    Answered: String(n % 3 === 0),
    Duration: n % 1000,
    'Ring duration': kind === 15 ? 'NA' : `${n % 60}`,
    'Hold duration': kind === 15 ? '' : n % 7,
    Direction: record % 2 === 0 ? 'ORIGINATING' : 'TERMINATING',
    User: kind === 9 ? `user.${n}@example.com` : kind === 15 ? 'NA' : `Zoë ${n} 📞`,
    Location: `Łódź ${n % 7}`,
    'Site UUID': uuid(n % 7),
    'User UUID': uuid(record % 5000),
    'Local SessionID': `local ${n}`,
    'Remote SessionID': `remote ${n}`,
    'Final local SessionID': `final local ${n}`,
    'Final remote SessionID': `final remote ${n}`,
    'Local call ID': `${record}:0`,
    'Caller Reputation Score Reason': 'x'.repeat(n % 513)
  }
}

function unreadable(row: Row, rawJson: string | null): Stored {
  const expected = { ...row, raw_json: rawJson }
  const start = String(row.start_time).replace(' ', 'T')
  const identity = [row.correlation_id, '', '', row.direction, row.user_id, `${start}Z`, row.call_id]
  const empty = Object.fromEntries(
    Object.entries(expected).map(([column, value]) => [
      column,
      value === undefined || value === '' ? null : value
    ])
  )
  return {
    row: expected,
    expected: (oddities) => ({
      ...empty,
      report_id: derivedKey(identity, { ...oddities, leavesEscapes: false }),
      user_name: null
    })
  }
}

function usable(reportId: unknown): string | undefined {
  return String(reportId).length === 36 ? String(reportId) : undefined
}

function uuid(n: number): string {
  return `00000000-0000-3000-8000-${`${n}`.padStart(12, '0')}`
}

function time(moment: number): string {
  return new Date(moment).toISOString()
}

/** In one bulk load each. */
const CHUNK = 5_000

/** Stores rows 1 to count as the Python tool would, only faster. */
export async function storeMany(adoptee: Adoptee, count: number): Promise<void> {
  if (dialect === 'mssql') return bulkLoad(adoptee.settings as MssqlSettings, count)
  await adoptee.using((dataSource) =>
    dataSource.transaction(async (manager) => {
      for (let n = 1; n <= count; n += 1) {
        const { row } = storedRow(n)
        const columns = Object.keys(row)
        await manager.query(
          `INSERT INTO cdr_records (${columns}) VALUES (${columns.map(() => '?')})`,
          columns.map((column) => row[column])
        )
      }
    })
  )
}

async function bulkLoad(settings: MssqlSettings, count: number): Promise<void> {
  const pool = await openPool(settings)
  try {
    for (let first = 1; first <= count; first += CHUNK) {
      const table = new mssql.Table('dbo.cdr_records')
      const columns = Object.keys(storedRow(1).row)
      for (const column of columns) table.columns.add(column, typeOf(column), { nullable: true })
      for (let n = first; n < first + CHUNK && n <= count; n += 1) {
        const { row } = storedRow(n)
        table.rows.add(...columns.map((column) => bulkValue(column, row[column])))
      }
      await pool.request().bulk(table, { keepNulls: true })
    }
  } finally {
    await pool.close()
  }
}

function typeOf(column: string) {
  if (/_time$/.test(column)) return mssql.DateTime2(7)
  if (column === 'duration') return mssql.Int()
  if (column === 'answered') return mssql.Bit()
  return column === 'raw_json' ? mssql.NVarChar(mssql.MAX) : mssql.NVarChar(255)
}

function bulkValue(column: string, value: unknown): mssql.IRow[number] {
  if (value === undefined || value === null) return null
  if (/_time$/.test(column)) return new Date(`${String(value).replace(' ', 'T')}Z`)
  return column === 'answered' ? value === 1 : (value as string | number)
}
