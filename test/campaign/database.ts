import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { createTestDatabase } from '../support/mssql.js'
import { startProxy } from '../support/proxy.js'

/** A database that can be taken away from the program for a while. */
export interface CampaignDatabase {
  /** The program's DATABASE_URL. */
  url: string
  /** Past the program, and past what `takeAway` does to it. */
  query<T>(sql: string): Promise<T[]>
  /** @param ms how long */
  takeAway(ms: number): Promise<void>
  drop(): Promise<void>
}

/** A SQLite file; another process's transaction takes it away. */
export function sqliteDatabase(): CampaignDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'))
  const path = join(folder, 'calls.db')
  return {
    url: `sqlite:${path}`,
    async query<T>(sql: string) {
      const file = new Database(path)
      try {
        return file.prepare<[], T>(sql).all()
      } finally {
        file.close()
      }
    },
    async takeAway(ms) {
      const file = new Database(path)
      file.exec('BEGIN IMMEDIATE')
      await sleep(ms)
      file.exec('COMMIT')
      file.close()
    },
    async drop() {
      rmSync(folder, { recursive: true })
    }
  }
}

/** A database on SQL Server behind a proxy, which cuts all connections and takes none for a while. */
export async function mssqlDatabase(): Promise<CampaignDatabase> {
  const database = await createTestDatabase()
  const proxy = await startProxy(database.settings)
  const address = new URL(database.url)
  address.hostname = '127.0.0.1'
  address.port = String(proxy.port)
  return {
    url: address.href,
    query: (sql) => database.query(sql),
    async takeAway(ms) {
      proxy.refuse()
      await sleep(ms)
      proxy.accept()
    },
    async drop() {
      await proxy.close()
      await database.drop()
    }
  }
}
