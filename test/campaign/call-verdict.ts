import { isDeepStrictEqual } from 'node:util'
import type { Call } from '../../src/calls/call.js'
import type { Range } from '../../src/coverage/intervals.js'
import type { CallTruth } from '../../src/simulator/index.js'
import { stored, told } from '../support/call-truth.js'
import { type Row, sqlTime } from '../support/sync.js'
import type { Installation } from './installation.js'
import { momentOf } from './verdict.js'

/**
 * The calls of a day that are not what the service knows of them, each in a line.
 * @param shown what they were when the newest sync began
 * @param later what they were when records had come that it may have stored already
 */
export async function wrongCalls(
  query: Installation['database']['query'],
  day: Range,
  shown: readonly CallTruth[],
  later: readonly CallTruth[] = []
): Promise<string[]> {
  const within = (column: string) =>
    `${column} >= '${sqlTime(day.start)}' AND ${column} < '${sqlTime(day.end)}'`
  const calls = await query<Row>(`SELECT * FROM cdr_calls WHERE ${within('start_utc')}`)
  const parties = await query<Row>(
    `SELECT * FROM cdr_call_parties WHERE ${within('call_start_utc')} ORDER BY position`
  )
  const members = await query<Row>(
    `SELECT report_id, journey_id FROM cdr_records
     WHERE journey_id IN (SELECT journey_id FROM cdr_calls WHERE ${within('start_utc')})`
  )
  const byCall = new Map<unknown, Call>(
    calls.map((row) => [idOf(row.journey_id), { call: entityOf(row), parties: [] } as unknown as Call])
  )
  for (const row of parties) byCall.get(idOf(row.journey_id))?.parties.push(entityOf(row))
  const ids = new Map<unknown, string[]>()
  for (const { report_id, journey_id } of members) {
    ids.set(idOf(journey_id), [...(ids.get(idOf(journey_id)) ?? []), idOf(report_id)])
  }
  const byMembers = new Map([...ids].map(([journey, legs]) => [legs.sort().join(), byCall.get(journey)]))
  const laterOf = new Map(later.flatMap((truth) => truth.reportIds.map((id) => [id, truth] as const)))
  return shown.flatMap((truth) => {
    const versions = [truth, ...new Set(truth.reportIds.flatMap((id) => laterOf.get(id) ?? []))]
    const there = versions.flatMap(({ reportIds }) => byMembers.get([...reportIds].sort().join()) ?? [])
    const [call] = there
    if (!call)
      return [`${truth.class} call of ${truth.reportIds.length} legs, ${truth.reportIds[0]}: no such call`]
    if (versions.some((version) => there.some((one) => isDeepStrictEqual(told(version), stored(one)))))
      return []
    return [`${truth.reportIds[0]}: ${JSON.stringify(told(truth))}, but ${JSON.stringify(stored(call))}`]
  })
}

function idOf(uuid: unknown): string {
  return String(uuid).toLowerCase()
}

/** A row of a table as its entity. */
function entityOf<Entity>(row: Row): Entity {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      /_(utc|local)$/.test(column) && value !== null ? new Date(momentOf(value)) : value
    ])
  ) as Entity
}
