import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Column, Kind } from '../../src/export/columns.js'
import { parquet } from '../../src/export/parquet.js'
import { duckdb } from '../support/lake.js'

/** The path of a file with these rows, given in pages of so many. */
function fileOf(kinds: Record<string, Kind>, rows: unknown[][], page: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'x.parquet')
  const columns = Object.entries(kinds).map(([name, kind]) => ({ name, kind }) as Column)
  const writer = parquet.open({} as never, columns, (part) => writeFileSync(path, part, { flag: 'a' }))
  for (let from = 0; from < rows.length; from += page) writer.add(rows.slice(from, from + page))
  writer.end()
  return path
}

test('has row groups of 5,000 rows or a page more, with statistics of each', async () => {
  const start = Date.parse('2026-11-28T00:00:00Z')
  const rows = Array.from({ length: 12_345 }, (_, i) => [
    String(i),
    new Date(start + i),
    i % 3 === 0 ? null : new Date(start - i),
    `name ${i % 5}`,
    i % 2 === 0
  ])
  const path = fileOf(
    { id: 'bigint', start: 'time', local: 'local time', name: 'text', answered: 'boolean' },
    rows,
    70
  )
  const read = await duckdb(`SELECT * FROM '${path}'`)
  expect(read.map((row) => Object.values(row))).toEqual(
    rows.map(([id, ...rest]) => [BigInt(Number(id)), ...rest])
  )
  const groups = await duckdb(
    `SELECT row_group_num_rows::int AS n, stats_min_value AS first, stats_max_value AS last, compression
     FROM parquet_metadata('${path}') WHERE path_in_schema = 'start' ORDER BY row_group_id`
  )
  expect(groups).toEqual([
    { n: 5_040, first: '2026-11-28 00:00:00+00', last: '2026-11-28 00:00:05.039+00', compression: 'SNAPPY' },
    {
      n: 5_040,
      first: '2026-11-28 00:00:05.04+00',
      last: '2026-11-28 00:00:10.079+00',
      compression: 'SNAPPY'
    },
    {
      n: 2_265,
      first: '2026-11-28 00:00:10.08+00',
      last: '2026-11-28 00:00:12.344+00',
      compression: 'SNAPPY'
    }
  ])
})

test('of no rows has its columns', async () => {
  const path = fileOf({ id: 'bigint', name: 'text' }, [], 1)
  expect(await duckdb(`DESCRIBE SELECT * FROM '${path}'`)).toMatchObject([
    { column_name: 'id', column_type: 'BIGINT' },
    { column_name: 'name', column_type: 'VARCHAR' }
  ])
})
