import { readFileSync } from 'node:fs'
import { getMetadataArgsStorage } from 'typeorm'
import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { databaseError } from '../../src/database/database-error.js'
import { HISTORY_TABLES } from '../../src/database/migration-history.js'
import { listMigrations, shortName } from '../../src/database/migration-list.js'
import { live } from '../support/live.js'
import { blocks, page, section, tableRows } from './dba-page.js'
import {
  apiFields,
  columnsOf,
  type Estimate,
  entities,
  estimate,
  keysOf,
  rowsOf,
  simulatedItems
} from './row-size.js'

const {
  CdrApiDrift,
  CdrCoverage,
  CdrRecord,
  CdrReport,
  CdrRetention,
  CdrSyncError,
  CdrSyncLease,
  CdrSyncState
} = entities
const { GAP, QUARANTINED, REFUSED } = entities

/** The table of a section as column and type, in no certain order. */
const documented = (heading: string) =>
  tableRows(section(heading))
    .map(([name = '', type = '']) => `${name.replaceAll('`', '')} ${type}`)
    .sort()

const source = (path: string) => readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8')

describe('docs/DBA.md', () => {
  test.each([
    ['### cdr_records', CdrRecord],
    ['### cdr_sync_state', CdrSyncState],
    ['### cdr_sync_errors', CdrSyncError],
    ['### cdr_coverage', CdrCoverage],
    ['### cdr_sync_lease', CdrSyncLease],
    ['### cdr_api_drift', CdrApiDrift],
    ['### cdr_reports', CdrReport],
    ['### cdr_retention', CdrRetention]
  ])('%s has the columns of the entity, and no other', (heading, entity) => {
    const real = columnsOf(entity).map(
      ({ name, type, nullable }) => `${name} ${type}${nullable ? '' : ' NOT NULL'}`
    )
    expect(documented(heading)).toEqual(real.sort())
  })

  test.each([
    ['### cdr_migrations', 0],
    ['### cdr_schema_history', 1]
  ])('%s has the columns that the migrator makes', (heading, index) => {
    const made = HISTORY_TABLES.mssql[index] ?? ''
    const real = [...made.matchAll(/^ {8}\[?(\w+)\]? +([a-z]\w+(?:\(\d+\))?) .*?(NOT NULL|NULL|$)/gm)].map(
      ([, name, type, nullable]) => `${name} ${type}${nullable === 'NOT NULL' ? ' NOT NULL' : ''}`
    )
    expect(documented(heading)).toEqual(real.sort())
  })

  test('says of each column which key of the service feeds it', () => {
    const keys = new Map(apiFields(CdrRecord).map(({ property, key }) => [property, key]))
    const real = columnsOf(CdrRecord).map(({ name, property }) => [name, keys.get(property)])
    const told = tableRows(section('### cdr_records')).map(([name = '', , from = '']) => [
      name.replaceAll('`', ''),
      /^`([^`]+)`/.exec(from)?.[1]
    ])
    expect(told).toEqual(real)
    expect(keys.size).toBeGreaterThan(80)
  })

  test('has the indexes, and no other', () => {
    const told = tableRows(section('## Indexes')).map(
      ([name = '', columns]) => `${name.replaceAll('`', '')} ${columns}`
    )
    const real = keysOf(CdrRecord).map(({ name, columns }) => `${name} ${columns.join(', ')}`)
    expect(told.sort()).toEqual(real.sort())
    const others = getMetadataArgsStorage().indices.filter(({ target }) => target !== CdrRecord)
    expect(others.length).toBeGreaterThan(1)
    for (const { name } of others) expectTold(`\`${name}\``)
  })

  test('names the migrations in their order', async () => {
    const real = (await listMigrations('mssql')).map(({ name }) => shortName(name))
    expect(tableRows(section('## Migrations')).map(([name = '']) => name.replaceAll('`', ''))).toEqual(real)
  })

  test.each([
    ['database/mssql-options.ts', /CONNECTIONS = 3\b/, 'at most 3 connections'],
    ['database/mssql-options.ts', /CONNECTION_TIMEOUT = 15_000\b/, '15 s to connect'],
    ['database/mssql-options.ts', /REQUEST_TIMEOUT = 120_000\b/, '120 s a statement'],
    ['database/mssql-bulk.ts', /BULK_TIMEOUT = 120_000\b/, '120 s a bulk load'],
    ['database/mssql-options.ts', /appName: 'webex-cdr'/, "program_name = N'webex-cdr'"],
    ['database/mssql-options.ts', /isolationLevel: 'READ COMMITTED'/, 'READ COMMITTED'],
    ['database/mssql-options.ts', /abortTransactionOnError: true/, 'XACT_ABORT ON'],
    ['database/lease.ts', /DURATION = 110\b/, '110 s later'],
    ['database/lease.ts', /HEARTBEAT = 20_000\b/, 'every 20 s'],
    [
      'database/transaction.ts',
      /BACKOFF = \[(\d[\d_]*(, |(?=\]))){8}\]/,
      'up to eight times within two minutes'
    ],
    ['store/loader-mssql.ts', /ROWS_A_STATEMENT = 2_000\b/, 'at most 2,000 keys'],
    ['coverage/rules.ts', /LATENESS = \{ least: 48 \* HOUR/, 'once a day 48 hours'],
    ['coverage/rules.ts', /kept: 30 \* DAY/, 'as long as Webex delivers them (30 days)']
  ])('tells of %s: %s', (path, real, told) => {
    expect(source(path)).toMatch(real)
    expectTold(told)
  })

  test('shows DATABASE_URLs that the program takes', () => {
    const urls = [...page.matchAll(/^DATABASE_URL='(.*)'$/gm)].map(([, url = '']) => url)
    expect(urls.length).toBeGreaterThan(5)
    for (const url of urls) expect(parseDatabaseUrl(url)).toMatchObject({ type: 'mssql', encrypt: true })
  })

  test.each([GAP, REFUSED, QUARANTINED])('knows the error_type %s', (type) => {
    expect(section('### cdr_sync_errors')).toContain(`\`${type}\``)
  })

  test('names each of its SQL once, and links to sections that are there', () => {
    expect(blocks.length).toBe(page.match(/^```sql$/gm)?.length)
    expect(new Set(blocks.map(({ name }) => name)).size).toBe(blocks.length)
    const headings = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => anchorOf(text))
    for (const [, anchor] of page.matchAll(/\]\(#([^)]+)\)/g)) expect(headings).toContain(anchor)
  })

  test.each([229, 230, 262, 297, 1088, 3701])('is named when a right is missing: error %i', (number) => {
    const settings = parseDatabaseUrl('mssql://somebody:secret@localhost/calls')
    const refusal = Object.assign(new Error('permission denied'), { name: 'RequestError', number })
    expect(String(databaseError(settings, refusal))).toMatch(/lacks a permission: docs\/DBA\.md/)
  })
})

describe('the sizes in docs/DBA.md', () => {
  const items = simulatedItems()
  const all = estimate(rowsOf(items, 'all'))
  const rested = rowsOf(items, 'rest')
  const rest = estimate(rested)
  const compressed = estimate(rested, { compressed: true })
  const gigabytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} GB`
  const rows = tableRows(section('## Size'))
  const [sizes, parts] = [rows.slice(0, 2), rows.slice(2)]

  test('are those of the simulated records', () => {
    const row = ({ table, indexes }: Estimate) => [table, indexes, table + indexes].map(gigabytes)
    expect(sizes.map(([, ...cells]) => cells.map(plain))).toEqual([
      [...row(all), ''],
      [...row(rest), gigabytes(compressed.table + compressed.indexes)]
    ])
    expectTold(`${all.records.toLocaleString('en-US')} records of a simulated week`)
    expect(all.rowsAPage).toBeCloseTo(1, 3)
    for (const [name = '', , size] of tableRows(section('## Indexes'))) {
      expect(Number(size), name).toBe(Math.round(all.byIndex[name.replaceAll('`', '')] ?? 0))
    }
  })

  test('and their parts', () => {
    const column = ({ rawJson, otherText, fixed, row }: Estimate) =>
      [rawJson, otherText, fixed, row - rawJson - otherText - fixed, row].map(roughly)
    const told = (index: number) => parts.map((cells) => Number(plain(cells[index] ?? '')))
    expect([told(1), told(2)]).toEqual([column(all), column(rest)])
    expectTold(
      `so a row of ${thousands(all.row)} bytes takes 8,192; of ${thousands(rest.row)} bytes, four or five`
    )
    expect(Math.round(rest.rowsAPage * 10)).toBe(46)
  })

  test('and of one real record', () => {
    const [all, rest] = (['all', 'rest'] as const).map((rawJson) => estimate(rowsOf([live], rawJson)).row)
    expectTold(`comes to a row of ${thousands(all!)} bytes, with \`rest\` ${thousands(rest!)}`)
  })
})

/** A cell without what only formats it. */
function plain(cell: string): string {
  return cell.replace(/[*,]/g, '').trim()
}

function thousands(bytes: number): string {
  return roughly(bytes).toLocaleString('en-US')
}

/** The page says so; it is too long to be shown where it does not. */
function expectTold(words: string): void {
  expect(page.replace(/\s+/g, ' ').includes(words), words).toBe(true)
}

/** To ten bytes, above a hundred. */
function roughly(bytes: number): number {
  return bytes > 100 ? Math.round(bytes / 10) * 10 : Math.round(bytes)
}

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
}
