import mssql from 'mssql'
import type { EntityManager } from 'typeorm'

/** In ms. The driver's own time limit does not cover a bulk load: one that hangs would keep the run for ever. */
const BULK_TIMEOUT = 120_000

/** A column of a temporary table, as T-SQL declares it and as the driver sends it. */
export interface BulkColumn {
  name: string
  /** nvarchar(64) COLLATE DATABASE_DEFAULT NULL */
  declaration: string
  type: mssql.ISqlType | (() => mssql.ISqlType)
  /** As declared: SQL Server refuses a bulk load that says otherwise (4816). */
  nullable: boolean
}

/**
 * Makes a temporary table and fills it by TDS bulk load. This file reaches through TypeORM to node-mssql, as only
 * migration-lock does besides: TypeORM offers neither `bulk` nor `batch`, and a temporary table made by its `query` is
 * gone with that call.
 * @param manager of an open transaction, whose connection keeps the table until it is dropped or rolled back
 * @param name with its #
 * @throws Error with the code ETIMEOUT when it is not through in time; the transaction is rolled back then
 */
export async function bulkIntoTemporaryTable(
  manager: EntityManager,
  name: string,
  columns: readonly BulkColumn[],
  rows: readonly unknown[][],
  timeout = BULK_TIMEOUT
): Promise<void> {
  const transaction = transactionOf(manager)
  const declarations = columns.map((column) => `${column.name} ${column.declaration}`)
  await new mssql.Request(transaction).batch(`CREATE TABLE ${name} (\n  ${declarations.join(',\n  ')}\n);`)
  const table = new mssql.Table(name)
  for (const column of columns) {
    table.columns.add(column.name, column.type, { nullable: column.nullable })
  }
  for (const row of rows) table.rows.add(...(row as string[]))
  const request = new mssql.Request(transaction)
  // Where the server does not answer to this either, the driver closes the connection after 5 s.
  let late = false
  const timer = setTimeout(() => {
    late = true
    request.cancel()
  }, timeout)
  try {
    await request.bulk(table, { keepNulls: true })
  } catch (error) {
    if (!late) throw error
    const message = `the bulk load took longer than ${timeout / 1_000} s`
    throw Object.assign(new Error(message, { cause: error }), { code: 'ETIMEOUT' })
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The rows that the last SELECT of a batch gives. TypeORM's `query` has the first result only, which may be that of a
 * trigger.
 * @param manager of an open transaction
 */
export async function lastRows<Row>(
  manager: EntityManager,
  sql: string,
  parameters: Record<string, number>
): Promise<Row[]> {
  const request = new mssql.Request(transactionOf(manager))
  for (const [name, value] of Object.entries(parameters)) request.input(name, mssql.Int, value)
  const { recordsets } = await request.query<Row>(sql)
  return (recordsets as Row[][]).at(-1) ?? []
}

function transactionOf(manager: EntityManager): mssql.Transaction {
  const { queryRunner } = manager
  const connection = (queryRunner as { databaseConnection?: unknown } | undefined)?.databaseConnection
  if (!(connection instanceof mssql.Transaction)) throw new Error('this needs an open transaction')
  return connection
}
