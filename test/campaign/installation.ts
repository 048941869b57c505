import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openStore } from '../../src/config/open-store.js'
import { loadSettings } from '../../src/config/settings.js'
import { DEMO_CREDENTIALS, type Simulator, startSimulator } from '../../src/simulator/index.js'
import {
  cli,
  type Ended,
  type Started,
  simulatorEnvironment,
  standInEnvironment,
  startCli
} from '../support/cli.js'
import { dialect } from '../support/contract.js'
import { SHIFTED_CLOCK } from '../support/hurried.js'
import { memoryLog } from '../support/log.js'
import { type CampaignDatabase, mssqlDatabase, sqliteDatabase } from './database.js'

/** The built program as somebody has set it up, with a service of its own; both clocks are ours. */
export interface Installation {
  sim: Simulator
  database: CampaignDatabase
  clock: Clock
  /** A command that nothing befalls, to its end. */
  run(...args: readonly string[]): Promise<Ended>
  /** @param skew how far the program's clock is ahead of the service's, in ms */
  start(args: readonly string[], options?: { skew?: number; timeoutSeconds?: number }): Started
  /** What must not be in any output. */
  secrets: RegExp
}

/** Goes on like the machine's, from wherever it is set to. */
export class Clock {
  /** In ms. */
  ahead = 0

  now = (): number => Date.now() + this.ahead

  set(moment: number): void {
    this.ahead = moment - Date.now()
  }

  /** Does something at another moment. */
  at<T>(moment: number, work: () => T): T {
    const { ahead } = this
    this.set(moment)
    try {
      return work()
    } finally {
      this.ahead = ahead
    }
  }
}

export async function install(
  simulated: { seed: number; recordsPerHour: number },
  begin: number
): Promise<Installation> {
  const clock = new Clock()
  clock.set(begin)
  const database = dialect === 'mssql' ? await mssqlDatabase() : sqliteDatabase()
  const sim = await startSimulator({ ...simulated, now: clock.now, rotateRefreshToken: true })
  const folder = mkdtempSync(join(tmpdir(), 'campaign-'))
  onTestFinished(async () => {
    await sim.close()
    await database.drop()
    rmSync(folder, { recursive: true })
  })
  const { WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN, ...service } = simulatorEnvironment(sim.url)
  const key = randomBytes(32).toString('base64')
  const env = {
    ...service,
    DATABASE_URL: database.url,
    SECRET_STORE: `file:${join(folder, 'secrets.json')}`,
    SECRET_KEY: key,
    WEBEX_MAX_PER_PAGE: '500'
  }
  const store = openStore(loadSettings(env), memoryLog().log)
  await store.write('client-secret', WEBEX_CLIENT_SECRET ?? '')
  await store.write('refresh-token', WEBEX_REFRESH_TOKEN ?? '')

  const standIn = dialect === 'mssql' ? standInEnvironment() : {}
  const settings = (skew = 0, timeoutSeconds = 20) => ({
    ...env,
    ...standIn,
    NODE_OPTIONS: [SHIFTED_CLOCK.NODE_OPTIONS, standIn.NODE_OPTIONS].filter(Boolean).join(' '),
    CLOCK_AHEAD_MS: String(clock.ahead + skew),
    WEBEX_TIMEOUT_SECONDS: String(timeoutSeconds)
  })
  const run: Installation['run'] = (...args) => cli(args, settings(), folder)
  const start: Installation['start'] = (args, { skew, timeoutSeconds } = {}) =>
    startCli(args, settings(skew, timeoutSeconds), folder)
  const { password } = new URL(database.url)
  const named = [DEMO_CREDENTIALS.clientSecret, DEMO_CREDENTIALS.refreshToken, key, password].filter(Boolean)
  const secrets = new RegExp(`${named.map(literally).join('|')}|(access|refresh)-[0-9a-f]{8}-`)
  return { sim, database, clock, run, start, secrets }
}

function literally(text: string): string {
  return text.replace(/[^\w]/g, '\\$&')
}
