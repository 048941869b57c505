import { expect, test } from 'vitest'
import type { CdrRow } from '../../src/record/record.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { item } from '../support/live.js'

useDatabase()

const records = dialect === 'mssql' ? 'dbo.cdr_records' : 'cdr_records'
const later = { 'Report time': '2026-09-24T09:30:00.000Z' }

/** Stores the items as one page; @returns the `Model` of each row that was touched, and the counts. */
async function store({ dataSource }: ContractBench, ...items: object[]) {
  const { createLoader } = await import('../../src/store/create-loader.js')
  const { preparePage } = await import('../../src/record/page.js')
  const loader = await createLoader(dataSource.manager)
  const rows: CdrRow[] = [...preparePage(items).rows()]
  const { inserted, updated } = await dataSource.transaction((manager) =>
    manager.withRepository(loader).store(rows)
  )
  const touched = [...inserted, ...updated]
  expect(touched.every((row) => rows.includes(row))).toBe(true)
  return {
    inserted: inserted.length,
    updated: updated.length,
    touched: touched.map(({ model }) => model).sort()
  }
}

contract('the rows that a page inserted or updated', () => {
  test('are told, and no other: the same, an older one, one of another leg', async () => {
    const bench = await setUp()
    expect(await store(bench, item(1), item(2, later), item(3), item(4))).toMatchObject({ inserted: 4 })
    const page = [
      item(1),
      item(2, { Model: 'older' }),
      item(3, { Model: 'newer', ...later }),
      item(4, { Model: 'other', Direction: 'ORIGINATING' }),
      item(5, { Model: 'new' })
    ]
    expect(await store(bench, ...page)).toEqual({ inserted: 1, updated: 1, touched: ['new', 'newer'] })
    expect(await store(bench, ...page)).toEqual({ inserted: 0, updated: 0, touched: [] })
  })

  test('are told of the Python tool’s rows where these changed', async () => {
    const bench = await setUp()
    await store(bench, item(1), item(2))
    await bench.execute(`UPDATE ${records} SET content_hash = NULL`)
    const page = [item(1), item(2, { Model: 'newer', ...later }), item(3, { Model: 'new' })]
    expect(await store(bench, ...page)).toEqual({ inserted: 1, updated: 1, touched: ['new', 'newer'] })
  })

  test('are told where two legs of a page have one Report ID', async () => {
    const bench = await setUp()
    const page = [item(1, { Model: 'first' }), item(1, { Model: 'second', Direction: 'ORIGINATING' })]
    expect(await store(bench, ...page)).toEqual({ inserted: 1, updated: 0, touched: ['first'] })
  })

  test('are told as they came, though a part of them is not kept', async () => {
    const bench = await setUp()
    const { saveProgress, ALWAYS } = await import('../../src/store/retention-progress.js')
    const { manager } = bench.dataSource
    await saveProgress(manager, 'rawJson', { before: ALWAYS.ends, seenId: 0 }, 0)
    expect(await store(bench, item(1, { Model: 'new' }))).toMatchObject({ touched: ['new'] })
    expect(await bench.records()).toMatchObject([{ model: 'new', rawJson: null }])
  })

  test('are none of those that were masked or deleted', async () => {
    const bench = await setUp()
    const { saveProgress, ALWAYS } = await import('../../src/store/retention-progress.js')
    await store(bench, item(1))
    await bench.execute(`UPDATE ${records} SET masked_utc = '2026-09-25 00:00:00.000'`)
    expect(await store(bench, item(1, later))).toEqual({ inserted: 0, updated: 0, touched: [] })
    await saveProgress(bench.dataSource.manager, 'delete', { before: ALWAYS.ends, seenId: 0 }, 0)
    expect(await store(bench, item(2))).toEqual({ inserted: 0, updated: 0, touched: [] })
  })

  test('are thousands of a page, some of them known', async () => {
    const bench = await setUp()
    const many = Array.from({ length: 4_500 }, (_, index) =>
      item(1, { 'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}` })
    )
    const known = many.filter((_, index) => index % 3 === 0)
    expect(await store(bench, ...known)).toMatchObject({ inserted: 1_500 })
    const page = many.map((record, index) => (index % 2 === 0 ? { ...record, ...later } : record))
    const { inserted, updated, touched } = await store(bench, ...page)
    expect({ inserted, updated, touched: touched.length }).toEqual({
      inserted: 3_000,
      updated: 750,
      touched: 3_750
    })
  }, 60_000)
})
