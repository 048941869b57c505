import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEMO_CREDENTIALS, type SimulatorOptions, startSimulator } from '../src/simulator/index.js'
import { median } from './median.js'

export const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url))
export const REPORT_PEAK = new URL('./report-peak.js', import.meta.url).href
const ROUNDS = 9

export interface MemoryResult {
  what: string
  records: number
  /** In MiB. */
  peak: number
}

/** The peak memory of a whole `sync` process with default settings: a first sync, which asks for 48 hours. */
export async function benchMemory(folder: string): Promise<MemoryResult[]> {
  return [
    await peakOfSync(folder, 'records', { recordsPerHour: 10_000 / 48 }),
    await peakOfSync(folder, 'records', { recordsPerHour: 400_000 / 48 }),
    await peakOfSync(folder, 'records of 8 KB each', { records: await padded(20_000, 8_192) })
  ]
}

/** Records of the simulator with a key more, of random text: all in one window, so that a full page follows another. */
async function padded(records: number, size: number): Promise<Record<string, unknown>[]> {
  const simulator = await startSimulator({ recordsPerHour: records / 10 })
  const now = Date.now()
  const items = [...simulator.truth(now - 11 * 3_600_000, now - 600_000).values()].slice(0, records)
  await simulator.close()
  return items.map((item) => {
    const missing = size - JSON.stringify({ ...item, Padding: '' }).length
    return { ...item, Padding: randomBytes(missing).toString('hex').slice(0, missing) }
  })
}

async function peakOfSync(folder: string, what: string, options: SimulatorOptions): Promise<MemoryResult> {
  const simulator = await startSimulator(options)
  const env = environment(join(folder, 'memory.db'), simulator.url)
  await node([CLI, 'migrate'], env)
  const peakFile = join(folder, 'peak')
  const out = await node(['--import', REPORT_PEAK, CLI, 'sync', '--json'], { ...env, PEAK_FILE: peakFile })
  await simulator.close()
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(folder, `memory.db${suffix}`), { force: true })
  const { runs } = JSON.parse(out) as { runs: { fetched: number }[] }
  const records = runs.reduce((sum, { fetched }) => sum + fetched, 0)
  return { what, records, peak: taken(peakFile).peak }
}

/** What a process with REPORT_PEAK left: MiB and ms. */
export function taken(peakFile: string): { peak: number; cpuMs: number } {
  const [kib = 0, cpuMs = 0] = readFileSync(peakFile, 'utf8').split(' ').map(Number)
  return { peak: kib / 1_024, cpuMs }
}

export interface StartResult {
  /** Of a whole process, in ms. */
  noopSync: number
  bareStart: number
  ratio: number
}

/** A sync that finds nothing, as a whole process, beside Node that only loads typeorm and axios. */
export async function benchStart(folder: string): Promise<StartResult> {
  const simulator = await startSimulator({ records: [] })
  const env = environment(join(folder, 'start.db'), simulator.url)
  await node([CLI, 'migrate'], env)
  const timed = async (args: string[]) => {
    const start = performance.now()
    await node(args, env)
    return performance.now() - start
  }
  const sync: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    sync.push(await timed([CLI, 'sync']))
    bare.push(await timed(['--input-type=module', '-e', 'import "typeorm"; import "axios"']))
  }
  await simulator.close()
  return {
    noopSync: median(sync),
    bareStart: median(bare),
    ratio: median(sync.map((ms, round) => ms / (bare[round] ?? 0)))
  }
}

export function environment(path: string, url: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    DATABASE_URL: `sqlite:${path}`,
    WEBEX_API_URL: url,
    WEBEX_ANALYTICS_URL: url,
    WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
    WEBEX_CLIENT_SECRET: DEMO_CREDENTIALS.clientSecret,
    WEBEX_REFRESH_TOKEN: DEMO_CREDENTIALS.refreshToken,
    WEBEX_REQUESTS_PER_MINUTE: '0',
    WEBEX_PAGES_PER_MINUTE: '0',
    LOG_LEVEL: 'warn'
  }
}

/** Runs Node and gives its standard output; a failure ends the bench. */
export function node(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: fileURLToPath(new URL('../..', import.meta.url))
    })
    let out = ''
    child.stdout.on('data', (chunk) => (out += chunk))
    child.on('error', reject)
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`node ${args.join(' ')} ended with ${code}`))
    )
  })
}
