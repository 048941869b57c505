import type { EntityManager } from 'typeorm'
import { LEG_COLUMNS } from '../calls/leg.js'
import { type CdrCall, CdrRecord } from '../entities/index.js'
import { type GapStats, openGaps } from '../report/gaps.js'
import { asLeg } from '../store/keep-calls.js'
import { ALWAYS } from '../store/retention-progress.js'
import { storedCalls } from '../store/stored-calls.js'
import { type Asked, askedFor } from './asked.js'
import { type FoundCalls, findCalls, type SearchRange } from './find-calls.js'
import { type Hop, hopsOf, SHOWN_COLUMNS } from './hops.js'
import { notesOf } from './notes.js'

/** What `trace` shows; the keys of `trace --json`. Times are ISO 8601 in UTC. */
export interface Trace {
  asked: string
  kind: Asked['kind']
  /** When the calls began; null where an ID was looked for at all times. */
  since: Date | null
  /** Not included; null where there is no end. */
  until: Date | null
  /** The numbers that are meant, if no call has exactly the one that was asked for. */
  similarNumbers: string[]
  /** The newest first. */
  calls: CdrCall[]
  /** How many others match. */
  more: number
  /** The legs of the call, if it is one. */
  journey: Hop[] | null
  /** Ranges that touch the time of the calls, or that was looked at, of which calls are missing. */
  gaps: GapStats[]
  /** What else may be missing. */
  notes: string[]
}

/** When the calls began, in ms since 1970 UTC; the end is not included, and there may be none. */
export type AskedRange = Omit<SearchRange, 'until'> & { until: number | undefined }

export async function traceOf(
  manager: EntityManager,
  typed: string,
  range: AskedRange,
  now: number
): Promise<Trace> {
  const asked = askedFor(typed)
  const found = await findCalls(manager, asked, { ...range, until: range.until ?? ALWAYS.ends })
  const calls = found.calls.map((call) => ({ ...call, journeyId: call.journeyId.toLowerCase() }))
  const [call] = calls
  const journey = call && calls.length === 1 ? await journeyOf(manager, call) : null
  return {
    asked: typed,
    kind: asked.kind,
    since: found.span ? new Date(found.span.since) : null,
    until: found.span && range.until !== undefined ? new Date(range.until) : null,
    similarNumbers: found.similar,
    calls,
    more: found.more,
    journey,
    gaps: await gapsOf(manager, found, now),
    notes: await notesOf(manager, asked, found, journey)
  }
}

async function journeyOf(manager: EntityManager, { journeyId }: CdrCall): Promise<Hop[]> {
  const [stored] = await storedCalls(manager, [journeyId])
  const records = await manager.find(CdrRecord, {
    select: SELECTED,
    where: { journeyId },
    order: { startTime: 'ASC', reportId: 'ASC' }
  })
  const legs = records.map((record) => ({ ...record, ...asLeg(record) }))
  return hopsOf(legs, stored?.parties ?? [])
}

const SELECTED = Object.fromEntries(
  ['id', 'maskedUtc', ...LEG_COLUMNS, ...SHOWN_COLUMNS].map((column) => [column, true])
)

/** Of all times only those that touch a call. */
async function gapsOf(manager: EntityManager, { calls, span }: FoundCalls, now: number): Promise<GapStats[]> {
  const times = calls.map(({ startUtc, endUtc }) => ({
    since: startUtc.getTime(),
    until: (endUtc ?? startUtc).getTime()
  }))
  const looked = calls.length === 1 ? times : span ? [span] : times
  return (await openGaps(manager, now)).filter(({ start, end }) =>
    looked.some(({ since, until }) => Date.parse(start) <= until && Date.parse(end) >= since)
  )
}
