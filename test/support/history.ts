import type { SimulatorOptions } from '../../src/simulator/index.js'
import type { ImportResult } from '../../src/sync/import-run.js'
import { rehearseHistory, syncHistory } from '../../src/sync/sync-history.js'
import { memoryLog } from './log.js'
import { demoSecrets } from './secrets.js'
import { setUp } from './sync.js'

export const MINUTE = 60_000
/** Monday; reports reach to Thursday, the 19th, in whole. */
export const NOW = Date.UTC(2026, 10, 23, 16)
export const REACH = Date.UTC(2026, 10, 20)
export const OPEN_GAPS = `SELECT scope, range_start_utc, range_end_utc FROM cdr_sync_errors
                   WHERE error_type = 'Gap' AND recovered = 0 ORDER BY range_start_utc`
export const PENDING = 'SELECT COUNT(*) AS n FROM cdr_reports WHERE ended_utc IS NULL'

type Waiting = (stop: AbortController) => unknown

/** Reports that take a minute, unless told otherwise, and a clock that the waits move. */
export async function historyBench({
  reports,
  ...options
}: Omit<SimulatorOptions, 'now'> & { now?: number } = {}) {
  const made = await setUp({
    now: NOW,
    recordsPerHour: 0.25,
    reports: { takes: MINUTE, ...reports },
    ...options
  })
  const { sim, settings, clock } = made
  const { log, lines } = memoryLog()
  const stored: ImportResult[] = []
  const waits: number[] = []
  const tools = (waiting: Waiting = () => {}) => {
    const stop = new AbortController()
    return {
      secrets: demoSecrets(log),
      log,
      now: () => clock.now + clock.ahead,
      signal: stop.signal,
      async sleep(ms: number, signal?: AbortSignal) {
        waits.push(ms)
        clock.now += ms
        await waiting(stop)
        if (signal?.aborted) throw new Error('the wait was ended')
      },
      looked: () => {},
      stored: (result: ImportResult) => void stored.push(result)
    }
  }
  return {
    ...made,
    stored,
    waits,
    /** `--history`; without a moment what `--fill-gaps` asks reports for. */
    history: (since?: number, more: { waiting?: Waiting; stored?: () => void } = {}) =>
      syncHistory(
        settings,
        { since },
        { ...tools(more.waiting), ...(more.stored ? { stored: more.stored } : {}) }
      ),
    rehearse: (since: number) => rehearseHistory(settings, { since }, tools()),
    /** Warnings and errors. */
    told: () =>
      lines
        .map((line) => JSON.parse(line))
        .filter(({ level }) => level >= 40)
        .map(({ msg }) => msg as string),
    /** Requests of the Reports API. */
    requests: () =>
      sim.requests
        .filter(({ path }) => /report|^\/api/.test(path))
        .map(({ method, path }) => `${method} ${path.replace(/(reports)\/.+/, '$1/…')}`),
    made: () => sim.requests.filter(({ method, path }) => `${method} ${path}` === 'POST /v1/reports').length,
    days: () =>
      made
        .all('SELECT start_utc, end_utc FROM cdr_reports ORDER BY requested_utc')
        .map(({ start_utc, end_utc }) => [day(start_utc), day(end_utc)].join(' to '))
  }
}

function day(moment: unknown): string {
  return String(moment).slice(0, 10)
}

export const at = (text: string) => Date.parse(`${text}T00:00:00Z`)
