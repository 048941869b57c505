import { expect, test, vi } from 'vitest'
import type { DatabaseSettings } from '../../src/config/database-url.js'
import { checkDatabase, isSound } from '../../src/database/migration-check.js'
import { listMigrations } from '../../src/database/migration-list.js'
import { baseline, migrate, requireMigrated, revert } from '../../src/database/migrator.js'
import { memoryLog } from '../support/log.js'

/** A database of either kind; `query` takes SQL that both understand. */
export interface AnyDatabase {
  settings: DatabaseSettings
  query(sql: string): Promise<Record<string, unknown>[]>
}

const quiet = () => {}

/** What the history of migrations promises on every database. */
export function historyCases(type: DatabaseSettings['type'], newDatabase: () => Promise<AnyDatabase>): void {
  const migrated = async () => {
    const database = await newDatabase()
    await migrate(database.settings, quiet)
    return database
  }
  const namesOf = async () => (await listMigrations(type)).map(({ name }) => name)
  const edit = ({ query }: AnyDatabase, name: string) =>
    query(`UPDATE cdr_schema_history SET checksum = '${'0'.repeat(64)}' WHERE name LIKE '${name}%'`)
  const forget = async ({ query }: AnyDatabase, name: string) => {
    await query(`DELETE FROM cdr_migrations WHERE name LIKE '${name}%'`)
    await query(`DELETE FROM cdr_schema_history WHERE name LIKE '${name}%'`)
  }
  const states = async ({ settings }: AnyDatabase) =>
    (await checkDatabase(settings)).status.map(({ state }) => state)

  test('says who applied what, when, from where, how long it took, and with which text', async () => {
    const before = Date.now() - 60_000
    const { query } = await migrated()
    const rows = await query('SELECT * FROM cdr_schema_history ORDER BY id')
    const list = await listMigrations(type)
    expect(rows).toMatchObject(
      list.map(({ name, checksum }) => ({
        name,
        checksum,
        action: 'applied',
        path: 'migrate',
        program_version: expect.stringMatching(/^\d+\.\d+\.\d+/),
        applied_by: expect.stringMatching(/\w/),
        applied_from: expect.stringMatching(/\w/),
        application: 'webex-cdr',
        duration_ms: expect.any(Number)
      }))
    )
    const { applied_utc } = rows[0]!
    const time = applied_utc instanceof Date ? applied_utc : new Date(`${applied_utc}Z`)
    expect(time.getTime()).toBeGreaterThan(before)
    expect(time.getTime()).toBeLessThan(Date.now() + 60_000)
  })

  test('several migrates at once leave one history', async () => {
    const { settings, query } = await newDatabase()
    const counts = await Promise.all([1, 2, 3].map(() => migrate(settings, quiet)))
    const names = await namesOf()
    expect(counts.sort()).toEqual([0, 0, names.length])
    for (const table of ['cdr_migrations', 'cdr_schema_history']) {
      expect((await query(`SELECT name FROM ${table} ORDER BY id`)).map(({ name }) => name)).toEqual(names)
    }
  })

  test('a migration that fails is not in it, and is named', async () => {
    const { settings, query } = await newDatabase()
    // In the way of the fifth.
    await query('CREATE TABLE cdr_sync_lease (name int)')
    await expect(migrate(settings, quiet)).rejects.toThrow(
      /: Lease1795392000005 failed: .*; it was rolled back$/
    )
    const before = (await namesOf()).slice(0, 4)
    for (const table of ['cdr_migrations', 'cdr_schema_history']) {
      expect((await query(`SELECT name FROM ${table} ORDER BY id`)).map(({ name }) => name)).toEqual(before)
    }
    await query('DROP TABLE cdr_sync_lease')
    expect(await migrate(settings, quiet)).toBe(6)
  })

  test('a migration edited since it was applied is refused, until --baseline accepts it', async () => {
    const database = await migrated()
    const { settings, query } = database
    await edit(database, 'NewColumns')
    await expect(migrate(settings, quiet)).rejects.toThrow(
      /: the text of NewColumns1795392000002 that was applied differs .*--baseline NewColumns`$/
    )
    await expect(revert(settings, quiet)).rejects.toThrow(/that was applied differs/)
    expect(await states(database)).toEqual(['applied', 'edited', ...Array(8).fill('applied')])
    expect(await baseline(settings, 'newcolumns')).toEqual(['NewColumns1795392000002'])
    expect(await migrate(settings, quiet)).toBe(0)
    expect(await baseline(settings, 'NewColumns1795392000002')).toEqual([])
    const rows = await query(
      `SELECT action FROM cdr_schema_history WHERE name LIKE 'NewColumns%' ORDER BY id`
    )
    expect(rows).toEqual([{ action: 'applied' }, { action: 'baselined' }])
  })

  test('a migration that later ones have overtaken is refused', async () => {
    const database = await migrated()
    await forget(database, 'NewColumns')
    await expect(migrate(database.settings, quiet)).rejects.toThrow(
      /lacks NewColumns1795392000002, although later migrations are applied: .*--baseline NewColumns`$/
    )
    expect(await states(database)).toEqual(['applied', 'overtaken', ...Array(8).fill('applied')])
    expect(await baseline(database.settings, 'NewColumns')).toEqual(['NewColumns1795392000002'])
    expect(await migrate(database.settings, quiet)).toBe(0)
    expect(isSoundButForStandIn(await checkDatabase(database.settings))).toBe(true)
  })

  test('a newer schema is refused by migrate and accepted by the others with a warning', async () => {
    const database = await migrated()
    const { settings, query } = database
    const timestamp = type === 'mssql' ? '[timestamp]' : '"timestamp"'
    await query(`INSERT INTO cdr_migrations (${timestamp}, name) VALUES (1895392000001, 'New1895392000001')`)
    const message =
      /has migrations that this program \(version .*\) does not know: New1895392000001; use a newer/
    await expect(migrate(settings, quiet)).rejects.toThrow(message)
    await expect(revert(settings, quiet)).rejects.toThrow(message)
    await expect(baseline(settings, 'Lease')).rejects.toThrow(message)
    expect(await states(database)).toEqual([...Array(10).fill('applied'), 'unknown'])
    const { log, lines } = memoryLog()
    await requireMigrated(settings, log)
    expect(lines).toEqual([expect.stringMatching(message)])
  })

  test('an older schema is refused by the others', async () => {
    const database = await migrated()
    const warn = vi.fn()
    await requireMigrated(database.settings, { warn })
    expect(warn).not.toHaveBeenCalled()
    await forget(database, 'Views')
    await expect(requireMigrated(database.settings, { warn })).rejects.toThrow(
      /lacks 1 migration, from Views1795392000010 on: run `npm run migrate`/
    )
  })

  test('a database migrated before there was a history is accepted, and begins one', async () => {
    const database = await migrated()
    const { settings, query } = database
    await query('DROP TABLE cdr_schema_history')
    expect(await states(database)).toEqual(Array(10).fill('applied'))
    expect(await migrate(settings, quiet)).toBe(0)
    expect(await baseline(settings, 'FillFromRawJson')).toHaveLength(3)
    const rows = await query('SELECT action, duration_ms FROM cdr_schema_history')
    expect(rows).toEqual(Array(3).fill({ action: 'baselined', duration_ms: null }))
  })

  test('--baseline records what is there already, and migrate applies the rest', async () => {
    const database = await migrated()
    const { settings, query } = database
    for (let more = 0; more < 6; more += 1) await revert(settings, quiet)
    await query('DROP TABLE cdr_schema_history')
    await query('DELETE FROM cdr_migrations')
    expect(await baseline(settings, 'ReportIdAsKey')).toEqual((await namesOf()).slice(0, 4))
    const applied: string[] = []
    expect(await migrate(settings, (name) => applied.push(name))).toBe(6)
    expect(applied).toEqual((await namesOf()).slice(4))
    expect(await states(database)).toEqual(Array(10).fill('applied'))
    await expect(baseline(settings, 'Nonsense')).rejects.toThrow(
      'unknown migration “Nonsense”; known are PredecessorTables, NewColumns, FillFromRawJson, ReportIdAsKey, Lease, ApiDrift, Coverage, Retention, Calls, Views'
    )
  })

  test('--down reverts the newest, one at a time, and says why an older one is irreversible', async () => {
    const database = await migrated()
    const { settings, query } = database
    const reverted: string[] = []
    expect(await revert(settings, (name) => reverted.push(name))).toBe(true)
    expect(await states(database)).toEqual([...Array(9).fill('applied'), 'pending'])
    for (let more = 0; more < 5; more += 1)
      expect(await revert(settings, (name) => reverted.push(name))).toBe(true)
    expect(reverted).toEqual((await namesOf()).slice(4).reverse())
    expect(await states(database)).toEqual([...Array(4).fill('applied'), ...Array(6).fill('pending')])
    const rows = await query(`SELECT action FROM cdr_schema_history WHERE name LIKE 'Lease%' ORDER BY id`)
    expect(rows).toEqual([{ action: 'applied' }, { action: 'reverted' }])
    await expect(revert(settings, quiet)).rejects.toThrow(/^ReportIdAsKey is irreversible: /)
    expect(await states(database)).toEqual([...Array(4).fill('applied'), ...Array(6).fill('pending')])
    expect(await migrate(settings, quiet)).toBe(6)
  })
}

/** A stand-in that has neither datetime2(7) nor the collation, and keeps a default that was dropped, is excused them. */
function isSoundButForStandIn({ status, drift }: Awaited<ReturnType<typeof checkDatabase>>): boolean {
  const excused = /datetime2\(6\) in the database|bbf_|uniqueidentifier in the database, no default/
  return isSound({ status, drift: drift.filter(({ text }) => !excused.test(text)) })
}
