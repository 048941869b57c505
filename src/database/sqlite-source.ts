import { chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DataSource, type DataSourceOptions } from 'typeorm'
import type { SqliteSettings } from '../config/database-url.js'
import type { DataSourceUse } from './data-source-use.js'
import { sqliteVersion } from './sqlite-driver.js'

/** How long to wait for another process's transaction, in ms. */
const BUSY_TIMEOUT = 10_000

interface Pragmas {
  pragma(statement: string): unknown
  exec(statement: string): unknown
}

export function sqliteOptions(
  { path }: SqliteSettings,
  { readonly = false, migrating = false, erasing = false }: DataSourceUse
): DataSourceOptions {
  return {
    type: 'better-sqlite3',
    database: path,
    readonly,
    enableWAL: !readonly,
    timeout: BUSY_TIMEOUT,
    prepareDatabase: (database: Pragmas) => {
      // With WAL, a commit survives a power cut only when it waits for the disk.
      database.pragma('synchronous = FULL')
      // Whether it can be read is told now, and by the connection.
      if (readonly) database.pragma('schema_version')
      else {
        // In pages of 4 KiB, and in KiB: what a page of records changes is written once, and not to the file at each commit.
        database.pragma('wal_autocheckpoint = 4000')
        database.pragma('cache_size = -32000')
      }
      if (erasing) database.pragma('secure_delete = ON')
      if (!migrating) return
      // In this order: two processes that had asked for the mode first would each wait for the other's shared lock.
      database.exec('BEGIN EXCLUSIVE')
      database.pragma('locking_mode = EXCLUSIVE')
      database.exec('COMMIT')
    }
  }
}

/**
 * SQLite reads a file in WAL mode by two others beside it, which whoever may not write to the folder cannot make, and
 * the last who wrote has taken away. One who has only read leaves them.
 */
export class WritingSqliteSource extends DataSource {
  override async destroy(): Promise<void> {
    await super.destroy()
    const { default: Database } = await import('better-sqlite3')
    try {
      const reader = new Database(String(this.options.database), { readonly: true, timeout: 0 })
      reader.pragma('schema_version')
      reader.close()
      shareBeside(String(this.options.database))
    } catch {
      // Another process has the file for itself, and leaves the same behind; or the group is not ours to give.
    }
  }
}

/** Who may use the file by its group may use these by theirs, though their maker has another one first. */
function shareBeside(path: string): void {
  const { gid } = statSync(path)
  for (const file of [`${path}-wal`, `${path}-shm`]) {
    const made = statSync(file)
    if (made.gid !== gid) chownSync(file, made.uid, gid)
  }
}

/** Call records are personal data: a new file is for its owner alone, and what SQLite puts beside it likewise. */
export async function createPrivately(path: string): Promise<void> {
  if (existsSync(path)) return
  // Without its driver nothing would be put into it.
  await sqliteVersion()
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, '', { flag: 'a', mode: 0o600 })
}
