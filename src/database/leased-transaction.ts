import type { DataSource, EntityManager } from 'typeorm'
import type { Sleep } from '../clock.js'
import type { Log } from '../log.js'
import type { Lease } from './lease.js'
import { repeatableTransaction } from './transaction.js'

export interface LeasedParts {
  dataSource: DataSource
  lease: Lease
  log: Log
  sleep: Sleep
  signal: AbortSignal
}

/**
 * A transaction that begins with renewing the lease, begun again where that may help.
 * @param work is told which attempt it is, from 0 on
 * @throws LeaseLostError
 */
export function leasedTransaction<T>(
  parts: LeasedParts,
  work: (manager: EntityManager, attempt: number) => Promise<T>
): Promise<T> {
  return repeatableTransaction(
    parts.dataSource,
    async (manager, attempt) => {
      await parts.lease.renew(manager)
      return work(manager, attempt)
    },
    parts
  )
}
