import { describe, expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { withMigrationLock } from '../../src/database/migration-lock.js'
import { migrate } from '../../src/database/migrator.js'
import { mssqlUrl, onSqlServer, type TestDatabase } from '../support/mssql.js'
import { newDatabase, PATIENCE } from './mssql-support.js'

async function open({ settings }: TestDatabase) {
  const dataSource = await connect(settings, { migrating: true })
  onTestFinished(() => dataSource.destroy())
  return dataSource
}

/** Ends the program's sessions in the database, as a DBA or a failover does. */
async function killOthers({ query }: TestDatabase): Promise<void> {
  const sessions = await query<{ id: number }>(
    `SELECT session_id AS id FROM sys.dm_exec_sessions
     WHERE program_name = 'webex-cdr' AND database_id = DB_ID() AND session_id <> @@SPID`
  )
  expect(sessions.length).toBeGreaterThan(0)
  for (const { id } of sessions) await query(`KILL ${id}`)
}

describe.skipIf(!mssqlUrl)(`the lock on migrations ${onSqlServer}`, { timeout: PATIENCE }, () => {
  test('one has it, another is told who might, and gets it afterwards', async () => {
    const database = await newDatabase()
    const [first, second] = [await open(database), await open(database)]
    await withMigrationLock(database.settings, first, async (lock) => {
      await lock.check()
      await expect(withMigrationLock(database.settings, second, async () => {}, 200)).rejects.toThrow(
        /: another `migrate` or a DBA's script holds the lock “webex-cdr migrate” \(sp_getapplock returned -1 after 0\.2 s\)/
      )
    })
    expect(await withMigrationLock(database.settings, second, async () => 'mine')).toBe('mine')
  })

  test('outlives transactions, and is given back when the work fails', async () => {
    const database = await newDatabase()
    const dataSource = await open(database)
    const work = withMigrationLock(database.settings, dataSource, async (lock) => {
      await dataSource.transaction((manager) => manager.query('SELECT 1'))
      await lock.check()
      throw new Error('no luck')
    })
    await expect(work).rejects.toThrow('no luck')
    await withMigrationLock(database.settings, dataSource, (lock) => lock.check())
  })

  test('lost with its connection: the next migration does not begin, and the process lives on', async () => {
    const database = await newDatabase()
    const dataSource = await open(database)
    await dataSource.query('SELECT 1')
    const work = withMigrationLock(database.settings, dataSource, async (lock) => {
      await killOthers(database)
      await lock.check()
    })
    await expect(work).rejects.toThrow(
      /the connection that held the lock “webex-cdr migrate” was lost: run `npm/
    )
    await migrate(database.settings, () => {})
  })
})
