import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { Settings } from '../../src/config/settings.js'
import { loadSettings } from '../../src/config/settings.js'
import {
  DEMO_CREDENTIALS,
  type Simulator,
  type SimulatorOptions,
  startSimulator
} from '../../src/simulator/index.js'
import type { SyncResult } from '../../src/sync/result.js'
import { type SyncOutcome, sync } from '../../src/sync/sync.js'
import type { SyncRequest } from '../../src/sync/sync-sources.js'
import { memoryLog } from './log.js'
import { migrated } from './migrated.js'
import { demoSecrets } from './secrets.js'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const SETTLING = 330_000
/** Records: a fifth of the fewest that the service gives, so that a fifth of the records make as many pages. */
const PAGE = 100

/** A moment as SQLite has it. */
export function sqlTime(moment: number): string {
  return new Date(moment).toISOString().replace('T', ' ').replace('Z', '')
}

export type Row = Record<string, string | number | null>

/**
 * A simulator, a migrated SQLite file, and one clock for both that stands still unless the test moves it; the program's
 * may be ahead, in ms.
 */
export interface Bench {
  sim: Simulator
  settings: Settings
  clock: { now: number; ahead: number }
  lines: string[]
  /** A sync of cdr_feed unless told otherwise, and its first run; fails the test when another process has the lease. */
  run(request?: Partial<SyncRequest>): Promise<SyncResult>
  /** All runs of a sync with `auto`. */
  auto(request?: Partial<SyncRequest>): Promise<SyncResult[]>
  start(request?: Partial<SyncRequest>): Promise<SyncOutcome>
  /** Reads or writes the file past TypeORM. */
  all(sql: string, ...parameters: unknown[]): Row[]
  execute(sql: string): void
  reportIds(): Set<string>
  /** Report IDs that the service shows for Start times in [from, to) and the table lacks. */
  lost(from: number, to: number): string[]
}

export async function setUp(options: Omit<SimulatorOptions, 'now'> & { now?: number } = {}): Promise<Bench> {
  const clock = { now: options.now ?? Date.UTC(2026, 10, 23, 16), ahead: 0 }
  const sim = await startSimulator({
    recordsPerHour: 12,
    minPageSize: PAGE,
    ...options,
    now: () => clock.now
  })
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-'))
  const path = join(folder, 'calls.db')
  const { log, lines } = memoryLog()
  const loaded = loadSettings({
    DATABASE_URL: `sqlite:${path}`,
    WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
    WEBEX_API_URL: sim.url,
    WEBEX_ANALYTICS_URL: sim.url,
    WEBEX_REQUESTS_PER_MINUTE: '0',
    WEBEX_PAGES_PER_MINUTE: '0',
    WEBEX_RETRY_DELAY_MS: '2'
  })
  const settings = { ...loaded, webex: { ...loaded.webex, maxPerPage: PAGE } }
  await migrated(path)
  const file = new Database(path)
  onTestFinished(async () => {
    file.close()
    await sim.close()
    rmSync(folder, { recursive: true })
  })

  const secrets = demoSecrets(log)
  const start: Bench['start'] = (request = {}) =>
    sync(
      settings,
      { source: 'feed', locations: [], dryRun: false, ...request },
      { secrets, log, now: () => clock.now + clock.ahead, sleep: async () => {} }
    )
  const runs = async (request?: Partial<SyncRequest>) => {
    const outcome = await start(request)
    if ('holder' in outcome) throw new Error('somebody else has the lease')
    return outcome.runs
  }
  const reportIds = () => new Set(file.prepare('SELECT report_id FROM cdr_records').pluck().all() as string[])
  return {
    sim,
    settings,
    clock,
    lines,
    start,
    run: async (request) => only(await runs(request)),
    auto: (request) => runs({ source: 'auto', ...request }),
    all: (sql, ...parameters) => file.prepare<unknown[], Row>(sql).all(...parameters),
    execute: (sql) => void file.exec(sql),
    reportIds,
    lost(from, to) {
      const stored = reportIds()
      return [...sim.truth(from, to).keys()].filter((id) => !stored.has(id))
    }
  }
}

/** @throws Error where a sync had more runs than one */
export function only(runs: readonly SyncResult[]): SyncResult {
  const [run, ...others] = runs
  if (!run || others.length > 0) throw new Error(`a sync with ${runs.length} runs`)
  return run
}
