import { expect, onTestFinished, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { type ContractBench, contractOf, setUp, useDatabase } from '../support/contract.js'
import { item } from '../support/live.js'

useDatabase()

const broken = (id: number) => item(id, { 'Start time': '' })
const novel = (id: number) => item(id, { [`New key ${id}`]: 1 })

/** What gives a table rows with one id after the other. */
const TABLES: [table: string, deliver: (bench: ContractBench, nth: number) => Promise<unknown>][] = [
  ['cdr_records', (bench, nth) => bench.deliver(item(nth))],
  ['cdr_sync_state', (bench) => bench.deliver()],
  ['cdr_sync_errors', (bench, nth) => bench.deliver(broken(nth))],
  ['cdr_api_drift', (bench, nth) => bench.deliver(novel(nth))]
]

/** @returns what the failure says */
async function clash(bench: ContractBench, table: string, deliver: (nth: number) => Promise<unknown>) {
  for (const nth of [1, 2, 3]) await deliver(nth)
  // Rows of earlier tests had smaller ids.
  const [{ first } = { first: 0 }] = (await bench.execute(`SELECT MIN(id) AS first FROM dbo.${table}`)) as {
    first: number
  }[]
  await bench.execute(`DBCC CHECKIDENT ('dbo.${table}', RESEED, ${first})`)
  const failed = await deliver(4).then(
    () => undefined,
    (error: unknown) => error
  )
  expect(failed).toBeInstanceOf(ConfigurationError)
  return (failed as Error).message
}

contractOf('mssql', 'an IDENTITY that was set back', () => {
  test.each(TABLES)('of %s ends the run at once, with the remedy that mends it', async (table, deliver) => {
    const bench = await setUp()
    const said = await clash(bench, table, (nth) => deliver(bench, nth))
    expect(said).toMatch(
      new RegExp(`^dbo\\.${table} generates ids that already exist \\(pk_${table}\\): .*$`, 'i')
    )
    expect(bench.lines.filter((line) => /attempt/.test(line))).toEqual([])
    const [remedy = ''] = /DBCC CHECKIDENT \(.*?\)/.exec(said) ?? []
    await bench.execute(remedy)
    expect(await deliver(bench, 5)).toMatchObject({ status: 'succeeded' })
    const { length } = await bench.records()
    expect(length).toBe({ cdr_records: 4, cdr_api_drift: 4 }[table] ?? 0)
  })

  test('is told where the server has named the key, as in tables of the Python tool', async () => {
    const bench = await setUp()
    await bench.execute('ALTER TABLE dbo.cdr_api_drift DROP CONSTRAINT PK_cdr_api_drift')
    await bench.execute('ALTER TABLE dbo.cdr_api_drift ADD PRIMARY KEY (id)')
    const said = await clash(bench, 'cdr_api_drift', (nth) => bench.deliver(novel(nth)))
    expect(said).toMatch(/^dbo\.cdr_api_drift generates ids/)
    expect(said).not.toMatch(/\(pk_cdr_api_drift\)/i)
  })

  test('is none where another unique index refuses the row', async () => {
    const bench = await setUp()
    await bench.execute('CREATE UNIQUE INDEX PK_cdr_records_2 ON dbo.cdr_records (model)')
    onTestFinished(async () => void (await bench.execute('DROP INDEX PK_cdr_records_2 ON dbo.cdr_records')))
    expect(await bench.deliver(item(1), item(2))).toMatchObject({ inserted: 1, quarantined: 1 })
  })
})
