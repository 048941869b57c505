import type { DataSource, EntityManager } from 'typeorm'
import { type RetryTools, repeatableTransaction } from '../database/transaction.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrRetention } from '../entities/index.js'
import { createCallTables } from './create-call-tables.js'

/** For what is read in such a transaction: it must not change before it is written. SQLite needs no lock for that. */
export const LOCKED = currentDialect() === 'mssql' ? { lock: { mode: 'pessimistic_write' as const } } : {}

/**
 * A transaction beside a `sync`. It begins with a statement that writes, though nothing: SQLite refuses at once to write
 * in a transaction that has read what another process changed meanwhile, but waits for the other's end before the first.
 * It may make calls.
 */
export function writingTransaction<T>(
  tools: RetryTools & { dataSource: DataSource },
  work: (manager: EntityManager) => Promise<T>
): Promise<T> {
  return repeatableTransaction(
    tools.dataSource,
    async (manager) => {
      await manager
        .createQueryBuilder()
        .update(CdrRetention)
        .set({ seenId: () => 'seen_id' })
        .where('1 = 0')
        .execute()
      await (await createCallTables(manager)).lock()
      return work(manager)
    },
    tools
  )
}
