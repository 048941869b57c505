import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listMigrations } from '../../src/database/migration-list.js'
import { startCli } from '../support/cli.js'
import { contract, dialect } from '../support/contract.js'
import { amount, isLong } from '../support/long.js'
import { storedRow, storeMany } from './many.js'
import { Adoptee, oddities, type Row } from './support.js'

const ROWS = amount('ADOPTION_ROWS', 2_500, 50_000)
const ANY = Date.now() % 1_000_000
const SEED = amount('ADOPTION_SEED', ANY, ANY)
const KILLS_ANYWHERE = 2
const KILLS_IN_FILL = isLong ? 8 : 2
/** In ms: nobody can look into the file while the program has it, so that the moment is chosen by the clock. */
const LATEST_IN_SQLITE = 1_500 + ROWS / 20
/** How many rows are compared at a time. */
const PAGE = 2_000
const MINUTES = 60_000 * (4 + ROWS / 2_000)

contract(`a database of ${ROWS} rows, adopted by a process that is killed`, () => {
  let adoptee: Adoptee | undefined
  const run = { id: 3, last_successful_run_utc: '2026-09-24 08:00:00.000', notes: 'ok' }
  const error = { id: 2, error_type: 'API_ERROR', error_message: 'Łódź 📞' }

  beforeAll(async () => {
    adoptee = await Adoptee.with()
    await timed('stored', () => storeMany(adoptee!, ROWS))
    await adoptee.insert(TABLES.runs, {
      ...run,
      last_successful_end_time_utc: '2026-09-24 07:55:00.000',
      records_fetched: 10,
      sync_duration_seconds: 2,
      api_calls_made: 1
    })
    await adoptee.insert(TABLES.errors, error)
  }, MINUTES)
  afterAll(() => adoptee?.drop(), MINUTES)

  test(
    'keeps every record',
    async () => {
      const { left, took } = await killAndRestart(adoptee!)
      say(`ADOPTION_SEED=${SEED}: killed with ${left.join(', ')} rows to do; in all ${took} s`)

      await timed('compared', () => compareAll(adoptee!))
      expect(await adoptee!.rows(TABLES.runs)).toEqual([expect.objectContaining({ ...run, status: null })])
      expect(await adoptee!.rows(TABLES.errors)).toEqual([expect.objectContaining(error)])
      const names = (await listMigrations(dialect)).map(({ name }) => name)
      const history = await adoptee!.query(`SELECT name, action FROM ${TABLES.history} ORDER BY id`)
      expect(history).toEqual(names.map((name) => ({ name, action: 'applied' })))

      const again = await migrate(adoptee!).ended
      expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('No pending migrations.') })
    },
    MINUTES
  )
})

const schema = dialect === 'mssql' ? 'dbo.' : ''
const TABLES = {
  records: `${schema}cdr_records`,
  runs: `${schema}cdr_sync_state`,
  errors: `${schema}cdr_sync_errors`,
  history: `${schema}cdr_schema_history`
}

function migrate({ url }: Adoptee) {
  return startCli(['migrate'], { DATABASE_URL: url }, '/tmp')
}

/**
 * Kills the program: first whenever it happens to be, then while it fills, at random shares of the rows; and lets it
 * end.
 */
async function killAndRestart(adoptee: Adoptee): Promise<{ left: unknown[]; took: number }> {
  const random = randomFrom(SEED)
  const start = performance.now()
  const left: unknown[] = []
  const shares = Array.from({ length: KILLS_IN_FILL }, random).sort((a, b) => b - a)
  for (const share of [...Array.from({ length: KILLS_ANYWHERE }, () => 1), ...shares]) {
    const { child, ended } = migrate(adoptee)
    let running = true
    void ended.then(() => {
      running = false
    })
    if (dialect === 'sqlite') await sleep(LATEST_IN_SQLITE * random())
    else {
      while (running && share < 1 && ((await toDo(adoptee)) ?? ROWS) > share * ROWS) await sleep(20)
      await sleep(random() * (share < 1 ? 300 : 3_000))
    }
    child.kill('SIGKILL')
    await ended
    left.push((await toDo(adoptee)) ?? 'all')
  }
  const { code, stdout, stderr } = await migrate(adoptee).ended
  expect(code, stdout + stderr).toBe(0)
  return { left, took: Math.round((performance.now() - start) / 1000) }
}

/** How many rows have no key yet; undefined before there is a column for it. */
async function toDo(adoptee: Adoptee): Promise<number | undefined> {
  const none = dialect === 'mssql' ? "= '00000000-0000-0000-0000-000000000000'" : 'IS NULL'
  return adoptee
    .query(`SELECT COUNT(*) AS n FROM ${TABLES.records} WHERE report_id ${none}`)
    .then(([row]) => Number(row?.n))
    .catch(() => undefined)
}

async function compareAll(adoptee: Adoptee): Promise<void> {
  const excused = await adoptee.using(oddities)
  for (let first = 1; first <= ROWS; first += PAGE) {
    const last = Math.min(first + PAGE - 1, ROWS)
    const expected: Row[] = []
    for (let id = first; id <= last; id += 1) {
      const row = storedRow(id).expected(excused)
      if (row) expected.push({ id, ...row })
    }
    const found = await adoptee.rows(TABLES.records, `id BETWEEN ${first} AND ${last}`)
    expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
    for (const [index, row] of expected.entries()) expect(found[index]).toMatchObject(row)
  }
}

async function timed(what: string, action: () => Promise<void>): Promise<void> {
  const start = performance.now()
  await action()
  say(`${what} ${ROWS} rows in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
