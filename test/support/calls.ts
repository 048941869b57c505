import type { DataSource } from 'typeorm'
import type { Call } from '../../src/calls/call.js'
import type { CdrRow } from '../../src/record/record.js'

/** Stores the items in one page each, with the calls that they belong to. */
export async function storePages(
  dataSource: DataSource,
  pages: readonly (readonly object[])[]
): Promise<void> {
  const { createLoader } = await import('../../src/store/create-loader.js')
  const { storeRows } = await import('../../src/store/keep-calls.js')
  const { preparePage } = await import('../../src/record/page.js')
  const loader = await createLoader(dataSource.manager)
  for (const items of pages) {
    const rows: CdrRow[] = [...preparePage(items).rows()]
    await dataSource.transaction((manager) => storeRows(manager, loader, rows))
  }
}

/** All calls of the database, comparable: by journey ID, times in ms, without the time of writing. */
export async function callsOf(dataSource: DataSource): Promise<PlainCall[]> {
  const { CdrCall, CdrCallParty } = await import('../../src/entities/index.js')
  const calls = await dataSource.manager.find(CdrCall)
  const parties = await dataSource.manager.find(CdrCallParty, { order: { position: 'ASC' } })
  return comparable(
    calls.map((call) => ({
      call,
      parties: parties.filter(({ journeyId }) => journeyId === call.journeyId)
    }))
  )
}

/** What all calls must be, by what the records say. */
export async function callsByRecords(dataSource: DataSource): Promise<PlainCall[]> {
  const { CdrRecord } = await import('../../src/entities/index.js')
  const { journeysOf } = await import('../../src/calls/journeys.js')
  const { callOf } = await import('../../src/calls/call.js')
  const { asLeg } = await import('../../src/store/keep-calls.js')
  const records = await dataSource.manager.find(CdrRecord)
  return comparable(journeysOf(records.map(asLeg)).map(callOf))
}

export interface PlainCall {
  call: Record<string, unknown>
  parties: Record<string, unknown>[]
}

function comparable(calls: readonly Call[]): PlainCall[] {
  return calls
    .map(({ call, parties }) => ({ call: plain(call), parties: parties.map(plain) }))
    .sort((a, b) => String(a.call.journeyId).localeCompare(String(b.call.journeyId)))
}

function plain(row: object): Record<string, unknown> {
  const { updatedUtc, ...rest } = row as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(rest).map(([column, value]) => [
      column,
      value instanceof Date ? value.getTime() : column === 'journeyId' ? String(value).toLowerCase() : value
    ])
  )
}
