import { type DataSource, type QueryRunner, Table, type TableColumn, type TableIndex } from 'typeorm'
import { requoted } from './t-sql.js'

/** Where a table is not what this program's entities say. */
export interface Drift {
  /** `cdr_records.model: nvarchar(64) in the database, nvarchar(128) in this program` */
  text: string
  /** This program works with it: a longer column, or a column or index of the DBA's own. */
  harmless: boolean
}

/** Holds the tables against the entities; names are compared without case. Reads only. */
export async function schemaDrift(dataSource: DataSource): Promise<Drift[]> {
  const expected = dataSource.entityMetadatas.map((metadata) => Table.create(metadata, dataSource.driver))
  const queryRunner = dataSource.createQueryRunner()
  if (dataSource.options.type === 'mssql') quoteDatabase(queryRunner, dataSource.options.database ?? '')
  try {
    const actual = await queryRunner.getTables(expected.map(({ name }) => name))
    return expected.flatMap((table) => {
      const name = bareName(table)
      const found = actual.find((other) => same(bareName(other), name))
      return found ? compareTables(name, table, found) : [differs(`${name}: the table is missing`)]
    })
  } finally {
    await queryRunner.release()
  }
}

/** What TypeORM looks up by database.schema.table, where a dot in the first would make four parts of it. */
const OF_DATABASE = /(?<=OBJECT_ID\()(?:"\w+"\.)?"TABLE_CATALOG" \+ '\.' \+ /g

/** TypeORM writes the name of the database, which is the current one, between quotes or dots as it is. */
function quoteDatabase(queryRunner: QueryRunner, database: string): void {
  const query = queryRunner.query.bind(queryRunner)
  queryRunner.query = (sql: string, ...more: unknown[]) =>
    query(requoted(sql, database).replaceAll(OF_DATABASE, ''), ...(more as []))
}

function compareTables(table: string, expected: Table, actual: Table): Drift[] {
  const byName = (name: string) => (other: { name?: string }) => same(other.name ?? '', name)
  const columns = expected.columns.flatMap((column) => {
    const found = actual.columns.find(byName(column.name))
    return found
      ? compareColumns(`${table}.${column.name}`, column, found)
      : [differs(`${table}.${column.name}: the column is missing`)]
  })
  const moreColumns = actual.columns
    .filter(({ name }) => !expected.columns.some(byName(name)))
    .map((column) =>
      fillsItself(column)
        ? harmless(`${table}.${column.name}: an additional column, left alone`)
        : differs(
            `${table}.${column.name}: an additional column that is NOT NULL: give it a default, or no row can be inserted`
          )
    )
  const keys = keysOf(expected).map((key) => [key, counterpart(key, keysOf(actual))] as const)
  const keyDrift = keys.flatMap(([key, found]) => {
    if (!found) return [differs(`${table}: missing ${sayKey(key)}`)]
    return sameKey(found, key)
      ? []
      : [differs(`${table}: ${sayKey(found)} in the database, ${sayKey(key)} in this program`)]
  })
  const moreKeys = keysOf(actual)
    .filter(({ name }) => !keys.some(([, found]) => found && byName(name)(found)))
    .map((key) => harmless(`${table}: additional ${sayKey(key)}, left alone`))
  return [...columns, ...moreColumns, ...keyDrift, ...moreKeys]
}

/** An insert that does not name the column works. */
function fillsItself({ isNullable, default: value, isGenerated, asExpression, type }: TableColumn): boolean {
  return (
    isNullable ||
    value !== undefined ||
    isGenerated ||
    Boolean(asExpression) ||
    /^(rowversion|timestamp)$/.test(type)
  )
}

function compareColumns(path: string, expected: TableColumn, actual: TableColumn): Drift[] {
  const differing = [typeOf, collationOf(expected), nullabilityOf, defaultOf, keyOf]
    .map((part) => [part(actual), part(expected)] as const)
    .filter(([there, here]) => !same(there, here))
  if (differing.length === 0) return []
  const text = [0, 1].map((side) => differing.map((pair) => pair[side as 0 | 1]).join(', '))
  const drift = `${path}: ${text[0]} in the database, ${text[1]} in this program`
  return [
    differing.length === 1 && !same(typeOf(actual), typeOf(expected)) && isLonger(actual, expected)
      ? harmless(`${drift}; longer is fine`)
      : differs(drift)
  ]
}

/** What each type means where it is written without a length or precision. */
const IMPLIED: Record<string, string> = { nvarchar: '255', varchar: '255', datetime2: '7' }

/** Its length or precision; "" where the type has none. */
function sizeOf({ type, length, precision }: TableColumn): string {
  return String(length || precision || IMPLIED[type] || '').toLowerCase()
}

function typeOf(column: TableColumn): string {
  const size = sizeOf(column)
  return `${column.type}${size && `(${size})`}${column.generationStrategy === 'increment' ? ' identity' : ''}`
}

/** Compared where the program chose one: else it is the database's. */
function collationOf(expected: TableColumn) {
  return ({ collation }: TableColumn) =>
    expected.collation ? (collation ?? 'the collation of the database') : ''
}

function nullabilityOf({ isNullable }: TableColumn): string {
  return isNullable ? 'NULL' : 'NOT NULL'
}

/** The databases write expressions with other blanks, parentheses and letters than they were given. */
function defaultOf(column: TableColumn): string {
  let expression = String(column.default ?? '').replace(/\s+/g, '')
  while (/^\(.*\)$/.test(expression) && isBalanced(expression.slice(1, -1))) {
    expression = expression.slice(1, -1)
  }
  return expression ? `DEFAULT ${expression}` : 'no default'
}

function isBalanced(expression: string): boolean {
  let depth = 0
  for (const character of expression) {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth < 0) return false
  }
  return depth === 0
}

function keyOf({ isPrimary }: TableColumn): string {
  return isPrimary ? 'primary key' : 'no primary key'
}

function isLonger(actual: TableColumn, expected: TableColumn): boolean {
  if (actual.type !== expected.type) return false
  const units = (column: TableColumn) => (sizeOf(column) === 'max' ? Infinity : Number(sizeOf(column)))
  return units(actual) > units(expected)
}

/** An index or a unique constraint. */
interface Key {
  kind: string
  name: string
  columns: string[]
}

function keysOf(table: Table): Key[] {
  const index = ({ name = '', columnNames, isUnique }: TableIndex): Key => ({
    kind: isUnique ? 'unique index' : 'index',
    name,
    columns: columnNames
  })
  return [
    ...table.uniques.map(({ name = '', columnNames }) => ({
      kind: 'unique constraint',
      name,
      columns: columnNames
    })),
    ...table.indices.map(index)
  ]
}

/** The one of the same name, else one that does the same under another name. */
function counterpart(key: Key, there: readonly Key[]): Key | undefined {
  return there.find(({ name }) => same(name, key.name)) ?? there.find((other) => sameKey(other, key))
}

function sayKey({ kind, name, columns }: Key): string {
  return `${kind} ${name} on (${columns.join(', ')})`
}

/** TypeORM reads the columns of an index in no certain order. */
function sameKey(one: Key, other: Key): boolean {
  const ordered = ({ columns }: Key) =>
    columns
      .map((column) => column.toLowerCase())
      .sort()
      .join()
  return one.kind === other.kind && ordered(one) === ordered(other)
}

function bareName({ name }: Table): string {
  return name.split('.').at(-1) ?? name
}

function same(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function differs(text: string): Drift {
  return { text, harmless: false }
}

function harmless(text: string): Drift {
  return { text, harmless: true }
}
