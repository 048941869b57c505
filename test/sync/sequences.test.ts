import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import type { SyncRequest } from '../../src/sync/sync-sources.js'
import { live } from '../support/live.js'
import { type Bench, DAY, HOUR, type Row, setUp } from '../support/sync.js'

/** Days of runs, pauses and faults in any order: what Webex showed is in the table, or a row tells that it is missing. */

const MINUTE = 60_000
/** More of them, and others each time: `SEQUENCES=300 npx vitest run test/sync/sequences.test.ts`. */
const { SEQUENCES } = process.env
const NONE = { kind: 'none' } as const
const BEGIN = Date.UTC(2026, 10, 23, 16)

interface Stored {
  id: string
  began: number
  /** When the service had it. */
  stored: number
}

const pause = fc.oneof(
  fc.integer({ min: 1, max: 59 }).map((minutes) => minutes * MINUTE),
  fc.integer({ min: 1, max: 14 }).map((hours) => hours * HOUR),
  fc.integer({ min: 20, max: 60 }).map((hours) => hours * HOUR),
  fc.integer({ min: 3, max: 40 }).map((days) => days * DAY)
)
/** `since` and `until` in days ago, `lookback` in hours. */
type Request = Partial<Omit<SyncRequest, 'locations'>>
const days = fc.integer({ min: 1, max: 27 })
const request: fc.Arbitrary<Request> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ source: fc.constantFrom('auto', 'auto', 'stream', 'feed' as const) }) },
  { weight: 1, arbitrary: fc.constant({ source: 'auto', fillGaps: true }) },
  { weight: 1, arbitrary: fc.constant({ source: 'auto', dryRun: true }) },
  { weight: 1, arbitrary: days.map((since) => ({ source: 'auto' as const, since })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(days, days)
      .map(([until, length]) => ({ source: 'auto' as const, since: until + length, until }))
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 100 }).map((lookback) => ({ source: 'auto' as const, lookback }))
  }
)
const fault = fc.record({
  /** Answers that are right before it. */
  after: fc.nat(6),
  kind: fc.constantFrom('refused', 'without items', 'killed' as const)
})
const step = fc.record({
  pause,
  request,
  fault: fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fault }),
  withoutStream: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) }
  )
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

test('whatever runs, fails, is killed or left undone in whatever order: nothing is missing untold', async () => {
  const between = vi.spyOn(GeneratedSource.prototype, 'between')
  onTestFinished(() => between.mockRestore())
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
      const records = recordsUntil(steps.reduce((end, { pause }) => end + pause, BEGIN))
      const deliveries = records.map(deliveryOf)
      between.mockImplementation((from, to, filterBy) =>
        deliveries.filter((delivery) => delivery[filterBy] >= from && delivery[filterBy] < to)
      )
      const bench = await setUp({ now: BEGIN })
      const asked: Row[] = []
      for (const each of steps) {
        asked.push(...(await take(bench, each)))
        expect(untold(bench, complete(bench, records))).toEqual([])
      }
      await recover(bench)
      expect(untold(bench, [...complete(bench, records), ...askedFor(asked, records)])).toEqual([])
    }),
    SEQUENCES ? { numRuns: Number(SEQUENCES) } : { numRuns: 6, seed: 11 }
  )
}, 3_600_000)

/** One every two hours; each sixth comes as late as is promised. */
function recordsUntil(end: number): Stored[] {
  const lateness = [0, 20 * MINUTE, 5 * HOUR, 13 * HOUR, 26 * HOUR, 48 * HOUR - MINUTE]
  const first = BEGIN - 32 * DAY
  return Array.from({ length: Math.floor((end - first) / (2 * HOUR)) }, (_, index) => {
    const began = first + index * 2 * HOUR + ((index * 17) % 100) * MINUTE
    const id = `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`
    return { id, began, stored: began + (lateness[index % lateness.length] ?? 0) }
  })
}

function deliveryOf({ id, began, stored }: Stored) {
  const item = { ...live, 'Report ID': id, 'Start time': new Date(began).toISOString() }
  return {
    item,
    start: began,
    report: stored,
    stored,
    visibleAt: stored,
    hiddenFrom: Number.POSITIVE_INFINITY
  }
}

/** @returns the runs of cdr_feed that somebody asked for, or that were first: others look for what came late */
async function take(
  { clock, sim, start, all, execute }: Bench,
  { pause, request, fault, withoutStream }: Step
): Promise<Row[]> {
  clock.now += pause
  sim.refuseStream(withoutStream ? 403 : undefined)
  if (fault) {
    const last =
      fault.kind === 'without items'
        ? { kind: 'withoutItems' as const }
        : { kind: 'status' as const, status: 400 }
    sim.failNext(...Array(fault.after).fill(NONE), last)
  }
  const [run] = all('SELECT COALESCE(MAX(id), 0) AS id FROM cdr_sync_state')
  const [before] = all('SELECT COALESCE(MAX(id), 0) AS id FROM cdr_sync_errors')
  const failed = await start(requestAt(request, clock.now)).then(
    () => false,
    () => true
  )
  if (failed && fault?.kind === 'killed') {
    // As `kill -9` leaves it.
    execute(`DELETE FROM cdr_sync_errors WHERE id > ${before?.id} AND error_type = 'FatalError';
      UPDATE cdr_sync_state SET status = 'running' WHERE status = 'failed' AND id = (SELECT MAX(id) FROM cdr_sync_state)`)
  }
  const isAsked = request.since !== undefined || run?.id === 0
  return isAsked ? all(`SELECT * FROM cdr_sync_state WHERE id > ${run?.id} AND source = 'cdr_feed'`) : []
}

function requestAt({ since, until, lookback, ...request }: Request, now: number): Partial<SyncRequest> {
  return {
    ...request,
    since: since && now - since * DAY,
    until: until && now - until * DAY,
    lookback: lookback && lookback * HOUR
  }
}

/** Ends with a sync that succeeds; faults may wait that no run has met. */
async function recover({ clock, sim, auto }: Bench): Promise<void> {
  sim.refuseStream(undefined)
  for (let attempt = 0; attempt < 100; attempt += 1) await auto().catch(() => {})
  clock.now += HOUR
  await auto()
}

/** Of these, what neither the table has nor a row of cdr_sync_errors tells of. */
function untold({ all, reportIds }: Bench, promised: readonly Stored[]): Stored[] {
  const known = reportIds()
  const open = all(`SELECT source, range_start_utc, range_end_utc FROM cdr_sync_errors
    WHERE recovered = 0 AND record_key IS NULL AND range_start_utc IS NOT NULL`)
  return promised.filter((record) => !known.has(record.id) && !open.some((row) => tells(row, record)))
}

function tells({ source, range_start_utc, range_end_utc }: Row, { began, stored }: Stored): boolean {
  const time = source === 'cdr_stream' ? stored : began
  return time >= moment(range_start_utc) && time <= moment(range_end_utc)
}

/** What the service had from the first run on when the scope was said to be complete. */
function complete({ all }: Bench, records: readonly Stored[]): Stored[] {
  const runs = all('SELECT * FROM cdr_sync_state WHERE complete_until_utc IS NOT NULL ORDER BY id')
  const from = moment(runs[0]?.range_start_utc)
  return ['cdr_feed', 'cdr_stream'].flatMap((source) => {
    const until = moment(runs.findLast((run) => run.source === source)?.complete_until_utc)
    return records.filter(({ began, stored }) => began >= from && stored < until)
  })
}

/** What the service had of the ranges that cdr_feed was asked for. */
function askedFor(runs: readonly Row[], records: readonly Stored[]): Stored[] {
  return runs.flatMap(({ range_start_utc, range_end_utc }) => {
    const start = moment(range_start_utc)
    const end = moment(range_end_utc)
    return records.filter(({ began, stored }) => began >= start && began < end && stored < end)
  })
}

function moment(time: Row[string] | undefined): number {
  return time ? Date.parse(`${String(time).replace(' ', 'T')}Z`) : 0
}
