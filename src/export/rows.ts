import type { Database } from 'better-sqlite3'
import type { EntityManager, ObjectLiteral, SelectQueryBuilder } from 'typeorm'
import { currentDialect } from '../entities/dialect.js'
import type { Column, Row } from './columns.js'
import { type DayRange, giveWay, onlyDay, rowsWithin } from './days.js'
import type { What } from './what.js'

/** Rows of a day, of some columns. */
interface Wanted {
  what: What
  columns: readonly Column[]
  day: string
}

/**
 * Rows of a page. On SQL Server it is a statement of its own. Of SQLite's, so few are garbage while they are young, which
 * V8 collects at nearly no cost.
 */
const SIZE = { mssql: 2_000, sqlite: 100 }

/**
 * The rows of a day by their time and key, in pages.
 * @throws what stopped it
 */
export async function* pagesOf(
  manager: EntityManager,
  wanted: Wanted,
  signal: AbortSignal,
  size = SIZE[currentDialect()]
): AsyncGenerator<Row[]> {
  const convert = converterOf(manager, wanted.columns)
  const read = currentDialect() === 'mssql' ? readMssql : readSqlite
  for await (const rows of read(manager, wanted, size)) {
    await giveWay(signal)
    if (rows.length > 0) yield rows.map(convert)
  }
}

/** One statement, its rows as arrays, past TypeORM: as objects of so many keys they would take three times as long. */
function* readSqlite(manager: EntityManager, wanted: Wanted, size: number): Generator<unknown[][]> {
  const [sql, parameters] = queryOf(manager, wanted, onlyDay(wanted.day)).getQueryAndParameters()
  const { databaseConnection } = manager.dataSource.driver as unknown as { databaseConnection: Database }
  const statement = databaseConnection.prepare<unknown[], unknown[]>(sql).raw()
  let rows: unknown[][] = []
  for (const row of statement.iterate(...parameters)) {
    if (rows.push(row) < size) continue
    yield rows
    rows = []
  }
  yield rows
}

/** Each page begins behind a row: its time, as exact as the database has it, and its key. */
async function* readMssql(manager: EntityManager, wanted: Wanted, size: number): AsyncGenerator<unknown[][]> {
  const time = `r.${wanted.what.time}`
  const keyIndex = wanted.columns.findIndex(({ metadata }) => metadata.isPrimary)
  const range = onlyDay(wanted.day)
  for (let query = queryOf(manager, wanted, range); ; ) {
    // A Date has no more than milliseconds.
    query.addSelect(`CONVERT(varchar(27), ${time}, 126)`, 'exact_time').limit(size)
    const rows = (await query.getRawMany<object>()).map((row) => Object.values(row))
    // Now: whoever is given the rows may change them.
    const last = rows.at(-1)
    if (last) {
      const key = `r.${wanted.columns[keyIndex]?.property}`
      query = queryOf(manager, wanted, { ...range, from: String(last.at(-1)) })
      query.andWhere(`(${time} > :from OR ${key} > :key)`, { key: last[keyIndex] })
    }
    yield rows
    if (rows.length < size) return
  }
}

function queryOf(
  manager: EntityManager,
  { what, columns }: Wanted,
  range: DayRange
): SelectQueryBuilder<ObjectLiteral> {
  const query = rowsWithin(manager, what, range).select([]).orderBy(`r.${what.time}`)
  for (const { property, name, metadata } of columns) {
    query.addSelect(`r.${property}`, name)
    if (metadata.isPrimary) query.addOrderBy(`r.${property}`)
  }
  return query
}

/** A row with its values as `Kind` has them, and nothing behind them. */
function converterOf({ dataSource }: EntityManager, columns: readonly Column[]): (values: unknown[]) => Row {
  const { driver } = dataSource
  const odd = columns.flatMap(({ kind, metadata }, index) =>
    kind === 'time' || kind === 'local time' || kind === 'boolean' ? [{ index, metadata }] : []
  )
  return (values) => {
    values.length = columns.length
    for (const { index, metadata } of odd)
      values[index] = driver.prepareHydratedValue(values[index], metadata)
    return values
  }
}
