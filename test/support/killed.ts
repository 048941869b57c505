import { DataSource } from 'typeorm'
import { vi } from 'vitest'
import { LeaseLostError } from '../../src/errors.js'

/** Has a sync end as `kill -9` ends it, once its row is open and so many pages are stored: it writes nothing more. */
export async function killedAfter(pages: number, sync: () => Promise<unknown>): Promise<void> {
  const transaction = DataSource.prototype.transaction
  let left = 1 + pages
  const spy = vi.spyOn(DataSource.prototype, 'transaction').mockImplementation(function (
    this: DataSource,
    ...given: unknown[]
  ) {
    if (left === 0) return Promise.reject(new LeaseLostError('killed'))
    left -= 1
    return Reflect.apply(transaction, this, given)
  })
  try {
    await sync().then(
      () => Promise.reject(new Error('it was done before it was killed')),
      (error) => {
        if (!(error instanceof LeaseLostError)) throw error
      }
    )
  } finally {
    spy.mockRestore()
  }
}
