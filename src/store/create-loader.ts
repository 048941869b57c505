import type { EntityManager } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord } from '../entities/index.js'
import type { CdrLoader } from './loader.js'

/** The loader of the dialect of `manager`'s data source. */
export async function createLoader(manager: EntityManager): Promise<CdrLoader> {
  if (currentDialect() === 'mssql') {
    const { MssqlLoader } = await import('./loader-mssql.js')
    return new MssqlLoader(CdrRecord, manager)
  }
  const { SqliteLoader } = await import('./loader-sqlite.js')
  return new SqliteLoader(CdrRecord, manager)
}
