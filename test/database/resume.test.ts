import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/config/database-url.js'
import { connect } from '../../src/database/data-source.js'
import { NotReadyError, onceReady } from '../../src/database/resume.js'
import { ConfigurationError, TemporaryError } from '../../src/errors.js'
import { startSimulator } from '../../src/simulator/index.js'
import { cli, simulatorEnvironment, startCli } from '../support/cli.js'
import { PRELOGIN, refusal, startAnswering } from '../support/fake-tds.js'
import { memoryLog } from '../support/log.js'
import { until } from '../support/until.js'

const ASLEEP = refusal(40613, "Database 'calls' on server 'sql' is not currently available.")
const WRONG_LOGIN = refusal(18456, "Login failed for user 'u'.")
const ONCE_TOLD =
  /^\[[^\]]+\] WARN: SQL Server database calls on localhost:\d+ cannot be reached: Database 'calls' on server 'sql' is not currently available\.; the database is busy, or is being moved or resumed: retrying for up to two minutes$/

const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Sleeps for so many logins, then is awake and does not know who that is. */
async function sleeper(logins: number) {
  let asked = 0
  const port = await startAnswering((connection) => {
    asked = connection + 1
    return [PRELOGIN, connection < logins ? ASLEEP : WRONG_LOGIN]
  })
  return { url: `mssql://u:p@localhost:${port}/calls?encrypt=false`, logins: () => asked }
}

/** For each place that connects, in the order of two processes; those that need a secret or the service have them. */
const COMMANDS = [
  [['stats'], ['migrate'], ['migrate', '--check'], ['doctor']],
  [
    ['migrate', '--down'],
    ['migrate', '--baseline', 'Lease'],
    ['sync', '--source', 'feed'],
    ['setup', '--check', '--store', 'env']
  ]
]

describe('a database that sleeps and wakes as somebody logs in', () => {
  async function expectToWait(args: readonly string[]): Promise<void> {
    const { url, logins } = await sleeper(2)
    const { stdout, stderr } = await cli(...(await command(args, url)))
    expect(stdout + stderr, args.join(' ')).toMatch(/wrong login/)
    const told = stderr.split('\n').filter((line) => line.includes('retrying for'))
    expect(told, args.join(' ')).toEqual([expect.stringMatching(ONCE_TOLD)])
    expect(logins(), args.join(' ')).toBeGreaterThanOrEqual(3)
  }

  test('every command waits for it, and says so once', async () => {
    await Promise.all(
      COMMANDS.map(async (commands) => {
        for (const args of commands) await expectToWait(args)
      })
    )
  }, 60_000)

  test.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends a sync that waits',
    async (signal) => {
      const { url } = await sleeper(1_000)
      const { child, ended } = startCli(...(await command(['sync'], url)))
      let said = ''
      child.stderr?.on('data', (chunk) => (said += chunk))
      await until(() => said.includes('retrying for'))
      child.kill(signal)
      expect(await ended).toMatchObject({ code: signal === 'SIGINT' ? 130 : 143, stdout: '' })
      expect(said).toMatch(new RegExp(`^webex-cdr: stopped by ${signal}; `, 'm'))
    },
    60_000
  )

  test('a login that is refused for another reason is not tried again', async () => {
    const { url, logins } = await sleeper(0)
    await expect(connect(parseDatabaseUrl(url))).rejects.toThrow(ConfigurationError)
    expect(logins()).toBe(1)
  })

  test('gives up after two minutes', async () => {
    const { log, lines } = memoryLog()
    const waits: number[] = []
    let attempts = 0
    const asleep = async () => {
      attempts += 1
      throw new NotReadyError('calls is asleep')
    }
    const sleep = async (ms: number) => void waits.push(ms)
    const given = onceReady(asleep, { log, sleep })
    await expect(given).rejects.toThrow(
      new TemporaryError('calls is asleep, even after two minutes: the next run tries again')
    )
    expect(attempts).toBe(waits.length + 1)
    expect(waits.reduce((sum, wait) => sum + wait)).toBeGreaterThan(100_000)
    expect(waits.reduce((sum, wait) => sum + wait)).toBeLessThanOrEqual(120_000)
    expect(lines).toHaveLength(1)
  })
})

/** A command with a service of its own: its words, its environment and its folder. */
async function command(args: readonly string[], url: string): Promise<Parameters<typeof cli>> {
  const sim = await startSimulator({ records: [] })
  onTestFinished(() => sim.close())
  return [args, { ...simulatorEnvironment(sim.url), DATABASE_URL: url, XDG_CONFIG_HOME: folder }, folder]
}
