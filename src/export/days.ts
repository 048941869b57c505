import { setImmediate } from 'node:timers/promises'
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import type { What } from './what.js'

/** UTC days as “2026-11-28”: from the first on, up to but not including the second. */
export interface DayRange {
  from?: string | undefined
  before?: string | undefined
}

/** By this one sees whether the rows of a day have changed. */
export interface DayState {
  rows: number
  /** By column: how many rows have a value, and the newest one where it is a moment. */
  changes: Record<string, [count: number, newest: string | null]>
}

export interface Looking {
  what: What
  /** Whether it also matters that a row has lost what is no column of a file. */
  withInternal: boolean
}

type Query = SelectQueryBuilder<ObjectLiteral>

/** Rows that one statement looks at. */
interface Part {
  query: Query
  /** Theirs, where they are of one day: SQLite would copy all that it looks at to group it. */
  day?: string
}

/** Rows looked at by one statement, which SQL Server lets take two minutes: about 1 GB. */
const ROWS = 100_000

/**
 * The days that have rows, in order, as they are now.
 * @throws what stopped it
 */
export async function daysOf(
  manager: EntityManager,
  looking: Looking,
  range: DayRange,
  signal: AbortSignal,
  size = ROWS
): Promise<Map<string, DayState>> {
  const days = new Map<string, DayState>()
  for await (const part of partsOf(manager, looking.what, range, size)) {
    await giveWay(signal)
    for (const [day, state] of await statesOf(part, looking)) {
      const earlier = days.get(day)
      days.set(day, earlier ? merged(earlier, state) : state)
    }
  }
  return new Map([...days].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The state of one day; undefined where it has no rows. */
export async function dayOf(
  manager: EntityManager,
  looking: Looking,
  day: string
): Promise<DayState | undefined> {
  const [found] = await statesOf(partOf(manager, looking.what, day), looking)
  return found?.[1]
}

/**
 * All rows in the order in which they are stored, which is quick; those of a range day by day, for which time has an
 * index, as are those without an id.
 */
async function* partsOf(
  manager: EntityManager,
  what: What,
  range: DayRange,
  size: number
): AsyncGenerator<Part> {
  const all = () => rowsWithin(manager, what, {})
  const id = manager.dataSource.getMetadata(what.entity).generatedColumns[0]?.propertyName
  if (id && range.from === undefined && range.before === undefined) {
    const last = Number(await edge(all(), 'MAX', id))
    for (let from = Number(await edge(all(), 'MIN', id)); from <= last && from > 0; from += size) {
      yield { query: all().andWhere(`r.${id} >= :id AND r.${id} < :end`, { id: from, end: from + size }) }
    }
  } else {
    for (let from = range.from; ; ) {
      const first = await edge(rowsWithin(manager, what, { ...range, from }), 'MIN', what.time)
      const day = textOf(first)?.slice(0, 10)
      if (!day) return
      yield partOf(manager, what, day)
      from = nextDay(day)
    }
  }
}

function partOf(manager: EntityManager, what: What, day: string): Part {
  return { query: rowsWithin(manager, what, onlyDay(day)), day }
}

async function edge(query: Query, which: 'MIN' | 'MAX', property: string): Promise<unknown> {
  return (await query.select(`${which}(r.${property})`, 'edge').getRawOne<{ edge: unknown }>())?.edge
}

async function statesOf(
  { query, day: only }: Part,
  { what, withInternal }: Looking
): Promise<[string, DayState][]> {
  const properties = [...what.changes, ...what.counted, ...(withInternal ? what.internal : [])]
  const names = new Map(
    query.expressionMap.mainAlias?.metadata.columns.map((column) => [
      column.propertyName,
      column.databaseName
    ])
  )
  const day =
    currentDialect() === 'mssql' ? `CONVERT(char(10), r.${what.time}, 23)` : `SUBSTR(r.${what.time}, 1, 10)`
  query.select('COUNT(*)', 'rows')
  if (only === undefined) query.addSelect(day, 'day').groupBy(day)
  for (const property of properties) query.addSelect(`COUNT(r.${property})`, `count_${property}`)
  for (const property of what.changes) query.addSelect(`MAX(r.${property})`, `newest_${property}`)
  const found = await query.getRawMany<Record<string, unknown>>()
  const withRows = found.filter(({ rows }) => Number(rows) > 0)
  return withRows.map((row) => [
    only ?? String(row.day),
    {
      rows: Number(row.rows),
      changes: Object.fromEntries(
        properties.map((property) => [
          names.get(property),
          [Number(row[`count_${property}`]), textOf(row[`newest_${property}`])]
        ])
      )
    }
  ])
}

function merged(one: DayState, other: DayState): DayState {
  return {
    rows: one.rows + other.rows,
    changes: Object.fromEntries(
      Object.entries(one.changes).map(([name, [count, newest]]) => {
        const [more, last] = other.changes[name] ?? [0, null]
        return [name, [count + more, newest === null || (last !== null && last > newest) ? last : newest]]
      })
    )
  }
}

/** Rows of these days, their bounds as texts: SQL Server reads them as times, in SQLite times are texts. */
export function rowsWithin(
  manager: EntityManager,
  { entity, time }: What,
  { from, before }: DayRange
): Query {
  const query = manager.createQueryBuilder(entity, 'r')
  if (from !== undefined) query.andWhere(`r.${time} >= :from`, { from })
  if (before !== undefined) query.andWhere(`r.${time} < :before`, { before })
  return query
}

export function onlyDay(day: string): Required<DayRange> {
  return { from: day, before: nextDay(day) }
}

/** SQLite answers at once: what else waits, such as a signal, has its turn now. */
export async function giveWay(signal: AbortSignal): Promise<void> {
  await setImmediate()
  signal.throwIfAborted()
}

/** The day after one. */
export function nextDay(day: string): string {
  return dayAt(Date.parse(day) + 86_400_000)
}

/** The UTC day of a moment in ms since 1970. */
export function dayAt(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}

function textOf(moment: unknown): string | null {
  if (moment === null || moment === undefined) return null
  return moment instanceof Date ? moment.toISOString() : String(moment)
}
