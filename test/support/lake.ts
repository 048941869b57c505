import { DuckDBInstance } from '@duckdb/node-api'

/** The rows of a query of DuckDB; times are Dates, 64-bit numbers are bigints. */
export async function duckdb(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJS()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** All files of a folder with the column `day` of their folders, as a table of DuckDB. */
export function lakeOf(folder: string): string {
  return `read_parquet('${folder}/*/*.parquet', hive_partitioning = true)`
}
