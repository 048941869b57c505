import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import type { RawJson } from '../src/entities/index.js'
import { sampleRows } from './sample.js'

const RECORDS = 20_000
const PAGE_SIZE = 5_000

export interface SizeResult {
  keeping: RawJson
  /** Of a record in SQLite, table and indexes together. */
  bytes: number
  /** What its part of a call takes besides, in cdr_calls and cdr_call_parties. */
  ofCalls: number
}

/** What a record takes in SQLite by each setting of RAW_JSON. */
export async function benchRecordSize(folder: string): Promise<SizeResult[]> {
  return [
    { keeping: 'all', ...(await bytesOfRecord(folder, 'all')) },
    { keeping: 'rest', ...(await bytesOfRecord(folder, 'rest')) }
  ]
}

async function bytesOfRecord(folder: string, keeping: RawJson): Promise<Omit<SizeResult, 'keeping'>> {
  const rows = await sampleRows('sqlite', RECORDS, keeping)
  const path = join(folder, 'size.db')
  await migrate({ type: 'sqlite', path }, () => {})
  const dataSource = await connect({ type: 'sqlite', path })
  const { createLoader } = await import('../src/store/create-loader.js')
  const { storeRows } = await import('../src/store/keep-calls.js')
  const loader = await createLoader(dataSource.manager)
  for (let at = 0; at < rows.length; at += PAGE_SIZE) {
    await dataSource.transaction((manager) => storeRows(manager, loader, rows.slice(at, at + PAGE_SIZE)))
  }
  const bytesOf = async (...tables: string[]) => {
    const names = tables.map((table) => `'${table}'`).join(', ')
    const [{ bytes }] = await dataSource.query<[{ bytes: number }]>(
      `SELECT SUM(pgsize) AS bytes FROM dbstat
       WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name IN (${names}))`
    )
    return bytes / rows.length
  }
  const bytes = await bytesOf('cdr_records')
  const ofCalls = await bytesOf('cdr_calls', 'cdr_call_parties')
  await dataSource.destroy()
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return { bytes, ofCalls }
}
