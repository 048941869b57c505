import { join } from 'node:path'
import Database from 'better-sqlite3'
import { startSimulator } from '../src/simulator/index.js'
import { median } from './median.js'
import { CLI, environment, node, REPORT_PEAK, taken } from './processes.js'

const RECORDS = 1_000_000
/** Synced; the others are copies of their calls. */
const SYNCED = 20_000
const DAYS = 30
const ROUNDS = 3

export interface ReportResult {
  records: number
  calls: number
  ms: number
  cpuMs: number
  /** In MiB. */
  peak: number
}

/** A whole `report` process over the calls of a million records. */
export async function benchReport(folder: string): Promise<ReportResult> {
  const path = join(folder, 'report.db')
  const simulator = await startSimulator({ recordsPerHour: SYNCED / DAYS / 24 })
  const env = environment(path, simulator.url)
  await node([CLI, 'migrate'], env)
  await node([CLI, 'sync', '--source', 'feed', '--since', `${DAYS}d`], env)
  await simulator.close()
  const { records, calls } = multiply(path, RECORDS / SYNCED)
  const rounds: { ms: number; cpuMs: number; peak: number }[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const peakFile = join(folder, 'peak')
    const start = performance.now()
    await node(['--import', REPORT_PEAK, CLI, 'report', '-o', join(folder, 'report.html')], {
      ...env,
      PEAK_FILE: peakFile
    })
    rounds.push({ ms: performance.now() - start, ...taken(peakFile) })
  }
  return {
    records,
    calls,
    ms: median(rounds.map(({ ms }) => ms)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    peak: Math.max(...rounds.map(({ peak }) => peak))
  }
}

/** Makes so many of each call with its parties, in order of time as sync would have. Of the records a report has only the number. */
function multiply(path: string, times: number): { records: number; calls: number } {
  const database = new Database(path)
  database.pragma('synchronous = OFF')
  database.exec(`
    CREATE TEMP TABLE copies (copy integer);
    WITH RECURSIVE n (copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM n WHERE copy < ${times - 1})
    INSERT INTO copies SELECT copy FROM n;
  `)
  for (const [table, time] of [
    ['cdr_calls', 'start_utc'],
    ['cdr_call_parties', 'call_start_utc']
  ] as const) {
    const columns = database
      .prepare<[string], string>('SELECT name FROM pragma_table_info(?)')
      .pluck()
      .all(table)
    const values = columns.map((name) =>
      name === 'journey_id' ? "printf('%08x', copy) || substr(journey_id, 9)" : name
    )
    database.exec(
      `INSERT INTO ${table} (${columns}) SELECT ${values} FROM (SELECT * FROM ${table}) CROSS JOIN copies ORDER BY ${time}`
    )
  }
  const [records = 0, calls = 0] = database
    .prepare<[], number[]>(`SELECT (SELECT COUNT(*) FROM cdr_records) * ${times}, COUNT(*) FROM cdr_calls`)
    .raw()
    .get() as number[]
  database.close()
  return { records, calls }
}
