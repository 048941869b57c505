import { expect } from 'vitest'
import type { Range } from '../../src/coverage/intervals.js'
import { type Row, SETTLING, sqlTime } from '../support/sync.js'
import { wrongCalls } from './call-verdict.js'
import type { Installation } from './installation.js'

export interface Verdict {
  /** How many records the service shows. */
  records: number
  lost: string[]
  twice: string[]
  stale: string[]
  /** In the table, and the service has never shown them. */
  strange: string[]
  /** Calls that are not what the service knows of them. */
  calls: string[]
  /** Rows of cdr_sync_state whose counters do not add up. */
  uneven: Row[]
  /** What is not recovered in cdr_sync_errors. */
  open: Row[]
  /** Who has the lease. */
  holders: Row[]
}

/** The verdict of a table in which nothing is wrong. */
export const CLEAN: Verdict = {
  records: expect.any(Number) as unknown as number,
  lost: [],
  twice: [],
  stale: [],
  strange: [],
  calls: [],
  uneven: [],
  open: [],
  holders: []
}

const DAY = 86_400_000
/** How long cdr_stream needs to show a record, with 30 s for clocks that differ and 5 s to start in. */
const STREAM_DELAY = 95_000

/**
 * Holds the table against all that the service showed when the newest sync began, a day of calls at a time.
 * @param began in ms since 1970 UTC
 */
export async function judge(
  { sim, clock, database: { query } }: Installation,
  began: number
): Promise<Verdict> {
  const from = await firstAsked(query)
  // cdr_stream brings calls that began long before it was first asked.
  const oldest = from - 10 * DAY
  const shownAt = (moment: number, { start, end }: Range) =>
    clock.at(moment, () => sim.truth(start, Math.max(start, end)))
  const verdict: Verdict = {
    records: 0,
    lost: [],
    twice: [],
    stale: [],
    strange: (await query<Stored>(`${STORED} WHERE NOT (${within({ start: oldest, end: began })})`)).map(
      idOf
    ),
    calls: [],
    uneven: await query<Row>(
      `SELECT * FROM cdr_sync_state WHERE records_fetched <>
       records_inserted + records_updated + records_duplicate + records_quarantined`
    ),
    open: await query<Row>(
      'SELECT source, error_type, error_message FROM cdr_sync_errors WHERE recovered = 0'
    ),
    holders: (await query<Row>('SELECT * FROM cdr_sync_lease')).filter(
      ({ expires_utc }) => momentOf(expires_utc) > Date.now()
    )
  }
  for (const day of daysOf({ start: oldest, end: began })) {
    const rows = await query<Stored>(`${STORED} WHERE ${within(day)}`)
    const truth = shownAt(began - STREAM_DELAY, {
      start: Math.max(day.start, from),
      end: Math.min(day.end, began - SETTLING)
    })
    const callsAt = (moment: number) =>
      clock.at(moment, () =>
        sim.calls(Math.max(day.start, from + DAY), Math.min(day.end, began - SETTLING - DAY))
      )
    // A newer version may have come while the newest sync ran.
    const later = shownAt(began + DAY, day)
    const stored = new Map(rows.map((row) => [idOf(row), row.raw_json]))
    const isItem = (json: string, item: unknown) => JSON.stringify(JSON.parse(json)) === JSON.stringify(item)
    const isStale = (id: string, json: string) => !isItem(json, truth.get(id)) && !isItem(json, later.get(id))
    const seen = new Set<string>()
    verdict.records += truth.size
    verdict.lost.push(...[...truth.keys()].filter((id) => !stored.has(id)))
    verdict.twice.push(...rows.map(idOf).filter((id) => seen.size === seen.add(id).size))
    verdict.stale.push(
      ...[...stored].flatMap(([id, json]) => (truth.has(id) && isStale(id, json) ? [id] : []))
    )
    const calls = await wrongCalls(query, day, callsAt(began - STREAM_DELAY), callsAt(began + DAY))
    verdict.calls.push(...calls)
    verdict.strange.push(...[...stored.keys()].filter((id) => !later.has(id)))
  }
  return verdict
}

interface Stored {
  report_id: string
  raw_json: string
}

const STORED = 'SELECT report_id, raw_json FROM cdr_records'

function within({ start, end }: Range): string {
  return `start_time >= '${sqlTime(start)}' AND start_time < '${sqlTime(end)}'`
}

function idOf({ report_id }: Stored): string {
  return report_id.toLowerCase()
}

/** A range in pieces of a day, so that no campaign is too long for the memory. */
export function daysOf({ start, end }: Range): Range[] {
  return Array.from({ length: Math.ceil((end - start) / DAY) }, (_, index) => ({
    start: start + index * DAY,
    end: Math.min(start + (index + 1) * DAY, end)
  }))
}

/** Where the first run of all began to ask, in ms since 1970 UTC. */
async function firstAsked(query: Installation['database']['query']): Promise<number> {
  const runs = await query<Row>('SELECT range_start_utc FROM cdr_sync_state ORDER BY id')
  return momentOf(runs[0]?.range_start_utc)
}

/** A time as either database gives it, in ms since 1970 UTC. */
export function momentOf(value: unknown): number {
  return value instanceof Date ? value.getTime() : Date.parse(`${String(value).replace(' ', 'T')}Z`)
}
