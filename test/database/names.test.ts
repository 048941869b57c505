import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { requoted } from '../../src/database/t-sql.js'
import { startSimulator } from '../../src/simulator/index.js'
import { cli, simulatorEnvironment } from '../support/cli.js'
import { createTestDatabase, mssqlUrl, onSqlServer } from '../support/mssql.js'

/** Without what a stand-in for SQL Server does not take: a closing bracket, a double quote, letters of other alphabets. */
const NAMES = ['cdr.prod.', `it's the [cdr $(x) database/\\%41;#@: `]

test('a name in a statement of TypeORM’s is quoted as T-SQL has it', () => {
  const name = `данные "x" o'b $&`
  expect(requoted(`SELECT '${name}', 'dbo' FROM "${name}"."sys"."tables"`, name)).toBe(
    `SELECT N'данные "x" o''b $&', 'dbo' FROM "данные ""x"" o'b $&"."sys"."tables"`
  )
})

describe.skipIf(!mssqlUrl)(`a database may have any name, ${onSqlServer}`, () => {
  test.each(NAMES)(
    '%s',
    async (name) => {
      const database = await createTestDatabase(name)
      const sim = await startSimulator({ recordsPerHour: 20 })
      const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
      onTestFinished(async () => {
        await sim.close()
        rmSync(folder, { recursive: true })
        await database.drop()
      })
      const env = { DATABASE_URL: database.url, ...simulatorEnvironment(sim.url) }
      const run = (...args: string[]) => cli(args, env, folder)

      const migrated = await run('migrate')
      expect(migrated.code, migrated.stdout + migrated.stderr).toBe(0)
      expect(migrated.stdout).toContain(`SQL Server database ${database.settings.database} on `)
      expect(migrated.stdout).toContain('8 applied.')
      const check = await run('migrate', '--check')
      expect(check.stdout + check.stderr).toContain('applied')
      expect(check.stdout + check.stderr).not.toMatch(/^ +pending|is missing|identity|syntax|cannot/m)
      const synced = await run('sync', '--since', '6h', '--until', '1h')
      expect(synced.code, synced.stderr).toBe(0)
      expect((await run('stats')).stdout).toMatch(/\d+ records, Start time/)
      expect((await run('migrate', '--down')).stdout).toMatch(/reverted {2}Retention/)
      expect((await run('migrate')).stdout).toContain('1 applied.')
    },
    300_000
  )
})
