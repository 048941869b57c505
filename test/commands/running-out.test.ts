import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { simulatorEnvironment } from '../support/cli.js'
import { canMount, mountOfSize } from '../support/mount.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const DAY = 86_400

describe('a refresh token that its use does not renew', () => {
  /** What the commands say of a token that lives so many s. */
  async function told(refreshTokenSeconds?: number) {
    const { run, migrate, keyFile } = await commandBench(
      refreshTokenSeconds === undefined ? {} : { refreshTokenSeconds }
    )
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile]
    const setup = await run(args, { input: SECRET_LINES })
    await migrate()
    const sync = await run(['sync', '--source', 'feed'])
    const doctor = await run(['doctor'])
    for (const { code, stderr } of [setup, sync, doctor]) expect(code, stderr).toBe(0)
    return {
      setup,
      sync,
      token: /^\w+ +token +(.*)$/m.exec(doctor.stdout)?.[0],
      day: dayIn(refreshTokenSeconds ?? 90 * DAY - 1)
    }
  }

  const dayIn = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString().slice(0, 10)

  test('for good is told where it is looked for, and else nothing is said', async () => {
    const { setup, sync, token, day } = await told()
    expect(setup.stdout).toContain(`; the refresh token is valid until ${day}\n`)
    expect(token).toMatch(new RegExp(`^ok {7}token {11}refreshed at http\\S+; valid until ${day}$`))
    expect(setup.stderr + sync.stderr).not.toContain('refresh token expires')
  }, 60_000)

  test('and has ten days left is a warning of doctor', async () => {
    const { sync, token, day } = await told(10 * DAY + 600)
    expect(token).toBe(
      `warning  token           the refresh token expires in 10 days, on ${day}, and using it does not renew it: authorise again before then: \`npm run setup\``
    )
    expect(sync.stderr).not.toContain('refresh token expires')
  }, 60_000)

  test('and has hours left is a warning of every run', async () => {
    const { setup, sync, day } = await told(3_000)
    for (const { stderr } of [setup, sync]) {
      expect(stderr).toContain(
        `WARN: the refresh token expires within a day, on ${day}, and using it does not renew it`
      )
    }
  }, 60_000)
})

describe.runIf(canMount)('a disk that is full (skipped unless file systems can be mounted)', () => {
  test.each([
    [
      '1m',
      'failure',
      /^0 MB free in \S+, and a page of records needs 64 MB: free some space, or move the database/
    ],
    ['63m', 'failure', /^6[23] MB free in /],
    ['300m', 'warning', /^\d+ MB free in \S+: a million records take about 5\.2 GB$/],
    ['1100m', 'ok', /^1\.1 GB free in \S+$/]
  ])(
    'to %s is a %s',
    async (size, status, message) => {
      const { run, sim } = await commandBench()
      const folder = mountOfSize(size)
      const env = { ...simulatorEnvironment(sim.url), DATABASE_URL: `sqlite:${folder}/calls.db` }
      if (size === '1m') fill(join(folder, 'others'))
      else await run(['migrate'], { env })
      const { code, stdout } = await run(['doctor', '--json'], { env })
      const { healthy, checks } = JSON.parse(stdout)
      const disk = checks.find(({ name }: { name: string }) => name === 'disk')
      expect(disk).toMatchObject({ status, message: expect.stringMatching(message) })
      if (status === 'failure') expect({ code, healthy }).toEqual({ code: 1, healthy: false })
    },
    30_000
  )
})

function fill(path: string): void {
  try {
    writeFileSync(path, Buffer.alloc(2_000_000))
  } catch {
    // It is full.
  }
}

test('a million records take about as much as is said', async () => {
  const { run, migrate, folder, sim } = await commandBench({ recordsPerHour: 50 })
  const env = simulatorEnvironment(sim.url)
  await migrate()
  await run(['sync'], { env })
  const path = join(folder, 'webex-cdr.db')
  const database = new Database(path, { readonly: true })
  const count = database.prepare<[], number>('SELECT count(*) FROM cdr_records').pluck().get() ?? 0
  database.close()
  expect(count).toBeGreaterThan(2_000)
  const gigabytes = ((statSync(path).size / count) * 1e6) / 1e9
  expect(gigabytes).toBeGreaterThan(4.9)
  expect(gigabytes).toBeLessThan(5.5)
}, 30_000)
