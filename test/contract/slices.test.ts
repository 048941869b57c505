import { expect, onTestFinished, test } from 'vitest'
import { contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { live } from '../support/live.js'

useDatabase()

const later = { 'Report time': '2026-09-24T09:00:00.000Z' }
/** 180 records of 128 KB, of calls of their own, are more than is written at once. */
const LARGE = Array.from({ length: 180 }, (_, index) => ({
  ...live,
  'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
  'Correlation ID': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  'Interaction ID': '',
  Extra: 'x'.repeat(131_072)
}))
const [first] = LARGE
const idOf = (of: object | undefined) => String((of as Record<string, unknown>)['Report ID']).toLowerCase()

contract('a page that is written in slices', () => {
  test('has each record once, in its newest version, and quarantines another leg, wherever they stand', async () => {
    const bench = await setUp()
    const other = { ...LARGE[2], 'Local call ID': 'another' }
    const result = await bench.deliver(
      { ...first, ...later, Model: 'newest' },
      ...LARGE,
      { ...LARGE[1], ...later, Model: 'newest' },
      other,
      'no record'
    )
    expect(result).toMatchObject({ fetched: 184, inserted: 180, updated: 0, duplicate: 2, quarantined: 2 })
    const models = new Map(
      (await bench.records()).map(({ reportId, model }) => [reportId.toLowerCase(), model])
    )
    expect(models.get(idOf(first))).toBe('newest')
    expect(models.get(idOf(LARGE[1]))).toBe('newest')
    expect(models.get(idOf(LARGE[2]))).toBe(live.Model || null)
    const kept = (await bench.errors()).map(({ payload }) => payload)
    expect(kept.sort()).toEqual(['"no record"', JSON.stringify(other)])
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
      index === 3 || index === 170 ? { ...one, Model: 'forbidden' } : one
    )
    expect(await bench.deliver(...items)).toMatchObject({ fetched: 180, inserted: 178, quarantined: 2 })
    expect((await bench.errors()).map(({ payload }) => payload)).toEqual([
      JSON.stringify(items[3]),
      JSON.stringify(items[170])
    ])
  }, 60_000)
})
