import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { migrate } from '../../src/database/migrator.js'
import { TemporaryError } from '../../src/errors.js'
import { newFile } from './support.js'

let checks = 0

vi.mock('../../src/database/migration-lock.js', () => ({
  withMigrationLock: (_settings: unknown, _dataSource: unknown, action: (lock: unknown) => unknown) =>
    action({
      check: async () => {
        checks += 1
        if (checks === 3) throw new TemporaryError('the lock was lost')
      }
    })
}))

test('no migration begins once the lock is lost', async () => {
  const path = newFile()
  const applied: string[] = []
  const work = migrate({ type: 'sqlite', path }, (name) => applied.push(name))
  await expect(work).rejects.toThrow('the lock was lost')
  expect(applied).toHaveLength(2)
  const file = new Database(path)
  expect(file.prepare('SELECT name FROM cdr_migrations ORDER BY id').pluck().all()).toEqual(applied)
  file.close()
})
