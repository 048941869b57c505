import { expect, onTestFinished, test } from 'vitest'
import { contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { live } from '../support/live.js'

useDatabase()

const later = { 'Report time': '2026-09-24T09:00:00.000Z' }
/** 700 records of 32 KB are more than is written at once. */
const LARGE = Array.from({ length: 700 }, (_, index) => ({
  ...live,
  'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
  Extra: 'x'.repeat(32_768)
}))
const [first] = LARGE
const idOf = (of: object | undefined) => String((of as Record<string, unknown>)['Report ID']).toLowerCase()

contract('a page that is written in slices', () => {
  test('has each record once, in its newest version, wherever the versions stand', async () => {
    const bench = await setUp()
    const result = await bench.deliver(
      { ...first, ...later, Model: 'newest' },
      ...LARGE,
      { ...LARGE[1], ...later, Model: 'newest' },
      'no record'
    )
    expect(result).toMatchObject({ fetched: 703, inserted: 700, updated: 0, duplicate: 2, quarantined: 1 })
    const models = new Map(
      (await bench.records()).map(({ reportId, model }) => [reportId.toLowerCase(), model])
    )
    expect(models.get(idOf(first))).toBe('newest')
    expect(models.get(idOf(LARGE[1]))).toBe('newest')
    expect(models.get(idOf(LARGE[2]))).toBe(live.Model || null)
  }, 60_000)

  test('quarantines another leg under the Report ID of one in an earlier slice', async () => {
    const bench = await setUp()
    const other = { ...first, 'Local call ID': 'another' }
    expect(await bench.deliver(...LARGE, other)).toMatchObject({ inserted: 700, quarantined: 1 })
    expect((await bench.errors()).map(({ payload }) => payload)).toEqual([JSON.stringify(other)])
  }, 60_000)

  test('loses nothing but the rows that the database refuses, in whichever slice they stand', async () => {
    const bench = await setUp()
    const [guard, unguard] =
      dialect === 'mssql'
        ? [
            "ALTER TABLE dbo.cdr_records ADD CONSTRAINT CK_guard CHECK (model <> 'forbidden')",
            'ALTER TABLE dbo.cdr_records DROP CONSTRAINT CK_guard'
          ]
        : [
            `CREATE TRIGGER guard BEFORE INSERT ON cdr_records
             WHEN NEW.model = 'forbidden' BEGIN SELECT RAISE(ABORT, 'CK_guard'); END`,
            'DROP TRIGGER guard'
          ]
    await bench.execute(guard)
    onTestFinished(() => bench.execute(unguard).then(() => {}))
    const items = LARGE.map((one, index) =>
      index === 3 || index === 690 ? { ...one, Model: 'forbidden' } : one
    )
    expect(await bench.deliver(...items)).toMatchObject({ fetched: 700, inserted: 698, quarantined: 2 })
    expect((await bench.errors()).map(({ payload }) => payload)).toEqual([
      JSON.stringify(items[3]),
      JSON.stringify(items[690])
    ])
  }, 60_000)
})
