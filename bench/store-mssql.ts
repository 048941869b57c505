import type { CdrRow } from '../src/record/record.js'
import { median } from './median.js'
import { type BenchDatabase, createBenchDatabase } from './mssql-database.js'
import { recordRequests, replay, type Step } from './replay.js'
import { sampleRows } from './sample.js'

export const RECORDS = 10_000
export const ROUNDS = 5
export const PAGE_SIZES = [500, 2_500, 5_000]
/** A request takes at most 2,100 parameters; the driver needs two for itself. */
const PARAMETERS = 2_098
/** Of the slow ways fewer rows are enough for a speed. */
const CHUNKS = 20
const SINGLE_ROWS = 60

/** One way to store rows, each of its pages in a transaction. */
interface Way {
  name: string
  rows: number
  run(database: BenchDatabase): Promise<unknown>
}

/** What a way did, round by round. */
export interface Figures {
  /** Rows a second. */
  speeds: number[]
  /** CPU time of this process, in ms per 1,000 rows. */
  cpu: number[]
}

export interface MssqlResult {
  /** The first line of what @@VERSION says. */
  server: string
  /** How long it took to make the rows that are stored before, in s. */
  seeding: number
  /** How many rows TypeORM's insert takes at a time. */
  chunk: number
  /** The figures of each way by its name, with none and with many rows stored before. */
  none: Map<string, Figures>
  many: Map<string, Figures>
}

export const loaderOf = (pageSize: number) => `loader ${pageSize}`
export const bareOf = (pageSize: number) => `bare ${pageSize}`
export const CHUNKED = 'chunked'
export const SINGLE = 'single'

/**
 * The loader beside a bare loop of its own requests, TypeORM's insert in chunks and TypeORM's insert of one row:
 * the same rows, table and connection, by turns.
 * @param stored how many rows there are before in the second of the two databases
 */
export async function benchStoreMssql(url: string, stored: number): Promise<MssqlResult> {
  const rows = await sampleRows('mssql', RECORDS)
  const databases: BenchDatabase[] = []
  try {
    const none = await createBenchDatabase(url)
    databases.push(none)
    const many = await createBenchDatabase(url)
    databases.push(many)
    const start = performance.now()
    if (stored > 0) await many.seed(rows, stored)
    const seeding = (performance.now() - start) / 1_000
    const chunk = Math.floor(PARAMETERS / Object.keys(rows[0]!).length)
    const figures = await takeTurns([none, many], await waysToStore(none, rows, chunk))
    const [{ version }] = await none.dataSource.query<[{ version: string }]>('SELECT @@VERSION AS version')
    return {
      server: version.split('\n')[0]!.trim(),
      seeding,
      chunk,
      none: figures.get(none)!,
      many: figures.get(many)!
    }
  } finally {
    for (const database of databases) await database.drop()
  }
}

async function waysToStore(database: BenchDatabase, rows: readonly CdrRow[], chunk: number): Promise<Way[]> {
  const ways: Way[] = []
  for (const pageSize of PAGE_SIZES) {
    const pages = inParts(rows, pageSize)
    const requests: Step[][] = []
    for (const page of pages) requests.push(await storePage(database, page, recordRequests))
    await database.reset()
    ways.push(
      {
        name: loaderOf(pageSize),
        rows: rows.length,
        async run(database) {
          for (const page of pages) await storePage(database, page, (work) => work())
        }
      },
      { name: bareOf(pageSize), rows: rows.length, run: ({ pool }) => replay(pool, requests) }
    )
  }
  return [
    ...ways,
    { name: CHUNKED, rows: chunk * CHUNKS, run: (to) => insert(to, inParts(rows, chunk).slice(0, CHUNKS)) },
    { name: SINGLE, rows: SINGLE_ROWS, run: (to) => insert(to, inParts(rows, 1).slice(0, SINGLE_ROWS)) }
  ]
}

/** @param around what is to be done about the loader's work inside the transaction */
function storePage<T>(
  { dataSource, loader }: BenchDatabase,
  page: CdrRow[],
  around: (work: () => Promise<unknown>) => Promise<T>
): Promise<T> {
  return dataSource.transaction((manager) => around(() => manager.withRepository(loader).store(page)))
}

/** TypeORM's insert, all in one transaction. It writes what the database filled in to the rows: so to copies. */
function insert({ dataSource, loader }: BenchDatabase, parts: CdrRow[][]): Promise<void> {
  return dataSource.transaction(async (manager) => {
    for (const part of parts) await manager.withRepository(loader).insert(part.map((row) => ({ ...row })))
  })
}

function inParts<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size)
  )
}

/** Every other round goes backwards. The round before the first is not counted: connections and caches get warm. */
async function takeTurns(
  databases: readonly BenchDatabase[],
  ways: readonly Way[]
): Promise<Map<BenchDatabase, Map<string, Figures>>> {
  const figures = new Map(
    databases.map((database) => [
      database,
      new Map(ways.map(({ name }): [string, Figures] => [name, { speeds: [], cpu: [] }]))
    ])
  )
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const way of round % 2 ? ways : ways.toReversed()) {
      for (const database of databases) {
        const { speed, cpu } = await measure(way, database)
        if (round === 0) continue
        const found = figures.get(database)!.get(way.name)!
        found.speeds.push(speed)
        found.cpu.push(cpu)
      }
    }
  }
  return figures
}

async function measure(way: Way, database: BenchDatabase): Promise<{ speed: number; cpu: number }> {
  const cpuBefore = process.cpuUsage()
  const start = performance.now()
  await way.run(database)
  const seconds = (performance.now() - start) / 1_000
  const { user, system } = process.cpuUsage(cpuBefore)
  if ((await database.added()) !== way.rows) throw new Error(`${way.name}: rows are missing`)
  await database.reset()
  return { speed: way.rows / seconds, cpu: (user + system) / way.rows }
}

/** The median of the ratios of two ways in the same round. */
export function ratio(one: Figures, other: Figures): number {
  return median(one.speeds.map((speed, round) => speed / other.speeds[round]!))
}
