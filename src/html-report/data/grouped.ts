import {
  And,
  type EntityManager,
  In,
  LessThan,
  MoreThanOrEqual,
  type ObjectLiteral,
  type SelectQueryBuilder
} from 'typeorm'
import { currentDialect } from '../../entities/dialect.js'
import { CdrCall, CdrCallParty } from '../../entities/index.js'
import type { Period } from '../period.js'

/** The calls of a period, as `c`. */
export function callsOf(manager: EntityManager, period: Period): SelectQueryBuilder<CdrCall> {
  return manager
    .createQueryBuilder(CdrCall, 'c')
    .where({ startUtc: within(period), ...(period.locations.length > 0 ? at(period) : {}) })
}

/** The parties of a period at its locations, as `p`, whosever call it was. */
export function partiesOf(manager: EntityManager, period: Period): SelectQueryBuilder<CdrCallParty> {
  return manager
    .createQueryBuilder(CdrCallParty, 'p')
    .where({ callStartUtc: within(period), ...(period.locations.length > 0 ? at(period) : {}) })
}

/** The parties of a period with their call, as `p` and `c`, of calls of its locations. */
export function legsOf(manager: EntityManager, period: Period): SelectQueryBuilder<CdrCallParty> {
  const legs = manager
    .createQueryBuilder(CdrCallParty, 'p')
    .innerJoin(CdrCall, 'c', 'c.journeyId = p.journeyId AND c.startUtc = p.callStartUtc')
    .where({ callStartUtc: within(period) })
  return period.locations.length > 0
    ? legs.andWhere('c.locationName IN (:...locations)', { locations: period.locations })
    : legs
}

function within({ since, until }: Period) {
  return And(MoreThanOrEqual(new Date(since)), LessThan(new Date(until)))
}

function at({ locations }: Period) {
  return { locationName: In([...locations]) }
}

type Grouped<Keys extends string, Sums extends string> = Record<Keys, string | null> & Record<Sums, number>

/**
 * One row for each combination of the keys; both are expressions by the name that they have in the result. Numbers come
 * as numbers, where there is none as 0, keys as text.
 */
export async function grouped<Keys extends string, Sums extends string>(
  query: SelectQueryBuilder<ObjectLiteral>,
  keys: Record<Keys, string>,
  sums: Record<Sums, string>
): Promise<Grouped<Keys, Sums>[]> {
  query.select([])
  for (const [name, expression] of Object.entries<string>({ ...keys, ...sums }))
    query.addSelect(expression, name)
  for (const expression of Object.values<string>(keys)) query.addGroupBy(expression)
  const rows = await query.getRawMany<Record<string, unknown>>()
  return rows.map((row) => {
    const texts = Object.keys(keys).map((name) => [name, row[name] === null ? null : String(row[name])])
    const numbers = Object.keys(sums).map((name) => [name, Number(row[name] ?? 0)])
    return Object.fromEntries([...texts, ...numbers])
  })
}

export const COUNT = 'COUNT(*)'

/** A sum of 32-bit numbers may not fit one. */
export function total(expression: string): string {
  return `SUM(CAST(${expression} AS bigint))`
}

export function tally(condition: string): string {
  return `SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END)`
}

/** “2026-11-01” */
export function dayOf(column: string): string {
  return currentDialect() === 'mssql' ? `CONVERT(char(10), ${column}, 120)` : `substr(${column}, 1, 10)`
}

/** “2026-11-01 08” */
export function hourOf(column: string): string {
  return currentDialect() === 'mssql' ? `CONVERT(char(13), ${column}, 120)` : `substr(${column}, 1, 13)`
}

/** Whole seconds from one moment to another. */
export function secondsBetween(from: string, to: string): string {
  return currentDialect() === 'mssql'
    ? `DATEDIFF_BIG(millisecond, ${from}, ${to}) / 1000`
    : `CAST(ROUND((julianday(${to}) - julianday(${from})) * 86400000) AS integer) / 1000`
}

/** A moment in ms since 1970 UTC. */
export function msOf(column: string): string {
  return currentDialect() === 'mssql'
    ? `DATEDIFF_BIG(millisecond, '1970-01-01', ${column})`
    : `CAST(ROUND((julianday(${column}) - 2440587.5) * 86400000) AS integer)`
}
