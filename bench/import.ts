import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../src/database/data-source.js'
import { migrate } from '../src/database/migrator.js'
import { type ReportFile, reportFiles } from '../src/history/report-files.js'
import { createLog } from '../src/log.js'
import { startSimulator } from '../src/simulator/index.js'
import { median } from './median.js'
import { CLI, environment, node, REPORT_PEAK, taken } from './processes.js'

const ROUNDS = 3
const PAGE = 2_500

export interface ImportSpeed {
  rows: number
  /** CPU time of a row, in µs: of an import, of the same import again, and of storing the same items. */
  fresh: number
  known: number
  store: number
  /** How fast an import is beside storing items that are in memory: the median of the rounds' ratios. */
  ratio: number
}

/** An import of a report beside storing its items alone: the same rows, pages and tables, by turns. */
export async function benchImportSpeed(folder: string): Promise<ImportSpeed> {
  const path = await reportIn(folder, 1_000, 2)
  const rounds: Omit<ImportSpeed, 'rows'>[] = []
  let rows = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const database = await freshDatabase(folder)
    const imported = await importOf(database, path)
    const again = await importOf(database, path)
    const stored = await storeItems(await freshDatabase(folder), path)
    rows = stored.rows
    const [fresh, known, store] = [imported, again, stored.us].map((us) => us / rows) as [
      number,
      number,
      number
    ]
    rounds.push({ fresh, known, store, ratio: store / fresh })
  }
  const of = (key: keyof (typeof rounds)[number]) => median(rounds.map((round) => round[key]))
  return { rows, fresh: of('fresh'), known: of('known'), store: of('store'), ratio: of('ratio') }
}

/** The peak memory of a whole import process, in MiB. */
export async function benchImportMemory(folder: string): Promise<{ rows: number; peak: number }[]> {
  const peaks: { rows: number; peak: number }[] = []
  for (const days of [2, 12]) {
    const path = await reportIn(folder, 1_000, days)
    const database = await freshDatabase(folder)
    const peakFile = join(folder, 'peak')
    const env = { ...environment(database, ''), PEAK_FILE: peakFile }
    const out = await node(['--import', REPORT_PEAK, CLI, 'import', path, '--json'], env)
    const { fetched } = JSON.parse(out) as { fetched: number }
    peaks.push({ rows: fetched, peak: taken(peakFile).peak })
  }
  return peaks
}

async function reportIn(folder: string, recordsPerHour: number, days: number): Promise<string> {
  const simulator = await startSimulator({ recordsPerHour })
  const path = join(folder, 'report.csv')
  const file = openSync(path, 'w')
  const last = `2026-01-${String(days).padStart(2, '0')}`
  for (const chunk of simulator.csv('2026', '2026-01-01', last)) writeSync(file, chunk)
  closeSync(file)
  await simulator.close()
  return path
}

async function freshDatabase(folder: string): Promise<string> {
  const path = join(folder, 'import.db')
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  await migrate({ type: 'sqlite', path }, () => {})
  return path
}

/** @returns CPU time in µs */
async function importOf(path: string, report: string): Promise<number> {
  const { loadSettings } = await import('../src/config/settings.js')
  const { importReports } = await import('../src/sync/sync.js')
  const settings = loadSettings({ DATABASE_URL: `sqlite:${path}` })
  const files = await reportFiles(report)
  const request = { files, zone: undefined, covers: undefined, dryRun: false }
  const before = process.cpuUsage()
  await importReports(settings, request, { log: createLog('silent'), now: Date.now, looked: () => {} })
  return cpuSince(before)
}

async function storeItems(path: string, report: string): Promise<{ rows: number; us: number }> {
  const dataSource = await connect({ type: 'sqlite', path })
  const { createLoader } = await import('../src/store/create-loader.js')
  const { storeRows } = await import('../src/store/keep-calls.js')
  const { preparePage } = await import('../src/record/page.js')
  const { reportPages } = await import('../src/history/report-pages.js')
  const loader = await createLoader(dataSource.manager)
  const [file] = (await reportFiles(report)) as [ReportFile]
  const pages = reportPages(file, undefined, PAGE)
  let [rows, us] = [0, 0]
  for await (const { items } of pages) {
    const before = process.cpuUsage()
    const page = [...preparePage(items).rows()]
    await dataSource.transaction((manager) => storeRows(manager, loader, page))
    us += cpuSince(before)
    rows += page.length
  }
  await dataSource.destroy()
  return { rows, us }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}
