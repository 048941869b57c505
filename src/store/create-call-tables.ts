import type { EntityManager } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import type { CallTables } from './call-tables.js'

export async function createCallTables(manager: EntityManager): Promise<CallTables> {
  if (currentDialect() === 'mssql') {
    const { MssqlCallTables } = await import('./call-tables-mssql.js')
    return new MssqlCallTables(manager)
  }
  const { SqliteCallTables } = await import('./call-tables-sqlite.js')
  return new SqliteCallTables(manager)
}
