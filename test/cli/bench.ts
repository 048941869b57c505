import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished } from 'vitest'
import { DEMO_CREDENTIALS, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js'
import { cli, type Ended, simulatorEnvironment, startCli } from '../support/cli.js'
import { migrated } from '../support/migrated.js'

/** A folder with a blank in its name, as Windows users have, and the settings of a simulator. */
export async function setUp(options: SimulatorOptions = {}) {
  const sim = await startSimulator({ recordsPerHour: 5, ...options })
  const folder = mkdtempSync(join(tmpdir(), 'webex cdr '))
  const env: NodeJS.ProcessEnv = {
    ...simulatorEnvironment(sim.url),
    WEBEX_MAX_PER_PAGE: '500'
  }
  onTestFinished(async () => {
    await sim.close()
    rmSync(folder, { recursive: true })
  })
  const file = join(folder, 'webex-cdr.db')
  return {
    sim,
    folder,
    file,
    env,
    run: (args: string[], more: NodeJS.ProcessEnv = {}) => cli(args, { ...env, ...more }, folder),
    start: (args: string[], more: NodeJS.ProcessEnv = {}) => startCli(args, { ...env, ...more }, folder),
    migrate: () => migrated(file),
    query<T = Record<string, unknown>>(sql: string): T[] {
      const database = new Database(file, { readonly: true })
      try {
        return database.prepare<unknown[], T>(sql).all()
      } finally {
        database.close()
      }
    }
  }
}

/** One line on standard error, no stack, no secret. */
export function expectOneLine({ stderr, stdout }: Ended, message: RegExp): void {
  expect(stderr).toMatch(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
  expect(stdout + stderr).not.toContain(DEMO_CREDENTIALS.clientSecret)
}
