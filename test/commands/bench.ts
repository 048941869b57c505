import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished } from 'vitest'
import {
  DEMO_CREDENTIALS,
  type Simulator,
  type SimulatorOptions,
  startSimulator
} from '../../src/simulator/index.js'
import { cli, type Ended, simulatorEnvironment, startCli } from '../support/cli.js'
import { migrated } from '../support/migrated.js'

export interface CommandBench {
  sim: Simulator
  /** The working directory; its .env names the simulator, and nothing else. */
  folder: string
  /** Outside the folder; not there yet. */
  keyFile: string
  env: NodeJS.ProcessEnv
  /** The built program in this folder. */
  run(args: string[], options?: { env?: NodeJS.ProcessEnv; input?: string | Buffer }): Promise<Ended>
  start(args: string[], env?: NodeJS.ProcessEnv): ReturnType<typeof startCli>
  /** What the command of this name does to the default database, at less cost. */
  migrate(): Promise<void>
  /** webex-cdr.json; undefined where there is none. */
  config(): Record<string, string> | undefined
}

/** What `setup` needs beside the secrets on standard input, which are SECRET_LINES. */
export const SETUP = [
  'setup',
  '--client-id',
  DEMO_CREDENTIALS.clientId,
  '--client-secret',
  '-',
  '--refresh-token',
  '-'
]
/** With it setup asks nothing about what is kept of records. */
export const EVERYTHING = ['--raw-json', 'all', '--retain-records', 'forever']
export const SECRET_LINES = `${DEMO_CREDENTIALS.clientSecret}\n${DEMO_CREDENTIALS.refreshToken}\n`

export async function commandBench(options: SimulatorOptions = {}): Promise<CommandBench> {
  const home = mkdtempSync(join(tmpdir(), 'webex-cdr-command-'))
  const folder = join(home, 'data')
  mkdirSync(folder)
  const sim = await startSimulator({ recordsPerHour: 2, ...options })
  onTestFinished(async () => {
    await sim.close()
    rmSync(home, { recursive: true })
  })
  pointAt(folder, sim.url)
  const env = { HOME: home }
  return {
    sim,
    folder,
    keyFile: join(home, 'keys', 'webex-cdr.key'),
    env,
    run: (args, { env: more, input } = {}) => cli(args, { ...env, ...more }, folder, input),
    start: (args, more) => startCli(args, { ...env, ...more }, folder),
    migrate: () => migrated(join(folder, 'webex-cdr.db')),
    config() {
      try {
        return JSON.parse(readFileSync(join(folder, 'webex-cdr.json'), 'utf8'))
      } catch {
        return undefined
      }
    }
  }
}

/** Has the default database as a first sync with these options leaves it, which runs once; then it is a copy. */
export function syncedOnce(...options: string[]): (bench: CommandBench) => Promise<void> {
  let files: [name: string, bytes: Buffer][] | undefined
  return async ({ run, migrate, sim, folder }) => {
    if (files) {
      for (const [name, bytes] of files) writeFileSync(join(folder, name), bytes)
      return
    }
    await migrate()
    const { code, stderr } = await run(['sync', ...options], { env: simulatorEnvironment(sim.url) })
    expect(code, stderr).toBe(0)
    files = readdirSync(folder)
      .filter((name) => name.startsWith('webex-cdr.db'))
      .map((name) => [name, readFileSync(join(folder, name))])
  }
}

/** Another host syncs the database of this folder. */
export function beBusy(folder: string): void {
  const file = new Database(join(folder, 'webex-cdr.db'))
  file.exec(`INSERT INTO cdr_sync_lease (name, holder, host, process_id, acquired_utc, heartbeat_utc, expires_utc)
    VALUES ('sync', '11111111-1111-4111-8111-111111111111', 'web02', 4711, '2026-01-01 00:00:00.000',
            '2026-01-01 00:00:00.000', '2999-01-01 00:00:00.000')`)
  file.close()
}

export function pointAt(folder: string, url: string): void {
  const settings = {
    WEBEX_API_URL: url,
    WEBEX_ANALYTICS_URL: url,
    WEBEX_REQUESTS_PER_MINUTE: 0,
    WEBEX_PAGES_PER_MINUTE: 0,
    WEBEX_RETRY_DELAY_MS: 5
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  writeFileSync(join(folder, '.env'), lines.join('\n'))
}
