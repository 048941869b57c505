import { expect } from 'vitest'
import { type Row, SETTLING } from '../support/sync.js'
import type { Installation } from './installation.js'

export interface Verdict {
  /** How many records the service shows. */
  records: number
  lost: string[]
  twice: string[]
  stale: string[]
  /** In the table, and the service has never shown them. */
  strange: string[]
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
  uneven: [],
  open: [],
  holders: []
}

const DAY = 86_400_000
/** How long cdr_stream needs to show a record, with 30 s for clocks that differ and 5 s to start in. */
const STREAM_DELAY = 95_000

/**
 * Holds the table against all that the service showed when the newest sync began.
 * @param began in ms since 1970 UTC
 */
export async function judge(
  { sim, clock, database: { query } }: Installation,
  began: number
): Promise<Verdict> {
  const rows = await query<{ report_id: string; raw_json: string }>(
    'SELECT report_id, raw_json FROM cdr_records'
  )
  const stored = new Map(rows.map(({ report_id, raw_json }) => [report_id.toLowerCase(), raw_json]))
  const from = await firstAsked(query)
  const shownAt = (moment: number, since: number, until: number) =>
    clock.at(moment, () => sim.truth(since, until))
  const truth = shownAt(began - STREAM_DELAY, from, began - SETTLING)
  // A newer version may have come while the newest sync ran.
  const later = shownAt(began + DAY, from - 10 * DAY, began)
  const isItem = (json: string, item: unknown) => JSON.stringify(JSON.parse(json)) === JSON.stringify(item)
  const isStale = (id: string, json: string) => !isItem(json, truth.get(id)) && !isItem(json, later.get(id))
  const seen = new Set<string>()
  return {
    records: truth.size,
    lost: [...truth.keys()].filter((id) => !stored.has(id)),
    twice: rows
      .map(({ report_id }) => report_id.toLowerCase())
      .filter((id) => seen.size === seen.add(id).size),
    stale: [...stored].flatMap(([id, json]) => (truth.has(id) && isStale(id, json) ? [id] : [])),
    strange: [...stored.keys()].filter((id) => !later.has(id)),
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
