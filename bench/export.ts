import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import { sampleRows } from './sample.js'

const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))
const REPORT_PEAK = new URL('./report-peak.js', import.meta.url).href
/** A year of them is a million. */
const A_DAY = 2_740

export interface ExportResult {
  what: string
  /** Of a whole process. */
  seconds: number
  /** In MiB. */
  peak: number
}

/** `export` of a file of about so many records, as whole processes. */
export async function benchExport(folder: string, records: number): Promise<ExportResult[]> {
  const path = join(folder, 'export.db')
  await fill(path, Math.ceil(records / A_DAY))
  const run = (what: string, ...args: string[]) => measure(what, folder, path, args)
  const results = [run('all days, Parquet'), run('no day changed'), run('one day changed')]
  for (const format of ['csv', 'jsonl']) results.push(run(`all days, ${format}`, '--format', format))
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  return results
}

function measure(what: string, folder: string, path: string, args: string[]): ExportResult {
  const lake = join(folder, args.at(-1) ?? 'parquet')
  if (what === 'one day changed') rmSync(join(lake, `day=${yesterday()}`), { recursive: true })
  const peakFile = join(folder, 'peak')
  const start = performance.now()
  const { status } = spawnSync(
    process.execPath,
    ['--import', REPORT_PEAK, CLI, 'export', '-o', lake, ...args],
    {
      env: { ...process.env, DATABASE_URL: `sqlite:${path}`, PEAK_FILE: peakFile, LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'ignore', 'inherit']
    }
  )
  if (status !== 0) throw new Error(`export ended with ${status}`)
  const seconds = (performance.now() - start) / 1_000
  return { what, seconds, peak: Number.parseInt(readFileSync(peakFile, 'utf8'), 10) / 1_024 }
}

function yesterday(): string {
  return new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
}

/** Records of the simulator as those of one day, and copies of them under other keys for each day before. */
async function fill(path: string, days: number): Promise<void> {
  const rows = await sampleRows('sqlite', A_DAY)
  await migrate({ type: 'sqlite', path }, () => {})
  const dataSource = await connect({ type: 'sqlite', path })
  const { createLoader } = await import('../src/store/create-loader.js')
  const loader = await createLoader(dataSource.manager)
  const start = Date.parse(yesterday())
  const ofOneDay = rows.map((row, index) => ({ ...row, startTime: new Date(start + index * 30_000) }))
  await dataSource.transaction((manager) => manager.withRepository(loader).store(ofOneDay))
  const names = loader.metadata.columns
    .map(({ databaseName }) => databaseName)
    .filter((name) => name !== 'id')
  await dataSource.destroy()
  const database = new Database(path)
  database.pragma('synchronous = OFF')
  const values = names.map((name) => DISTINCT[name] ?? name)
  const copy = database.prepare(
    `INSERT INTO cdr_records (${names}) SELECT ${values} FROM cdr_records WHERE id <= ${rows.length}`
  )
  for (let day = 1; day < days; day += 1) copy.run({ day })
  database.close()
}

/** What makes copies of a row differ as two days' records do; all else repeats in life, too. */
const DISTINCT: Record<string, string> = {
  report_id: 'lower(hex(randomblob(16)))',
  correlation_id: 'lower(hex(randomblob(16)))',
  start_time: "strftime('%Y-%m-%d %H:%M:%f', start_time, -@day || ' days')"
}
