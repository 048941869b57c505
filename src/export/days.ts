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
  /** By column: how many rows have a value, and the newest one. */
  changes: Record<string, [count: number, newest: string | null]>
}

/**
 * The days that have rows, in order, as they are now.
 * @param withInternal whether it also matters if a row has lost what is no column of a file
 */
export async function daysOf(
  manager: EntityManager,
  what: What,
  range: DayRange,
  withInternal: boolean
): Promise<Map<string, DayState>> {
  const { columns } = manager.dataSource.getMetadata(what.entity)
  const nameOf = (property: string) =>
    columns.find(({ propertyName }) => propertyName === property)?.databaseName ?? property
  const counted = [...what.changes, ...(withInternal ? what.internal : [])]
  const query = within(manager.createQueryBuilder(what.entity, 'r'), what, range)
  const day = dayOf(`r.${what.time}`)
  query.select(day, 'day').addSelect('COUNT(*)', 'rows').groupBy(day).orderBy(day)
  for (const [index, property] of counted.entries()) query.addSelect(`COUNT(r.${property})`, `count${index}`)
  for (const [index, property] of what.changes.entries())
    query.addSelect(`MAX(r.${property})`, `newest${index}`)
  const found = await query.getRawMany<Record<string, unknown>>()
  return new Map(
    found.map((row) => [
      String(row.day),
      {
        rows: Number(row.rows),
        changes: Object.fromEntries(
          counted.map((property, index) => [
            nameOf(property),
            [Number(row[`count${index}`]), textOf(row[`newest${index}`])]
          ])
        )
      }
    ])
  )
}

/**
 * Only rows of these days. The bounds are texts, which SQL Server reads as times; in SQLite, where times are texts, they
 * are before all times of their day.
 */
export function within<Entity extends ObjectLiteral>(
  query: SelectQueryBuilder<Entity>,
  { time }: What,
  { from, before }: DayRange
): SelectQueryBuilder<Entity> {
  if (from !== undefined) query.andWhere(`r.${time} >= :from`, { from })
  if (before !== undefined) query.andWhere(`r.${time} < :before`, { before })
  return query
}

/** The day after one. */
export function nextDay(day: string): string {
  return dayAt(Date.parse(day) + 86_400_000)
}

/** The UTC day of a moment in ms since 1970. */
export function dayAt(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10)
}

function dayOf(time: string): string {
  return currentDialect() === 'mssql' ? `CONVERT(char(10), ${time}, 23)` : `SUBSTR(${time}, 1, 10)`
}

function textOf(moment: unknown): string | null {
  return moment === null || moment === undefined
    ? null
    : moment instanceof Date
      ? moment.toISOString()
      : String(moment)
}
