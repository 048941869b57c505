import { type EntityManager, In, MoreThan, type ObjectLiteral } from 'typeorm'
import type { Call } from '../calls/call.js'
import type { RetryTools } from '../database/transaction.js'
import { CdrApiDrift, CdrRecord, CdrSyncError, CdrSyncState } from '../entities/index.js'
import { createLoader } from '../store/create-loader.js'
import type { ChangedRow } from '../store/loader.js'
import { LOCKED, writingTransaction } from '../store/writing-transaction.js'
import { changeCalls, maskedCall } from './call-mask.js'
import { MASKED_COLUMNS, masked } from './mask.js'
import { columnTellsOf, isUuid, jsonTellsOf, type Person, personOf, tellsOf } from './person.js'
import { MASKED_EXAMPLE, maskedError } from './rows.js'
import { BATCH, type WalkTools } from './walk.js'

export type EraseTools = RetryTools & Pick<WalkTools, 'dataSource' | 'now'>

/** The rows that tell of a person, by id. */
export interface Traces {
  records: number[]
  errors: number[]
  drift: number[]
  runs: number[]
}

/**
 * A user, and by what else the records name that person: names, e-mail addresses and numbers of the legs that are the
 * user's own.
 * @param asked an e-mail address or a UUID
 */
export async function userOf(manager: EntityManager, asked: string): Promise<Person> {
  let ids = personOf(isUuid(asked.trim()) ? [asked] : [])
  const found = new Set<string | null>([asked])
  const collect = async (isOwn: (leg: Leg) => boolean) => {
    for await (const legs of every(manager, CdrRecord, LEG_OF_USER)) {
      for (const leg of legs) if (isOwn(leg)) for (const column of NAMING) found.add(leg[column])
    }
  }
  if (ids.long.size === 0) {
    const address = personOf([asked])
    await collect(({ userEmail }) => tellsOf(address, userEmail))
    ids = personOf([...found].filter((word) => word !== null && isUuid(word)))
  }
  if (ids.long.size > 0) await collect(({ userId }) => tellsOf(ids, userId))
  return personOf(found)
}

const NAMING = ['userId', 'userName', 'userEmail', 'userNumber'] as const
type Leg = Pick<CdrRecord, (typeof NAMING)[number]>
const LEG_OF_USER = { id: true, userId: true, userName: true, userEmail: true, userNumber: true } as const

/** Looks at every row of every table that may tell of somebody. */
export async function tracesOf(manager: EntityManager, person: Person): Promise<Traces> {
  const matching = async <Row extends ObjectLiteral & { id: string | number }>(
    rows: AsyncIterable<Row[]>,
    texts: (row: Row) => readonly (string | null)[]
  ): Promise<number[]> => {
    const ids: number[] = []
    for await (const batch of rows) {
      for (const row of batch)
        if (texts(row).some((text) => jsonTellsOf(person, text))) ids.push(Number(row.id))
    }
    return ids
  }
  const records: number[] = []
  for await (const batch of every(manager, CdrRecord)) {
    for (const record of batch) {
      const found =
        jsonTellsOf(person, record.rawJson) ||
        Object.entries(record).some(([column, value]) => columnTellsOf(person, column, value))
      if (found) records.push(Number(record.id))
    }
  }
  return {
    records,
    errors: await matching(every(manager, CdrSyncError), (row) => [
      row.payload,
      row.errorMessage,
      row.stackTrace
    ]),
    drift: await matching(every(manager, CdrApiDrift), (row) => [row.name, row.value, row.example]),
    runs: await matching(every(manager, CdrSyncState), (row) => [row.notes])
  }
}

/**
 * Takes from the rows what tells of anybody. The rows stay, so that whatever is delivered again is known and not filled
 * in again.
 */
export async function erase(person: Person, traces: Traces, tools: EraseTools): Promise<void> {
  const loader = await createLoader(tools.dataSource.manager)
  const now = new Date(tools.now())
  const inBatches = async (
    ids: readonly number[],
    change: (manager: EntityManager, ids: number[]) => Promise<unknown>
  ) => {
    for (let at = 0; at < ids.length; at += BATCH) {
      tools.signal?.throwIfAborted()
      const batch = ids.slice(at, at + BATCH)
      await writingTransaction(tools, (manager) => change(manager, batch))
    }
  }
  await inBatches(traces.records, async (manager, ids) => {
    const records = await manager.find(CdrRecord, { where: { id: In(ids) }, ...LOCKED })
    const besides = new Set<keyof ChangedRow>()
    const rows = records.map((record) => {
      const row = { ...record, ...masked(record, 'clear', now) }
      for (const column of tellingColumns(person, record)) besides.add(clear(row, column))
      return row
    })
    await manager.withRepository(loader).change([...new Set([...MASKED_COLUMNS, ...besides])], rows)
    await changeCalls(manager, records, (call) => erasedCall(person, maskedCall(call, 'clear', now)))
  })
  await inBatches(traces.errors, (manager, ids) =>
    manager.update(CdrSyncError, { id: In(ids) }, maskedError(now))
  )
  await inBatches(traces.drift, async (manager, ids) => {
    const rows = await manager.findBy(CdrApiDrift, { id: In(ids) })
    const named = rows.filter(({ name, value }) => [name, value].some((text) => jsonTellsOf(person, text)))
    if (named.length > 0) await manager.delete(CdrApiDrift, { id: In(named.map(({ id }) => id)) })
    await manager.update(CdrApiDrift, { id: In(ids) }, MASKED_EXAMPLE)
  })
  await inBatches(traces.runs, (manager, ids) =>
    manager.update(CdrSyncState, { id: In(ids) }, { notes: null })
  )
}

/** What tells of the person where nobody would expect it, such as in the name of a location. */
function tellingColumns(person: Person, row: ChangedRow): (keyof ChangedRow)[] {
  return (Object.keys(row) as (keyof ChangedRow)[]).filter(
    (column) => column !== 'reportId' && columnTellsOf(person, column, row[column])
  )
}

function erasedCall(person: Person, { call, parties }: Call): Call {
  return { call: erased(person, call), parties: parties.map((party) => erased(person, party)) }
}

/** A row of a call without what tells of the person, whatever the columns of a record are called that it comes from. */
function erased<Row extends object>(person: Person, row: Row): Row {
  const tells = (column: string, value: unknown): boolean => {
    if (column === 'services') return partsOf(value).some((part) => columnTellsOf(person, 'userName', part))
    if (/name$|^sentBy$/i.test(column)) return columnTellsOf(person, 'userName', value)
    return columnTellsOf(person, /number$/i.test(column) ? 'userNumber' : column, value)
  }
  const entries = Object.entries(row).map(([column, value]) => [column, tells(column, value) ? null : value])
  return Object.fromEntries(entries) as Row
}

/** The names in `Main Menu [2] > Customer Care`. */
function partsOf(services: unknown): string[] {
  return typeof services === 'string'
    ? services.split(' > ').map((part) => part.replace(/ \[[^\]]*\]$/, ''))
    : []
}

function clear(row: ChangedRow, column: keyof ChangedRow): keyof ChangedRow {
  Object.assign(row, { [column]: column === 'callId' ? '' : null })
  return column
}

/** @param select the columns; all of them where there are none */
async function* every<Row extends ObjectLiteral & { id: string | number }>(
  manager: EntityManager,
  table: new () => Row,
  select?: Partial<Record<keyof Row, true>>
): AsyncGenerator<Row[]> {
  for (let after = 0; ; ) {
    const rows = await manager.getRepository<Row>(table).find({
      ...(select ? { select: select as never } : {}),
      where: { id: MoreThan(after) } as never,
      order: { id: 'ASC' } as never,
      take: BATCH
    })
    yield rows
    if (rows.length < BATCH) return
    after = Number(rows.at(-1)?.id)
  }
}
