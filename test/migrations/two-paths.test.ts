import { describe, expect, test } from 'vitest'
import { listMigrations } from '../../src/database/migration-list.js'
import { migrationScript } from '../../src/database/migration-script.js'
import { migrate } from '../../src/database/migrator.js'
import { live } from '../support/live.js'
import { mssqlUrl, onSqlServer } from '../support/mssql.js'
import { appliedNames, catalogOf, newDatabase, newPredecessor, PATIENCE, runScript } from './mssql-support.js'

const all = { from: undefined, to: undefined }

describe.skipIf(!mssqlUrl)(`two paths, one schema ${onSqlServer}`, { timeout: PATIENCE }, () => {
  test.each([
    ['an empty database', () => newDatabase()],
    [
      'a database of the Python tool',
      () =>
        newPredecessor(live, { ...live, 'Call ID': 'none', 'Report ID': '' }, { ...live, 'Call ID': 'again' })
    ]
  ])('%s', async (_, make) => {
    const [byMigrate, byScript] = [await make(), await make()]
    await migrate(byMigrate.settings, () => {})
    const { errors, said } = await runScript(byScript.settings, await migrationScript(all))
    expect(errors).toEqual([])
    expect(said.at(-1)).toBe('Done: all migrations of this script are applied.')

    expect(await catalogOf(byScript)).toEqual(await catalogOf(byMigrate))
    const names = (await listMigrations('mssql')).map(({ name }) => name)
    for (const database of [byMigrate, byScript]) expect(await appliedNames(database)).toEqual(names)
    for (const select of [
      'SELECT * FROM dbo.cdr_records ORDER BY id',
      'SELECT id, [timestamp], name FROM dbo.cdr_migrations ORDER BY id',
      'SELECT id, name, action, checksum, program_version, applied_by FROM dbo.cdr_schema_history ORDER BY id'
    ]) {
      expect(await byScript.query(select)).toEqual(await byMigrate.query(select))
    }
  })
})
