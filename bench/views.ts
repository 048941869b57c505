import type { DataSource } from 'typeorm'
import { copyDays, NEWEST, oneDay } from './calls.js'
import { count, print } from './print.js'

const DAY = 86_400_000
const DAYS = 120
/** Rows a statement: as many as SQL Server's 2,100 parameters allow of the wider table. */
const CHUNK = 50

/** Of how many records there are calls. */
const records = Number(process.env.BENCH_RECORDS ?? 1_000_000)

/** Each view with the column by which its last 30 days are chosen. */
const VIEWS: readonly [string, string][] = [
  ['cdr_calls_by_day', 'day'],
  ['cdr_calls_by_hour', 'day'],
  ['cdr_users_by_day', 'day'],
  ['cdr_callers_by_day', 'day'],
  ['cdr_queues_by_day', 'day'],
  ['cdr_service_levels', 'day'],
  ['cdr_agents_by_day', 'day'],
  ['cdr_pstn_minutes', 'day'],
  ['cdr_trunk_hours', 'day_utc'],
  ['cdr_failures', 'day'],
  ['cdr_attendant_keys', 'day'],
  ['cdr_completeness', 'day_utc']
]

/** Fills a migrated database with calls of 120 days, and prints how long the last 30 take of each view. */
export async function benchViews(dataSource: DataSource): Promise<void> {
  await fill(dataSource)
  const since = new Date(NEWEST.getTime() - 29 * DAY).toISOString().slice(0, 10)
  for (const [view, column] of VIEWS) {
    const times: number[] = []
    let rows = 0
    for (let round = 0; round < 3; round += 1) {
      const start = performance.now()
      rows = (await dataSource.query(`SELECT * FROM ${view} WHERE ${column} >= '${since}'`)).length
      times.push(performance.now() - start)
    }
    const [best = 0, middle = 0] = times.sort((a, b) => a - b)
    print(
      `  ${view}: ${count(middle)} ms, at best ${count(best)} ms, ${count(rows)} rows (aim: under 2,000 ms)`
    )
  }
}

async function fill(dataSource: DataSource): Promise<void> {
  const entities = await import('../src/entities/index.js')
  const { calls, parties } = oneDay(records / DAYS, NEWEST.getTime())
  await dataSource.transaction(async (manager) => {
    for (let at = 0; at < calls.length; at += CHUNK)
      await manager.insert(entities.CdrCall, calls.slice(at, at + CHUNK))
    for (let at = 0; at < parties.length; at += CHUNK)
      await manager.insert(entities.CdrCallParty, parties.slice(at, at + CHUNK))
    await manager.insert(entities.CdrCoverage, {
      scope: 'all locations',
      source: 'asked',
      startUtc: new Date(NEWEST.getTime() - DAYS * DAY)
    })
  })
  await copyDays(dataSource, DAYS - 1)
  print(
    `  ${count(records)} records: ${count(calls.length * DAYS)} calls, ${count(parties.length * DAYS)} parties, ${DAYS} days`
  )
}
