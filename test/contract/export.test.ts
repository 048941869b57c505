import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { CdrCall as Call, CdrRecord } from '../../src/entities/index.js'
import type { DayState } from '../../src/export/days.js'
import type { ExportRequest, ExportResult } from '../../src/export/export.js'
import { masked } from '../../src/retention/mask.js'
import {
  type ContractBench,
  type ContractOptions,
  contract,
  dialect,
  setUp,
  useDatabase
} from '../support/contract.js'
import { duckdb, lakeOf } from '../support/lake.js'
import { item, live } from '../support/live.js'

useDatabase()

const DAY = 86_400_000
const START = Date.parse(String(live['Start time']))

/** An item of a call that began so many days before the live one, which is of 2026-09-24. */
function aged(id: number, days: number, changes: object = {}): Record<string, unknown> {
  return item(id, { 'Start time': new Date(START - days * DAY).toISOString(), ...changes })
}

async function exportBench(options?: ContractOptions) {
  const bench = await setUp(options)
  const folder = mkdtempSync(join(tmpdir(), 'export-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return {
    ...bench,
    folder,
    /** Days by name, each with the names of its files. */
    files: () =>
      Object.fromEntries(
        readdirSync(folder)
          .filter((name) => name.startsWith('day='))
          .map((name) => [name.slice(4), readdirSync(join(folder, name))])
      ),
    text: (path: string) => readFileSync(join(folder, path), 'utf8'),
    export: (request: Partial<ExportRequest> = {}) => exportTo(bench, folder, request)
  }
}

/** @returns also the days that were written */
async function exportTo(
  { dataSource }: ContractBench,
  folder: string,
  request: Partial<ExportRequest>
): Promise<ExportResult & { written: string[] }> {
  const { exportDays } = await import('../../src/export/export.js')
  const { WHATS } = await import('../../src/export/what.js')
  const written: string[] = []
  const result = await exportDays(
    { what: WHATS.records, format: 'parquet', folder, range: {}, ...request },
    {
      dataSource,
      signal: new AbortController().signal,
      now: Date.now,
      writing: (day) => written.push(day)
    }
  )
  return { ...result, written }
}

async function mask({ dataSource, clock }: ContractBench, record: CdrRecord | undefined): Promise<void> {
  const { createLoader } = await import('../../src/store/create-loader.js')
  const { MASKED_COLUMNS } = await import('../../src/retention/mask.js')
  const loader = await createLoader(dataSource.manager)
  await dataSource.transaction((manager) =>
    manager
      .withRepository(loader)
      .change(MASKED_COLUMNS, [masked(record!, { digits: 3 }, new Date(clock.now))])
  )
}

contract('export', () => {
  test('writes a file for each UTC day, which DuckDB reads as the database has it', async () => {
    const bench = await exportBench({ records: undefined, recordsPerHour: 20, now: Date.now() })
    await bench.run({ since: bench.clock.now - 2 * DAY, until: bench.clock.now - 6 * 60_000 })
    const records = await bench.records()
    expect(records.length).toBeGreaterThan(300)
    const { rows, daysWritten } = await bench.export()
    expect(rows).toBe(records.length)
    const days = [...new Set(records.map(({ startTime }) => startTime.toISOString().slice(0, 10)))].sort()
    expect(daysWritten).toBe(days.length)
    expect(bench.files()).toEqual(Object.fromEntries(days.map((day) => [day, ['records.parquet']])))

    const { columns } = bench.dataSource.getRepository('CdrRecord').metadata
    const kept = columns.filter(({ propertyName }) => !['rawJson', 'contentHash'].includes(propertyName))
    const expected = records.map((record) => [
      ...kept.map(({ propertyName }) =>
        propertyName === 'id' ? BigInt(record.id) : record[propertyName as keyof CdrRecord]
      ),
      new Date(record.startTime.toISOString().slice(0, 10))
    ])
    const read = await duckdb(`SELECT * FROM ${lakeOf(bench.folder)} ORDER BY id`)
    expect(Object.keys(read[0] ?? {})).toEqual([...kept.map(({ databaseName }) => databaseName), 'day'])
    expect(read.map((row) => Object.values(row))).toEqual(expected)
  }, 60_000)

  test('writes calls likewise, with the times of their places', async () => {
    const bench = await exportBench({ records: undefined, recordsPerHour: 20, now: Date.now() })
    await bench.run({ since: bench.clock.now - 2 * DAY, until: bench.clock.now - 6 * 60_000 })
    const { WHATS } = await import('../../src/export/what.js')
    const { CdrCall } = await import('../../src/entities/index.js')
    const calls = await bench.dataSource.getRepository(CdrCall).find({ order: { journeyId: 'ASC' } })
    expect(calls.length).toBeGreaterThan(100)
    expect(await bench.export({ what: WHATS.calls })).toMatchObject({ rows: calls.length })
    const { columns } = bench.dataSource.getMetadata(CdrCall)
    const read = await duckdb(`SELECT * EXCLUDE (day) FROM ${lakeOf(bench.folder)} ORDER BY journey_id`)
    expect(read).toHaveLength(calls.length)
    const expected = calls.map((call) =>
      Object.fromEntries(
        columns.map(({ databaseName, propertyName }) => [databaseName, call[propertyName as keyof Call]])
      )
    )
    const byId = (rows: Record<string, unknown>[]) => new Map(rows.map((row) => [row.journey_id, row]))
    expect(byId(read)).toEqual(byId(expected))
    const types = await duckdb(`DESCRIBE SELECT start_utc, start_local, legs FROM ${lakeOf(bench.folder)}`)
    expect(types.map(({ column_type }) => column_type)).toEqual([
      'TIMESTAMP WITH TIME ZONE',
      'TIMESTAMP',
      'INTEGER'
    ])
    expect(await bench.export({ what: WHATS.calls })).toMatchObject({ daysWritten: 0 })
    expect(Object.values(bench.files()).flat()).toContain('calls.parquet')

    const folder = join(bench.folder, 'lines')
    await bench.export({ what: WHATS.calls, format: 'jsonl', folder })
    const [call] = calls
    const day = call?.startUtc.toISOString().slice(0, 10)
    const lines = bench.text(`lines/day=${day}/calls.jsonl`).trimEnd().split('\n')
    const line = lines.find((each) => each.includes(String(call?.journeyId))) ?? ''
    expect(JSON.parse(line)).toMatchObject({
      start_utc: call?.startUtc.toISOString(),
      start_local: call?.startLocal.toISOString().replace('Z', ''),
      legs: call?.legs
    })
  }, 60_000)

  test('gives Parquet its types, compression, dictionaries and statistics', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 0, { Answered: 'true', Duration: 77 }), aged(3, 0))
    await bench.export()
    const types = await duckdb(`DESCRIBE SELECT * FROM ${lakeOf(bench.folder)}`)
    const typeOf = Object.fromEntries(types.map(({ column_name: name, column_type: type }) => [name, type]))
    expect(typeOf).toMatchObject({
      id: 'BIGINT',
      report_id: 'VARCHAR',
      calling_number: 'VARCHAR',
      start_time: 'TIMESTAMP WITH TIME ZONE',
      masked_utc: 'TIMESTAMP WITH TIME ZONE',
      answered: 'BOOLEAN',
      duration: 'INTEGER',
      day: 'DATE'
    })
    const chunks = await duckdb(
      `SELECT path_in_schema, compression, encodings, stats_min_value, stats_max_value, stats_null_count
       FROM parquet_metadata('${bench.folder}/*/*.parquet')`
    )
    const chunkOf = (name: string) => chunks.find(({ path_in_schema }) => path_in_schema === name)
    expect(new Set(chunks.map(({ compression }) => compression))).toEqual(new Set(['SNAPPY']))
    expect(chunkOf('location_name')).toMatchObject({ encodings: expect.stringContaining('RLE_DICTIONARY') })
    expect(chunkOf('duration')).toMatchObject({ stats_min_value: '0', stats_max_value: '77' })
    expect(chunkOf('start_time')).toMatchObject({ stats_min_value: '2026-09-24 07:49:10.939+00' })
    expect(chunkOf('answer_time')).toMatchObject({ stats_null_count: 3n })
  })

  test('writes only the days whose rows have changed', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 1), aged(3, 2), aged(4, 3))
    expect(await bench.export()).toMatchObject({ daysWritten: 4, daysUnchanged: 0, rows: 4 })
    expect(await bench.export()).toMatchObject({ daysWritten: 0, daysUnchanged: 4, rows: 0, bytes: 0 })
    // A new one, one that a redelivery changes, and one that is masked by a clock that is behind.
    await bench.deliver(aged(5, 0), aged(2, 1, { Duration: 5, 'Report time': '2026-09-24T09:00:00.000Z' }))
    const [, , third] = await bench.records()
    bench.clock.now -= 400 * DAY
    await mask(bench, third)
    expect((await bench.export()).written).toEqual(['2026-09-22', '2026-09-23', '2026-09-24'])
    expect(
      await duckdb(
        `SELECT day::text AS day, list(duration) AS durations, list(user_name) AS users FROM ${lakeOf(bench.folder)} GROUP BY day ORDER BY day`
      )
    ).toEqual([
      { day: '2026-09-21', durations: [0], users: ['Pod 0'] },
      { day: '2026-09-22', durations: [0], users: [null] },
      { day: '2026-09-23', durations: [5], users: ['Pod 0'] },
      { day: '2026-09-24', durations: [0, 0], users: ['Pod 0', 'Pod 0'] }
    ])
    expect((await bench.export()).written).toEqual([])
  })

  test('sees a day as one, in however many parts its rows are counted', async () => {
    const { deliver, dataSource, ...bench } = await exportBench()
    await deliver(...[1, 2, 3, 4, 5, 6, 7].map((id) => aged(id, id % 2)))
    await deliver(aged(1, 1, { Duration: 5, 'Report time': '2026-09-24T09:00:00.000Z' }))
    await mask({ ...bench, deliver, dataSource }, (await bench.records())[3])
    await bench.execute("DELETE FROM cdr_records WHERE report_id LIKE '%5'")
    const { dayOf, daysOf } = await import('../../src/export/days.js')
    const { WHATS } = await import('../../src/export/what.js')
    const looking = { what: WHATS.records, withInternal: true }
    const { signal } = new AbortController()
    const days = ['2026-09-23', '2026-09-24']
    const states = await Promise.all(days.map((day) => dayOf(dataSource.manager, looking, day)))
    expect(states).toMatchObject([
      { rows: 3, changes: { updated_timestamp: [1, expect.any(String)], raw_json: [3, null] } },
      { rows: 3, changes: { masked_utc: [1, expect.any(String)], raw_json: [2, null] } }
    ])
    expect(await dayOf(dataSource.manager, looking, '2026-09-25')).toBeUndefined()
    const expected = days.map((day, index) => [day, states[index]])
    for (const size of [1, 2, 100]) {
      expect([...(await daysOf(dataSource.manager, looking, {}, signal, size))]).toEqual(expected)
    }
    const range = { from: '2026-09-01', before: '2026-10-01' }
    expect([...(await daysOf(dataSource.manager, looking, range, signal))]).toEqual(expected)
  })

  test('removes the file of a day that has no rows any more', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 1), aged(3, 2))
    await bench.export()
    writeFileSync(join(bench.folder, 'day=2026-09-22', 'notes.txt'), 'of somebody')
    await bench.execute("DELETE FROM cdr_records WHERE start_time < '2026-09-24'")
    expect(await bench.export()).toMatchObject({ daysWritten: 0, daysUnchanged: 1, daysRemoved: 2 })
    expect(bench.files()).toEqual({ '2026-09-22': ['notes.txt'], '2026-09-24': ['records.parquet'] })
    expect(Object.keys(JSON.parse(bench.text('_export.json')).days)).toEqual(['2026-09-24'])
  })

  test('empties no folder because DATABASE_URL names an empty database', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0))
    await bench.export()
    await bench.execute('DELETE FROM cdr_records')
    await expect(bench.export()).rejects.toThrow(
      `the database has no records, but ${bench.folder} has files of them: check DATABASE_URL, or delete these files`
    )
    expect(bench.files()).toEqual({ '2026-09-24': ['records.parquet'] })
  })

  test('looks at the days of a range only, and at these as a whole', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 1), aged(3, 2), aged(4, 3))
    expect((await bench.export({ range: { from: '2026-09-22', before: '2026-09-24' } })).written).toEqual([
      '2026-09-22',
      '2026-09-23'
    ])
    await bench.execute("DELETE FROM cdr_records WHERE start_time < '2026-09-24'")
    expect(await bench.export({ range: { from: '2026-09-23' } })).toMatchObject({
      written: ['2026-09-24'],
      daysRemoved: 1
    })
    expect(Object.keys(bench.files())).toEqual(['2026-09-22', '2026-09-24'])
  })

  test('writes a day again whose file is gone or is another', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 1), aged(3, 2))
    await bench.export()
    const pathOf = (day: string) => join(bench.folder, `day=${day}`, 'records.parquet')
    rmSync(pathOf('2026-09-22'))
    const { atime, mtime } = statSync(pathOf('2026-09-23'))
    writeFileSync(pathOf('2026-09-23'), 'another')
    utimesSync(pathOf('2026-09-23'), atime, mtime)
    utimesSync(pathOf('2026-09-24'), 1, 1)
    expect((await bench.export()).written).toEqual(['2026-09-22', '2026-09-23', '2026-09-24'])
    expect(await duckdb(`SELECT COUNT(*) AS n FROM ${lakeOf(bench.folder)}`)).toEqual([{ n: 3n }])
  })

  test('writes everything again where its files had other columns', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0), aged(2, 1))
    await bench.export()
    const manifest = JSON.parse(bench.text('_export.json'))
    manifest.columns.pop()
    writeFileSync(join(bench.folder, '_export.json'), JSON.stringify(manifest))
    expect(await bench.export()).toMatchObject({ daysWritten: 2 })
  })

  test('puts no two kinds of files into one folder', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0))
    await bench.export({ format: 'csv' })
    await expect(bench.export()).rejects.toThrow(
      `${bench.folder} has an export of records as csv: specify another folder with --output`
    )
    writeFileSync(join(bench.folder, '_export.json'), '{"days": 7}')
    await expect(bench.export()).rejects.toThrow(
      /_export\.json cannot be read: it is not what an export writes; delete it to export all days again$/
    )
  })

  test('removes what an export that was killed has left, but nothing of one that still runs', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0))
    const [old, fresh] = ['_export.0a.tmp', '_export.0b.tmp'].map((name) => join(bench.folder, name))
    for (const path of [old!, fresh!]) writeFileSync(path, 'PAR1')
    utimesSync(old!, Date.now() / 1_000 - 7_200, Date.now() / 1_000 - 7_200)
    await bench.export()
    expect(readdirSync(bench.folder).sort()).toEqual(['_export.0b.tmp', '_export.json', 'day=2026-09-24'])
  })

  test('reads each row once, whatever has the same time or a finer one', async () => {
    const { dataSource, deliver, execute } = await exportBench()
    await deliver(...[1, 2, 3, 4, 5, 6, 7].map((id) => aged(id, 0)), aged(8, 1))
    // As the Python tool stored them: without a fraction of zero, or with one that no Date has.
    const [same, finer] =
      dialect === 'mssql'
        ? ['2026-09-24T08:00:00.123456', '2026-09-24T08:00:00.123457']
        : ['2026-09-24 08:00:00', '2026-09-24 08:00:00.001']
    const move = (time: string, ids: number[]) =>
      execute(
        `UPDATE cdr_records SET start_time = '${time}'
         WHERE report_id IN (${ids.map((id) => `'00000000-0000-3000-8000-00000000000${id}'`)})`
      )
    await move(String(same), [2, 3, 4, 5, 6])
    await move(String(finer), [1])
    await move('2026-09-24 00:00:00', [7])
    const { columnsOf } = await import('../../src/export/columns.js')
    const { pagesOf } = await import('../../src/export/rows.js')
    const { WHATS } = await import('../../src/export/what.js')
    const columns = columnsOf(dataSource.manager, WHATS.records, false)
    const index = columns.findIndex(({ name }) => name === 'report_id')
    const read: unknown[] = []
    const { signal } = new AbortController()
    const wanted = { what: WHATS.records, columns, day: '2026-09-24' }
    const pages = pagesOf(dataSource.manager, wanted, signal, 2)
    for await (const rows of pages) read.push(rows.map((row) => Number(String(row[index]).at(-1))))
    expect(read).toEqual([[7, 2], [3, 4], [5, 6], [1]])
  })

  test('reads a day again if its rows change meanwhile, or leaves that to the next export', async () => {
    const bench = await exportBench()
    const { dataSource, folder } = bench
    await bench.deliver(aged(1, 0), aged(2, 0), aged(3, 0))
    const { columnsOf } = await import('../../src/export/columns.js')
    const { DayFolder } = await import('../../src/export/folder.js')
    const { WHATS } = await import('../../src/export/what.js')
    const { writeDay } = await import('../../src/export/write-day.js')
    const { daysOf } = await import('../../src/export/days.js')
    const { signal } = new AbortController()
    const looking = { what: WHATS.records, withInternal: false }
    const stateOf = async () => (await daysOf(dataSource.manager, looking, {}, signal)).get('2026-09-24')
    const write = async (changes: number, before?: DayState) => {
      let left = changes
      let readings = 0
      const placed = existsSync(join(folder, 'day=2026-09-24', 'records.none')) ? ['records.none'] : []
      const format = {
        withInternal: false,
        open() {
          readings += 1
          return {
            add() {
              // An engine would read it there.
              expect(readdirSync(join(folder, 'day=2026-09-24'))).toEqual(placed)
              if (left <= 0) return
              left -= 1
              changeInAnotherProcess(bench)
            },
            end() {}
          }
        }
      }
      const entry = await writeDay(
        {
          what: WHATS.records,
          format,
          columns: columnsOf(dataSource.manager, WHATS.records, false),
          folder: new DayFolder(folder, 'records.none'),
          dataSource,
          signal
        },
        '2026-09-24',
        before ?? (await stateOf())
      )
      return {
        readings,
        isOfNow: JSON.stringify(entry?.changes) === JSON.stringify((await stateOf())?.changes)
      }
    }
    expect(await write(0)).toEqual({ readings: 1, isOfNow: true })
    const before = await stateOf()
    changeInAnotherProcess(bench)
    expect(await write(0, before)).toEqual({ readings: 2, isOfNow: true })
    // A transaction of SQLite does not see them.
    const isSnapshot = dialect === 'sqlite'
    expect(await write(1)).toEqual(
      isSnapshot ? { readings: 1, isOfNow: false } : { readings: 2, isOfNow: true }
    )
    expect(await write(9)).toEqual({ readings: isSnapshot ? 1 : 3, isOfNow: false })
    expect(readdirSync(folder)).toEqual(['day=2026-09-24'])
  }, 60_000)

  test('notices in JSONL also that raw_json was removed', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0, { 'A new key': 'of Ann Lee' }))
    await bench.export({ format: 'jsonl' })
    expect(bench.text('day=2026-09-24/records.jsonl')).toContain('Ann Lee')
    await bench.execute('UPDATE cdr_records SET raw_json = NULL')
    expect(await bench.export({ format: 'jsonl' })).toMatchObject({ daysWritten: 1 })
    expect(bench.text('day=2026-09-24/records.jsonl')).not.toContain('Ann Lee')
  })

  test.each(['all', 'rest'] as const)('JSONL is what Webex sent, with RAW_JSON=%s', async (rawJson) => {
    const bench = await exportBench({ rawJson })
    const items = [
      aged(1, 0, {
        'A new key': ['x'],
        User: 'line\nbreak “quoted”',
        Duration: '12',
        Model: 'm'.repeat(300)
      }),
      aged(2, 0, { 'Call ID': '=1+1', 'Report ID': '' })
    ]
    await bench.deliver(...items)
    await bench.export({ format: 'jsonl' })
    const text = bench.text('day=2026-09-24/records.jsonl')
    expect(text.endsWith('}\n')).toBe(true)
    const lines = text.trimEnd().split('\n')
    if (rawJson === 'all') expect(lines).toEqual(items.map((each) => JSON.stringify(each)))
    const withoutEmpty = (each: object) =>
      Object.fromEntries(Object.entries(each).filter(([, value]) => value !== ''))
    expect(lines.map((line) => withoutEmpty(JSON.parse(line)))).toEqual(items.map(withoutEmpty))
  })

  test('JSONL of a masked record has what is left of it', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0, { 'A new key': 'of Ann Lee', User: 'Ann Lee' }))
    await mask(bench, (await bench.records())[0])
    await bench.export({ format: 'jsonl' })
    const text = bench.text('day=2026-09-24/records.jsonl')
    expect(text).not.toContain('Ann')
    expect(JSON.parse(text)).toMatchObject({
      'Report ID': '00000000-0000-3000-8000-000000000001',
      'Calling number': '+15555550xxx',
      Location: 'Site1',
      Duration: 0,
      Answered: 'false'
    })
  })

  test('makes a new folder for its owner alone', async () => {
    const bench = await exportBench()
    await bench.deliver(aged(1, 0))
    const folder = join(bench.folder, 'made', 'by it')
    await bench.export({ folder })
    expect(readdirSync(folder).sort()).toEqual(['_export.json', 'day=2026-09-24'])
    if (process.platform === 'win32') return
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })
})

/** While the export waits for it, which runs in this process. */
function changeInAnotherProcess({ settings: { database } }: ContractBench): void {
  const sql =
    "UPDATE cdr_records SET updated_timestamp = '2026-09-25 00:00:00.%' WHERE report_id = (SELECT MAX(report_id) FROM cdr_records)"
  const stamp = String(Math.floor(Math.random() * 1_000)).padStart(3, '0')
  const script = `
    import { connect } from '${new URL('../../dist/src/database/data-source.js', import.meta.url).href}'
    const dataSource = await connect(${JSON.stringify(database)})
    await dataSource.query(${JSON.stringify(sql.replace('%', stamp))})
    await dataSource.destroy()`
  execFileSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' })
}
