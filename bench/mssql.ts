import { median } from './median.js'
import { count, print } from './print.js'
import {
  bareOf,
  benchStoreMssql,
  CHUNKED,
  type Figures,
  loaderOf,
  PAGE_SIZES,
  RECORDS,
  ROUNDS,
  ratio,
  SINGLE
} from './store-mssql.js'

const url = process.env.TEST_MSSQL_URL
/** How many rows the second of the two tables holds before. */
const stored = Number(process.env.BENCH_STORED ?? 1_000_000)

const sizes = PAGE_SIZES.map(count).join(' / ')
const told = ({ speeds, cpu }: Figures) => `${count(median(speeds))} (${median(cpu).toFixed(1)})`

if (url) {
  const { server, seeding, chunk, none, many } = await benchStoreMssql(url, stored)
  print(`Storing ${count(RECORDS)} records on ${server}: rows a second and, in brackets, CPU of the client`)
  print(
    `in ms per 1,000 rows (medians of ${ROUNDS} rounds by turns; ${count(stored)} rows made in ${count(seeding)} s)`
  )
  for (const [before, figures] of [
    [0, none],
    [stored, many]
  ] as const) {
    print(`  ${count(before)} rows stored before`)
    for (const pageSize of PAGE_SIZES) {
      const loader = figures.get(loaderOf(pageSize))!
      const bare = figures.get(bareOf(pageSize))!
      print(
        `    pages of ${count(pageSize).padStart(5)}: loader ${told(loader)}, bare loop ${told(bare)}, ratio ${ratio(loader, bare).toFixed(2)} (aim: at least 0.9)`
      )
    }
    for (const [name, what, aim] of [
      [CHUNKED, `TypeORM's insert of ${chunk} rows`, 8],
      [SINGLE, "TypeORM's insert of one row", 50]
    ] as const) {
      const other = figures.get(name)!
      const ratios = PAGE_SIZES.map((pageSize) => ratio(figures.get(loaderOf(pageSize))!, other).toFixed(1))
      print(
        `    ${what}: ${told(other)}, loader ${ratios.join(' / ')} times as fast in pages of ${sizes} (aim: at least ${aim})`
      )
    }
  }
  const slower = [...PAGE_SIZES.map(loaderOf), CHUNKED, SINGLE].map((name) =>
    ratio(none.get(name)!, many.get(name)!).toFixed(2)
  )
  print(
    `  slowdown at ${count(stored)} rows: loader ${slower.slice(0, -2).join(' / ')} in pages of ${sizes}, TypeORM's inserts ${slower.slice(-2).join(' / ')}`
  )
} else {
  print('Storing on SQL Server: skipped, as TEST_MSSQL_URL is not set')
}
