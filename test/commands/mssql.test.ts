import { describe, expect, onTestFinished, test } from 'vitest'
import type { Check } from '../../src/doctor/check.js'
import { standInEnvironment } from '../support/cli.js'
import { keyringSuite, startKeyring } from '../support/keyring.js'
import { createTestDatabase, mssqlUrl, onSqlServer } from '../support/mssql.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const suite = mssqlUrl ? keyringSuite : describe.skip

suite(`a new installation ${onSqlServer}`, () => {
  test('has its password in the keyring, and works from an encrypted file as cron starts it', async () => {
    const { run, config } = await commandBench()
    const database = await createTestDatabase()
    onTestFinished(() => database.drop())
    const keyring = await startKeyring({ unlocked: true })
    onTestFinished(() => keyring.stop())
    const env = { ...keyring.env, ...standInEnvironment() }
    const url = new URL(database.url)
    const password = decodeURIComponent(url.password)
    url.password = ''
    const given = [...SETUP, '--store', 'keyring', '--database-url', url.href, '--sql-password', '-']

    const refused = await run(given, { env, input: `${SECRET_LINES}wrong${password}\n` })
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/; wrong login: check user and password/)
    })
    expect(config()).toBeUndefined()

    const done = await run(given, { env, input: `${SECRET_LINES}${password}\n` })
    expect(done.code, done.stderr).toBe(0)
    expect(config()).toMatchObject({ DATABASE_URL: url.href })
    expect(done.stdout).toMatch(/for a DBA: npm run migrate -- --script/)
    const steps = [['migrate'], ['sync'], ['stats'], ['health'], ['sync', '--since', '6h', '--until', '1h']]
    for (const args of steps) {
      const ended = await run(args, { env })
      expect(ended.code, ended.stdout + ended.stderr).toBe(0)
    }
    // A stand-in's columns may differ: test/migrations looks at drift.
    const { checks } = JSON.parse((await run(['doctor', '--json'], { env })).stdout)
    const faults = checks.filter(({ name, status }: Check) => name !== 'drift' && status !== 'ok')
    expect(faults).toMatchObject([{ name: 'secrets', status: 'warning' }])
    expect((await run(['credentials', 'show'], { env })).stdout).toMatch(/database-password +set/)

    // Only something else changes: the password stays.
    expect((await run(['setup', '--check'], { env })).code).toBe(0)
    const bare = { HOME: undefined, DBUS_SESSION_BUS_ADDRESS: undefined }
    expect((await run(['sync'], { env: bare })).code).toBe(3)
    expect((await run(['credentials', 'move', '--to', 'file'], { env })).code).toBe(0)
    const synced = await run(['sync'], { env: bare })
    expect(synced.code, synced.stderr).toBe(0)
  }, 300_000)
})
