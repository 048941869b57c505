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
}

/** What a record takes in SQLite by each setting of RAW_JSON. */
export async function benchRecordSize(folder: string): Promise<SizeResult[]> {
  return [
    { keeping: 'all', bytes: await bytesOfRecord(folder, 'all') },
    { keeping: 'rest', bytes: await bytesOfRecord(folder, 'rest') }
  ]
}

async function bytesOfRecord(folder: string, keeping: RawJson): Promise<number> {
  const rows = await sampleRows('sqlite', RECORDS, keeping)
  const path = join(folder, 'size.db')
  await migrate({ type: 'sqlite', path }, () => {})
  const dataSource = await connect({ type: 'sqlite', path })
  const { createLoader } = await import('../src/store/create-loader.js')
  const loader = await createLoader(dataSource.manager)
  for (let at = 0; at < rows.length; at += PAGE_SIZE) {
    await dataSource.transaction((manager) =>
      manager.withRepository(loader).store(rows.slice(at, at + PAGE_SIZE))
    )
  }
  const [{ bytes }] = await dataSource.query<[{ bytes: number }]>(
    "SELECT SUM(pgsize) AS bytes FROM dbstat WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = 'cdr_records')"
  )
  await dataSource.destroy()
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return bytes / rows.length
}
