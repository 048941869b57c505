import { expect, onTestFinished, test } from 'vitest'
import { contract, contractOf, dialect } from '../support/contract.js'
import { live } from './items.js'
import { Adoptee, type Row, stored } from './support.js'

async function bare(): Promise<Adoptee> {
  const adoptee = await Adoptee.bare()
  onTestFinished(() => adoptee.drop())
  return adoptee
}

/** The table of an older install: short answer_indicator, one index, and a constraint of this name, if any. */
function olderTable(unique: string): string {
  const identity =
    dialect === 'mssql' ? 'bigint IDENTITY(1,1) PRIMARY KEY' : 'integer PRIMARY KEY AUTOINCREMENT NOT NULL'
  const time = dialect === 'mssql' ? 'datetime2' : 'datetime'
  const columns = Object.keys(stored(live)).map((column) => {
    if (/_time$/.test(column)) return `${column} ${time} ${column === 'start_time' ? 'NOT NULL' : 'NULL'}`
    if (column === 'call_id') return 'call_id nvarchar(150) NOT NULL'
    if (column === 'duration') return 'duration int NULL'
    if (column === 'answered') return dialect === 'mssql' ? 'answered bit NULL' : 'answered boolean NULL'
    if (column === 'raw_json') return `raw_json ${dialect === 'mssql' ? 'nvarchar(max)' : 'text'} NULL`
    return `${column} nvarchar(${column === 'answer_indicator' ? 10 : column === 'direction' ? 20 : 150}) NULL`
  })
  return `
    CREATE TABLE cdr_records (
      id ${identity}, ingestion_timestamp ${time} NULL, ${columns.join(', ')}, ${unique}
    )`
}

contract('a database of an older install', () => {
  test.each([
    [
      'with the constraint as it is called today',
      'CONSTRAINT UQ_call_id_start_time UNIQUE (call_id, start_time)'
    ],
    ['with a constraint of another name', 'CONSTRAINT once UNIQUE (start_time, call_id)'],
    ['with a constraint that the server named', 'UNIQUE (call_id, start_time)']
  ])(
    'is adopted with its own table: %s',
    async (_, unique) => {
      const adoptee = await bare()
      await adoptee.query(olderTable(unique))
      await adoptee.query('CREATE INDEX IX_cdr_records_start_time ON cdr_records (start_time)')
      await adoptee.insert('cdr_records', stored(live))
      expect(await adoptee.migrate()).toBe(10)
      expect(await adoptee.migrate()).toBe(0)

      const [{ id, ...row }] = (await adoptee.rows()) as [Row]
      const another = { report_id: '00000000-0000-3000-8000-000000000001' }
      await adoptee.insert('cdr_records', { ...row, ...another, answer_indicator: 'Yes-PostRedirection' })
      expect((await adoptee.rows()).map((leg) => leg.answer_indicator)).toEqual(['No', 'Yes-PostRedirection'])
    },
    180_000
  )
})

contractOf('mssql', 'an index of the DBA', () => {
  test('stays, and serves in place of one of ours', async () => {
    const adoptee = await bare()
    await adoptee.query(olderTable('UNIQUE (call_id, start_time)'))
    await adoptee.query('CREATE INDEX mine ON dbo.cdr_records (start_time)')
    await adoptee.migrate()
    const indexes = await adoptee.query(`
      SELECT MAX(CASE key_ordinal WHEN 1 THEN COL_NAME(object_id, column_id) END) AS first_column
      FROM sys.index_columns
      WHERE object_id = OBJECT_ID(N'dbo.cdr_records')
      GROUP BY index_id
      HAVING COUNT(*) = 1
    `)
    const columns = indexes.map(({ first_column }) => first_column)
    expect(columns.filter((column) => column === 'start_time')).toHaveLength(1)
  }, 180_000)
})

contract('runs and errors', () => {
  test('are kept, and no id is given out twice', async () => {
    const adoptee = await Adoptee.with(
      stored({ ...live, 'Call ID': 'kept' }, { id: 5 }),
      stored({ ...live, 'Call ID': 'deleted' }, { id: 1000 })
    )
    onTestFinished(() => adoptee.drop())
    await adoptee.query('DELETE FROM cdr_records WHERE id = 1000')
    const run = {
      id: 3,
      last_successful_run_utc: '2026-09-24 08:00:00.123',
      last_successful_end_time_utc: '2026-09-24 07:55:00.000',
      records_fetched: 10,
      sync_duration_seconds: 2,
      api_calls_made: 1,
      created_at: '2026-09-24 08:00:01.000',
      notes: 'ok'
    }
    await adoptee.insert('cdr_sync_state', run, { ...run, id: 9 })
    await adoptee.query('DELETE FROM cdr_sync_state WHERE id = 9')
    await adoptee.insert('cdr_sync_errors', { error_type: 'API_ERROR' })
    await adoptee.migrate()

    expect(await adoptee.rows('cdr_sync_state')).toEqual([
      expect.objectContaining({ ...run, source: null, scope: null, status: null })
    ])
    expect(await adoptee.rows('cdr_sync_errors')).toMatchObject([{ error_type: 'API_ERROR', recovered: 0 }])

    const counts = { records_fetched: 0, sync_duration_seconds: 0, api_calls_made: 0 }
    await adoptee.insert('cdr_sync_state', counts)
    const report = { report_id: '00000000-0000-3000-8000-000000000001' }
    await adoptee.insert('cdr_records', { call_id: '', start_time: '2026-01-01 00:00:00.000', ...report })
    expect((await adoptee.rows('cdr_sync_state')).map((row) => row.id)).toEqual([3, 10])
    expect((await adoptee.rows()).map((row) => row.id)).toEqual([5, 1001])
  }, 180_000)
})
