import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { ReportForm, Simulator } from '../../src/simulator/index.js'
import { Draw } from '../../src/simulator/records/draw.js'
import { zip } from '../../src/simulator/reports/zip.js'
import { standInEnvironment } from '../support/cli.js'
import { contract, dialect } from '../support/contract.js'
import { IMPATIENT } from '../support/hurried.js'
import { amount } from '../support/long.js'
import { programBench } from '../support/program.js'
import { DAY, sqlTime } from '../support/sync.js'
import { wrongCalls } from './call-verdict.js'
import { momentOf } from './verdict.js'

const recordsPerHour = amount('HISTORY_RECORDS_PER_HOUR', 2, 12)
const seed = amount('HISTORY_SEED', 5, Math.floor(Date.now() / 1_000))
const DAYS = 90
/** What no report has. */
const LACKING = ['External customer ID', 'Transfer type', 'Transfer type context', 'Answer reason']

/** Ways for calls to come, each killed twice before it may end. */
type Way = readonly string[]

contract(`the history of ${DAYS} days, ${recordsPerHour} records an hour, HISTORY_SEED=${seed},`, () => {
  test(
    'ends in the same table by sync, --history and files of all forms, in any order, killed and repeated',
    async () => {
      const { run, start, migrate, query, env, sim, folder } = await programBench({
        recordsPerHour,
        seed,
        reports: { maxDays: 31, takes: 100 }
      })
      await migrate()
      const standIn = dialect === 'mssql' ? standInEnvironment() : {}
      const options = [standIn.NODE_OPTIONS, IMPATIENT.NODE_OPTIONS].filter(Boolean).join(' ')
      Object.assign(env, standIn, { NODE_OPTIONS: options, WEBEX_MAX_PER_PAGE: '500' })
      const today = Math.floor(Date.now() / DAY) * DAY
      const from = today - DAYS * DAY
      const [first, last] = [dayOf(from), dayOf(today - 4 * DAY)]
      const files = await reportsIn(folder, sim, first, last)
      const draw = new Draw(`history ${seed}`)
      const ways: Way[] = [
        ['sync', '--since', '30d'],
        ['sync', '--history', first],
        ...files.map((file) => ['import', file, '--covers', `${first}..${last}`])
      ]
      for (const way of shuffled(ways, draw)) {
        for (let kills = 0; kills < 2; kills += 1) {
          const { child, ended } = start(...way)
          await delay(draw.whole(200, 3_000))
          child.kill('SIGKILL')
          await ended
        }
        const { code, stderr } = await run(...way)
        expect(code, `${way.join(' ')}: ${stderr}`).toBe(0)
      }
      // What lies between the reports and the other APIs.
      expect(await run('sync', '--source', 'feed')).toMatchObject({ code: 0 })

      const before = today - 3 * DAY
      for (let day = from; day < before; day += DAY) await expectAll(query, sim, day, day > today - 29 * DAY)
      const [{ n = -1 } = {}] = await query<{ n: number }>(
        `SELECT COUNT(*) AS n FROM cdr_records WHERE start_time >= '${sqlTime(from)}' AND start_time < '${sqlTime(before)}'`
      )
      expect(n).toBe(sim.truth(from, before).size)
      const open = await query('SELECT error_type, error_message FROM cdr_sync_errors WHERE recovered = 0')
      expect(open).toEqual([])
      expect(sim.reports).toEqual([])
    },
    600_000 + recordsPerHour * 60_000
  )
})

/** The CSV of each form, the last one in a ZIP. */
async function reportsIn(folder: string, sim: Simulator, first: string, last: string): Promise<string[]> {
  const csvs = (['2022', '2024'] as const).map((form) => {
    const path = join(folder, `${form}.csv`)
    write(path, sim.csv(form, first, last))
    return path
  })
  mkdirSync(join(folder, 'zipped'))
  const path = join(folder, 'zipped', 'report.zip')
  const pieces: Buffer[] = []
  const entry = (form: ReportForm, name: string) => ({ name, content: sim.csv(form, first, last) })
  for await (const piece of zip([entry('2026', 'a.csv'), entry('2024', 'b.csv')])) pieces.push(piece)
  write(path, pieces)
  return [...csvs, join(folder, 'zipped')]
}

function write(path: string, pieces: Iterable<Buffer>): void {
  const file = openSync(path, 'w')
  for (const piece of pieces) writeSync(file, piece)
  closeSync(file)
}

type Query = <Row>(sql: string) => Promise<Row[]>

/** @param isWhole the day was read from cdr_feed, too */
async function expectAll(query: Query, sim: Simulator, day: number, isWhole: boolean): Promise<void> {
  const within = `start_time >= '${sqlTime(day)}' AND start_time < '${sqlTime(day + DAY)}'`
  const rows = await query<{ report_id: string; raw_json: string; start_time: unknown }>(
    `SELECT report_id, raw_json, start_time FROM cdr_records WHERE ${within}`
  )
  const truth = sim.truth(day, day + DAY)
  const told = (item: object) =>
    Object.fromEntries(
      Object.entries(item)
        .filter(([key, value]) => !/^(na|n\/a|)$/i.test(String(value)) && (isWhole || !LACKING.includes(key)))
        .map(([key, value]) => [key, String(value)])
        .sort()
    )
  const stored = new Map(rows.map((row) => [row.report_id.toLowerCase(), told(JSON.parse(row.raw_json))]))
  expect(stored).toEqual(new Map([...truth].map(([id, item]) => [id, told(item)])))
  for (const { start_time, report_id } of rows) {
    const item = truth.get(report_id.toLowerCase())
    expect(momentOf(start_time)).toBe(Date.parse(String(item?.['Start time'])))
  }
  // What a report lacks tells of transfers by an assistant.
  if (!isWhole) return
  const calls = sim.calls(day, day + DAY)
  expect(await wrongCalls(query, { start: day, end: day + DAY }, calls)).toEqual([])
}

function shuffled(ways: readonly Way[], draw: Draw): Way[] {
  return ways
    .map((way) => ({ way, place: draw.fraction() }))
    .sort((a, b) => a.place - b.place)
    .map(({ way }) => way)
}

function dayOf(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}
