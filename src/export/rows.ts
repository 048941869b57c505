import type { Database } from 'better-sqlite3'
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import type { Column, Row } from './columns.js'
import { giveWay, onlyDay, rowsWithin } from './days.js'
import type { What } from './what.js'

/** Behind which row a page begins: its time, as exact as the database has it, and its key. */
interface Position {
  time: string
  key: unknown
}

/**
 * The rows of a day by their time and key, in pages of at most `size`.
 * @throws what stopped it
 */
export async function* pagesOf(
  manager: EntityManager,
  what: What,
  columns: readonly Column[],
  day: string,
  { size, signal }: { size: number; signal: AbortSignal }
): AsyncGenerator<Row[]> {
  const keyIndex = columns.findIndex(({ metadata }) => metadata.isPrimary)
  const convert = converterOf(manager, columns)
  for (let after: Position | undefined, isLast = false; !isLast; ) {
    await giveWay(signal)
    const rows = await valuesOf(pageQuery(manager, what, columns, day, after).limit(size))
    const last = rows.at(-1)
    isLast = rows.length < size
    if (!last) return
    after = { time: String(last.at(-1)), key: last[keyIndex] }
    yield rows.map(convert)
  }
}

/** The columns, and last the exact time. */
function pageQuery(
  manager: EntityManager,
  what: What,
  columns: readonly Column[],
  day: string,
  after: Position | undefined
): SelectQueryBuilder<ObjectLiteral> {
  const time = `r.${what.time}`
  const key = `r.${columns.find(({ metadata }) => metadata.isPrimary)?.property}`
  const { from, before } = onlyDay(day)
  const query = rowsWithin(manager, what, { from: after?.time ?? from, before })
  if (after) query.andWhere(`(${time} > :from OR ${key} > :key)`, { key: after.key })
  query.select([]).orderBy(time).addOrderBy(key)
  for (const { property, name } of columns) query.addSelect(`r.${property}`, name)
  // A Date has no more than milliseconds, and SQLite compares texts, of which some have no fraction.
  const exact = currentDialect() === 'mssql' ? `CONVERT(varchar(27), ${time}, 126)` : `CAST(${time} AS text)`
  return query.addSelect(exact, 'exact_time')
}

/** Rows of what is selected, as the driver gives it. */
async function valuesOf(query: SelectQueryBuilder<ObjectLiteral>): Promise<unknown[][]> {
  if (currentDialect() === 'mssql') {
    return (await query.getRawMany<object>()).map((row) => Object.values(row))
  }
  // Objects of so many keys would take three times as long.
  const [sql, parameters] = query.getQueryAndParameters()
  const { databaseConnection } = query.dataSource.driver as unknown as { databaseConnection: Database }
  return databaseConnection
    .prepare<unknown[], unknown[]>(sql)
    .raw()
    .all(...parameters)
}

/** A row with its values as `Kind` has them, and nothing behind them. */
function converterOf({ dataSource }: EntityManager, columns: readonly Column[]): (values: unknown[]) => Row {
  const { driver } = dataSource
  const odd = columns.flatMap(({ kind, metadata }, index) =>
    kind === 'time' || kind === 'boolean' ? [{ index, metadata }] : []
  )
  return (values) => {
    values.length = columns.length
    for (const { index, metadata } of odd)
      values[index] = driver.prepareHydratedValue(values[index], metadata)
    return values
  }
}
