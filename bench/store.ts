import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import type { CdrRow } from '../src/record/record.js'
import { median } from './median.js'
import { sampleRows } from './sample.js'

const RECORDS = 20_000
const ROUNDS = 5

export interface StoreResult {
  pageSize: number
  /** Rows a second. */
  loader: number
  bare: number
  /** The median of the rounds' ratios. */
  ratio: number
}

/** The loader beside a bare loop of prepared inserts: the same rows, the same table, by turns. */
export async function benchStore(folder: string): Promise<StoreResult[]> {
  const rows = await sampleRows('sqlite', RECORDS)
  const results: StoreResult[] = []
  for (const pageSize of [500, 5_000]) {
    const loader: number[] = []
    const bare: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      loader.push(rows.length / (await inFreshFile(folder, (path) => storeWithLoader(path, rows, pageSize))))
      bare.push(rows.length / (await inFreshFile(folder, (path) => storeBare(path, rows, pageSize))))
    }
    const ratio = median(loader.map((speed, round) => speed / (bare[round] ?? 0)))
    results.push({ pageSize, loader: median(loader), bare: median(bare), ratio })
  }
  return results
}

/** @returns what `work` measured, in s */
async function inFreshFile(folder: string, work: (path: string) => Promise<number>): Promise<number> {
  const path = join(folder, 'store.db')
  await migrate({ type: 'sqlite', path }, () => {})
  const seconds = await work(path)
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return seconds
}

async function storeWithLoader(path: string, rows: readonly CdrRow[], pageSize: number): Promise<number> {
  const dataSource = await connect({ type: 'sqlite', path })
  const { createLoader } = await import('../src/store/create-loader.js')
  const loader = await createLoader(dataSource.manager)
  const start = performance.now()
  for (let at = 0; at < rows.length; at += pageSize) {
    const { inserted } = await dataSource.transaction((manager) =>
      manager.withRepository(loader).store(rows.slice(at, at + pageSize))
    )
    if (inserted.length !== Math.min(pageSize, rows.length - at)) throw new Error('rows are missing')
  }
  const seconds = (performance.now() - start) / 1_000
  await dataSource.destroy()
  return seconds
}

async function storeBare(path: string, rows: readonly CdrRow[], pageSize: number): Promise<number> {
  const database = new Database(path)
  const { sqliteOptions } = await import('../src/database/sqlite-source.js')
  const options = sqliteOptions({ type: 'sqlite', path }, {})
  if ('prepareDatabase' in options) await options.prepareDatabase?.(database)
  const properties = Object.keys(rows[0] ?? {}) as (keyof CdrRow)[]
  const columns = properties.map((property) =>
    property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  )
  const values = rows.map((row) => properties.map((property) => boundValue(row[property])))
  const insert = database.prepare(
    `INSERT INTO cdr_records (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  )
  const insertPage = database.transaction((page: unknown[][]) => {
    for (const row of page) insert.run(row)
  })
  const start = performance.now()
  for (let at = 0; at < values.length; at += pageSize) insertPage(values.slice(at, at + pageSize))
  const seconds = (performance.now() - start) / 1_000
  database.close()
  return seconds
}

function boundValue(value: CdrRow[keyof CdrRow]): unknown {
  if (value instanceof Date) return value.toISOString().replace('T', ' ').replace('Z', '')
  return typeof value === 'boolean' ? Number(value) : value
}
