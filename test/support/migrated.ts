import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { migrate } from '../../src/database/migrator.js'

let file: Promise<Buffer> | undefined

/** Makes a SQLite file as `migrate` leaves it, which runs once in a process. */
export async function migrated(path: string): Promise<void> {
  file ??= migrateOnce()
  writeFileSync(path, await file, { mode: 0o600 })
}

async function migrateOnce(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'migrated-'))
  const path = join(folder, 'calls.db')
  await migrate(parseDatabaseUrl(`sqlite:${path}`), () => {})
  const database = new Database(path)
  database.pragma('wal_checkpoint(TRUNCATE)')
  database.close()
  const bytes = readFileSync(path)
  rmSync(folder, { recursive: true })
  return bytes
}
