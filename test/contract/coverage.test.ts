import { expect, test } from 'vitest'
import { contract, setUp, useDatabase } from '../support/contract.js'

useDatabase()

contract('a range of cdr_coverage that somebody writes by hand', () => {
  const write = (columns: string, values: string) =>
    setUp().then(({ dataSource }) => {
      const table = dataSource.getMetadata('cdr_coverage').tablePath
      return dataSource.query(`INSERT INTO ${table} (scope, ${columns}) VALUES ('', ${values})`)
    })

  test.each(['cdr_feed', 'cdr_stream', 'settled', 'accepted'])('is refused as %s without an end', (source) =>
    expect(write('source, start_utc', `'${source}', '2026-11-01'`)).rejects.toThrow(/CK_cdr_coverage_end/i)
  )

  test('may be asked without an end', async () => {
    await write('source, start_utc', `'asked', '2026-11-01'`)
  })

  test('is refused where it ends before it begins', () =>
    expect(write('source, start_utc, end_utc', `'accepted', '2026-11-02', '2026-11-01'`)).rejects.toThrow(
      /CK_cdr_coverage_range/i
    ))
})
