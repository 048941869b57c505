import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Range } from '../../src/coverage/intervals.js'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import type { SyncRequest } from '../../src/sync/sync-sources.js'
import { killedAfter } from '../support/killed.js'
import { live } from '../support/live.js'
import { amount } from '../support/long.js'
import { type Bench, DAY, HOUR, type Row, setUp } from '../support/sync.js'

/** Days of runs, pauses and faults in any order: what Webex showed is in the table, or a row tells that it is missing. */

const MINUTE = 60_000
/** More of them, and others each time: `SEQUENCES=300 npx vitest run test/sync/sequences.test.ts`. */
const numRuns = amount('SEQUENCES', 4, 60)
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
const FAULTS = {
  refused: { kind: 'status', status: 400 },
  'without items': { kind: 'withoutItems' }
} as const
const fault = fc.record({
  /** Answers that are right before it, or pages that are stored. */
  after: fc.nat(6),
  /** How often in a row. */
  times: fc.constantFrom(1, 1, 2, 9),
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
      const records = recordsUntil(steps.reduce((end, { pause }) => end + pause, BEGIN) + 4 * DAY)
      const deliveries = records.map(deliveryOf)
      between.mockImplementation((from, to, filterBy) =>
        deliveries.filter((delivery) => delivery[filterBy] >= from && delivery[filterBy] < to)
      )
      const bench = await setUp({ now: BEGIN })
      let claim: Claim = { runId: 0, until: 0, asked: [] }
      for (const each of steps) {
        await take(bench, each)
        claim = claimOf(bench, claim)
        expect(untold(bench, records, claim)).toEqual([])
      }
      await recover(bench)
      claim = claimOf(bench, claim)
      expect(claim.until).toBeGreaterThan(bench.clock.now - 2 * HOUR)
      expect(untold(bench, records, claim)).toEqual([])
    }),
    process.env.SEQUENCES ? { numRuns } : { numRuns, seed: 11 }
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
  const item = {
    ...live,
    'Report ID': id,
    'Start time': new Date(began).toISOString(),
    // A call of its own: each page would otherwise make one anew that all of them are legs of.
    'Correlation ID': id,
    'Interaction ID': ''
  }
  return {
    item,
    start: began,
    report: stored,
    stored,
    visibleAt: stored,
    hiddenFrom: Number.POSITIVE_INFINITY
  }
}

async function take(
  { clock, sim, start }: Bench,
  { pause, request, fault, withoutStream }: Step
): Promise<void> {
  clock.now += pause
  sim.refuseStream(withoutStream ? 403 : undefined)
  const sync = () => start(requestAt(request, clock.now))
  if (fault?.kind === 'killed' && !request.dryRun) {
    await killedAfter(fault.after, sync).catch(() => {})
    return
  }
  if (fault && fault.kind !== 'killed') {
    sim.failNext(...Array(fault.after).fill(NONE), ...Array(fault.times).fill(FAULTS[fault.kind]))
  }
  await sync().catch(() => {})
  // Those that no request of the run has met.
  if (fault)
    for (let left = fault.after + fault.times; left > 0; left -= 1)
      await fetch(`${sim.url}/cdr_feed`).catch(() => {})
}

function requestAt({ since, until, lookback, ...request }: Request, now: number): Partial<SyncRequest> {
  return {
    ...request,
    since: since && now - since * DAY,
    until: until && now - until * DAY,
    lookback: lookback && lookback * HOUR
  }
}

/** Ends with syncs that succeed: windows that were refused have to wait, and what comes late is looked for later yet. */
async function recover({ clock, sim, auto }: Bench): Promise<void> {
  sim.refuseStream(undefined)
  for (const hours of [25, 25, 25, 1, 1]) {
    clock.now += hours * HOUR
    await auto()
  }
}

/** What a run says: of these Start times all is here, or told of, that the service had before a moment. */
interface Claim {
  runId: number
  until: number
  asked: Range[]
}

/** That of the newest run that could tell. */
function claimOf({ all }: Bench, before: Claim): Claim {
  const [run] = all(
    'SELECT id, complete_until_utc FROM cdr_sync_state WHERE complete_until_utc IS NOT NULL ORDER BY id DESC LIMIT 1'
  )
  if (!run || run.id === before.runId) return before
  const asked = all(
    "SELECT start_utc AS range_start_utc, end_utc AS range_end_utc FROM cdr_coverage WHERE source = 'asked' AND (end_utc IS NULL OR start_utc < end_utc)"
  )
  return { runId: Number(run.id), until: moment(run.complete_until_utc), asked: rangesOf(asked) }
}

/** What a claim holds though neither the table has it nor a gap tells of it. */
function untold({ all, reportIds }: Bench, records: readonly Stored[], { until, asked }: Claim): Stored[] {
  const known = reportIds()
  const gaps = rangesOf(all("SELECT * FROM cdr_sync_errors WHERE error_type = 'Gap' AND recovered = 0"))
  const isIn = (ranges: readonly Range[], { began }: Stored) =>
    ranges.some(({ start, end }) => began >= start && began < end)
  return records.filter(
    (record) => record.stored < until && isIn(asked, record) && !known.has(record.id) && !isIn(gaps, record)
  )
}

function rangesOf(rows: readonly Row[]): Range[] {
  return rows.map(({ range_start_utc, range_end_utc }) => ({
    start: moment(range_start_utc),
    end: range_end_utc ? moment(range_end_utc) : Number.POSITIVE_INFINITY
  }))
}

function moment(time: Row[string] | undefined): number {
  return time ? Date.parse(`${String(time).replace(' ', 'T')}Z`) : 0
}
