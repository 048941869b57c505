import type { EntityManager } from 'typeorm'
import { type Call, callOf } from '../calls/call.js'
import { type Journey, journeyIdOf, journeysOf } from '../calls/journeys.js'
import { type CallLeg, LEG_COLUMNS } from '../calls/leg.js'
import type { CdrRow } from '../record/record.js'
import { createCallTables } from './create-call-tables.js'
import { findRecords } from './find-records.js'
import type { CdrLoader, Stored } from './loader.js'
import { storedCalls } from './stored-calls.js'

/** Stores rows and makes the calls anew that they belong to. Part of a transaction. */
export async function storeRows(
  manager: EntityManager,
  loader: CdrLoader,
  rows: readonly CdrRow[]
): Promise<Stored> {
  if (rows.length > 0) await (await createCallTables(manager)).lock()
  // Nearly always it stays at this, and no row is written twice.
  const known = new Map<string, string>()
  for (const row of rows) {
    row.journeyId = known.get(row.correlationId ?? '') ?? journeyIdOf(row)
    if (row.correlationId) known.set(row.correlationId, row.journeyId)
  }
  const stored = await manager.withRepository(loader).store(rows)
  const { inserted, updated } = stored
  // An update leaves the journey as it was.
  const before = await load(
    manager,
    'reportId',
    updated.map(({ reportId }) => reportId)
  )
  const journeys = new Map(before.map(({ reportId, journeyId }) => [reportId, journeyId]))
  for (const row of updated) row.journeyId = journeys.get(row.reportId) ?? null
  await keepCalls(
    manager,
    loader,
    [...inserted, ...updated],
    before.flatMap(({ journeyId }) => journeyId ?? [])
  )
  return stored
}

/**
 * Makes anew the calls that legs belong to or have belonged to. Part of a transaction that has the lock.
 * @param touched legs that came or changed, with the journeys that the database has them in
 * @param changed journeys that may have lost legs
 */
export async function keepCalls(
  manager: EntityManager,
  loader: CdrLoader,
  touched: readonly CallLeg[],
  changed: readonly string[]
): Promise<void> {
  if (touched.length === 0 && changed.length === 0) return
  const tables = await createCallTables(manager)
  const legs = new Map(touched.map((leg) => [leg.reportId, leg]))
  const gone = new Set<string>()
  let suspect = [...changed]
  for (let reached = [...legs.values()]; reached.length > 0 || suspect.length > 0; ) {
    const found = [
      ...(await load(manager, 'reportId', reached.length > 0 ? await tables.related(reached, legs) : [])),
      ...(await load(manager, 'journeyId', suspect))
    ]
    for (const id of suspect) gone.add(id)
    reached = [...new Map(found.map((leg) => [leg.reportId, leg])).values()].filter(
      ({ reportId }) => !legs.has(reportId)
    )
    for (const leg of reached) legs.set(leg.reportId, leg)
    suspect = [...new Set(reached.flatMap(({ journeyId }) => journeyId ?? []))].filter((id) => !gone.has(id))
  }
  const journeys = journeysOf([...legs.values()])
  const calls = await withoutMasked(manager, journeys)
  for (const { id } of journeys) gone.delete(id)
  const moved: Pick<CallLeg, 'reportId' | 'journeyId'>[] = []
  for (const { id, legs: members } of calls) {
    for (const { reportId, journeyId } of members) {
      if (journeyId !== id) moved.push({ reportId, journeyId: id })
    }
  }
  if (moved.length > 0) await manager.withRepository(loader).change(['journeyId'], moved)
  await tables.replace(gone, made(calls))
}

/** One after the other, so that not all of a page are in memory. */
function* made(journeys: readonly Journey[]): Generator<Call, void, undefined> {
  for (const journey of journeys) yield callOf(journey)
}

/** A call whose legs are all masked stays as it is: they tell less of it than it does. */
async function withoutMasked(manager: EntityManager, journeys: readonly Journey[]): Promise<Journey[]> {
  const masked = journeys.filter(({ id, legs }) =>
    legs.every(({ maskedUtc, journeyId }) => maskedUtc && journeyId === id)
  )
  if (masked.length === 0) return [...journeys]
  const ids = masked.map(({ id }) => id)
  const stored = await storedCalls(manager, ids)
  const legsOf = new Map(stored.map(({ call }) => [call.journeyId.toLowerCase(), call.legs]))
  const whole = new Set(masked.filter(({ id, legs }) => legsOf.get(id) === legs.length))
  return journeys.filter((journey) => !whole.has(journey))
}

async function load(
  manager: EntityManager,
  column: 'reportId' | 'journeyId',
  ids: readonly string[]
): Promise<CallLeg[]> {
  return (await findRecords(manager, column, ids, SELECTED)).map(asLeg)
}

/** A record as a leg: SQL Server gives UUIDs back in capitals. */
export function asLeg(leg: CallLeg): CallLeg {
  return {
    ...leg,
    reportId: leg.reportId.toLowerCase(),
    journeyId: leg.journeyId?.toLowerCase() ?? null,
    interactionId: leg.interactionId?.toLowerCase() ?? null
  }
}

/** What is selected of a record to be a leg. */
export const SELECTED = Object.fromEntries(
  [...LEG_COLUMNS, 'maskedUtc', 'id'].map((column) => [column, true])
)
