import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { QueryRunner } from 'typeorm'
import { describe, expect, it } from 'vitest'
import { FillFromRawJson1795392000003 as Fill } from '../../src/migrations/sqlite/1795392000003-FillFromRawJson.js'
import { type Item, insert, predecessorRow, pythonJson, storeAsPredecessor } from './predecessor.js'
import { migrate, newFile, open, type Row, rowsOf, schemaDiff, using } from './support.js'

interface Field {
  key: string
  column: string
  sqlType: string
  docKey?: string
  csvKey?: string
}

const fields = fixture('fields') as Field[]
const [live] = (fixture('live-2026-09') as { items: [Item] }).items
const [reference] = (fixture('reference-example') as { items: [Item] }).items

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `../fixtures/${name}.json`), 'utf8'))
}

/** An item in which every key has a value of its own. */
function fullItem(): Item {
  const item: Item = {}
  for (const [index, { key, sqlType }] of fields.entries()) {
    if (sqlType.startsWith('datetime2')) item[key] = `2026-09-24T07:49:10.${100 + index}Z`
    else if (sqlType.startsWith('int')) item[key] = `${1000 + index}`
    else if (sqlType.startsWith('bit')) item[key] = 'true'
    else item[key] = `${key} of Zoë 📞`
  }
  return { ...item, 'Report ID': 'EA9CD4C2-B4E8-3E0F-B518-B14906A6D01A', Duration: 36 }
}

/** The columns that an item should fill, by fields.json alone. */
function expectedRow(item: Item): Row {
  const row: Row = {}
  for (const { key, column, sqlType, docKey = key, csvKey = key } of fields) {
    const value = item[key] ?? item[docKey] ?? item[csvKey]
    const text = value === undefined || value === '' ? null : String(value)
    if (text === null) row[column] = sqlType.endsWith('NOT NULL') ? '' : null
    else if (sqlType.startsWith('datetime2')) row[column] = text.slice(0, 23).replace('T', ' ')
    else if (sqlType.startsWith('int')) row[column] = Number(text)
    else if (sqlType.startsWith('bit')) row[column] = Number(text === 'true')
    else if (sqlType.startsWith('unique')) row[column] = text.toLowerCase()
    else row[column] = text
  }
  return { ...row, location_id: row.site_uuid, user_email: null }
}

/** A predecessor's database with these items, brought up to date; its rows by id. */
async function adopt(...items: Item[]): Promise<Row[]> {
  const file = newFile()
  await migrate(file, 'FillFromRawJson')
  await using(file, (dataSource) => storeAsPredecessor(dataSource, ...items))
  await migrate(file)
  return rowsOf(file)
}

async function adoptOne(changes: Item, item = live): Promise<Row> {
  const [row] = await adopt({ ...item, ...changes })
  return row!
}

describe('a record that the Python tool stored', () => {
  it.each([
    ['as the service delivers it', live],
    ['as the reference spells it', { ...reference, 'Ring duration': '23' }],
    ['with a value for every key', fullItem()],
    ['with all keys as the reference spells them', respelt('docKey')],
    ['with all keys as the CSV report spells them', respelt('csvKey')]
  ])('gets every column right: %s', async (_, item) => {
    expect(await adoptOne({}, item)).toMatchObject(expectedRow(item))
  })

  it('keeps its id, its time of ingestion and its raw_json', async () => {
    const file = newFile()
    await migrate(file, 'FillFromRawJson')
    const kept = { id: 4711, ingestion_timestamp: '2026-01-15 08:00:00.000', raw_json: pythonJson(live) }
    await using(file, (dataSource) => insert(dataSource, { ...predecessorRow(live), ...kept }))
    await migrate(file)
    expect(await rowsOf(file)).toEqual([expect.objectContaining({ ...kept, updated_timestamp: null })])
  })

  it('becomes what sync would store', async () => {
    const { toRecord } = await import('../../src/sync/record.js')
    const items = [
      live,
      reference,
      fullItem(),
      { ...live, 'Report ID': '' },
      { ...live, User: 'a@b.example' }
    ]
    for (const item of items) {
      const file = newFile()
      await migrate(file, 'FillFromRawJson')
      await using(file, (dataSource) => storeAsPredecessor(dataSource, item))
      await migrate(file)
      const { CdrRecord } = await import('../../src/entities/index.js')
      const [adopted] = await using(file, (dataSource) => dataSource.getRepository(CdrRecord).find())
      const mapped = toRecord(item)
      if (!('row' in mapped)) throw new Error(mapped.unstorable.reason)
      const { rawJson, ...row } = mapped.row
      expect(adopted).toMatchObject(row)
      expect(JSON.parse(adopted!.rawJson!)).toEqual(JSON.parse(rawJson!))
    }
  })
})

function respelt(spelling: 'docKey' | 'csvKey'): Item {
  const full = fullItem()
  return Object.fromEntries(fields.map((field) => [field[spelling] ?? field.key, full[field.key]]))
}

describe('a value', () => {
  it('"" is NULL, but for call_id', async () => {
    const empty = Object.fromEntries(fields.map(({ key }) => [key, '']))
    const { 'Start time': start, 'Report ID': report } = live
    const row = await adoptOne({ ...empty, 'Start time': start, 'Report ID': report }, {} as Item)
    const { id, ingestion_timestamp, raw_json, report_id, start_time, ...others } = row
    expect(others.call_id).toBe('')
    expect(Object.entries(others).filter(([, value]) => value !== null)).toEqual([['call_id', '']])
  })

  it.each(['NA', 'na'])('"%s" stays in text and is NULL elsewhere', async (word) => {
    const all = Object.fromEntries(fields.map(({ key }) => [key, word]))
    const { 'Start time': start, 'Report ID': report } = live
    const row = await adoptOne({ ...all, 'Start time': start, 'Report ID': report, Duration: null })
    expect(row).toMatchObject({ queue_type: word, device_mac: word, user_name: word, user_email: null })
    for (const { column, sqlType } of fields) {
      if (/^(datetime2|int|bit)/.test(sqlType) && column !== 'start_time')
        expect(row[column], column).toBeNull()
    }
  })

  it('longer than its column is cut there', async () => {
    const text = fields.filter(({ column, sqlType }) => /^nvarchar/.test(sqlType) && column !== 'call_id')
    const long = Object.fromEntries(text.map(({ key }) => [key, 'x'.repeat(1500)]))
    const row = await adoptRaw({ ...live, ...long })
    for (const { column, sqlType } of text) {
      expect(row[column], column).toBe('x'.repeat(Number(/\d+/.exec(sqlType)?.[0])))
    }
  })

  it.each([
    ['2023-10-12 21:22:32.621', '2023-10-12 21:22:32.621'],
    ['2023-10-12T21:22:32.621', '2023-10-12 21:22:32.621'],
    ['2023-10-12T21:22:32Z', '2023-10-12 21:22:32.000'],
    ['2023-10-12T23:22:32.621+02:00', '2023-10-12 21:22:32.621'],
    ['2023-10-12 16:22:32.621-05:00', '2023-10-12 21:22:32.621'],
    ['2023-10-12', null],
    ['now', null],
    ['2460230.5', null],
    ['21:22:32.621 yesterday', null]
  ])('Release time %s is %s', async (value, expected) => {
    const row = await adoptRaw({ ...live, 'Release time': value, 'Report time': value })
    expect(row).toMatchObject({ release_time: expected, report_time: expected })
  })

  it.each([
    ['23', 23],
    [23, 23],
    ['0', 0],
    ['', null],
    ['-', null],
    ['2.5', null],
    ['1e3', null],
    ['99999999999', null]
  ])('Ring duration %o is %o', async (value, expected) => {
    expect(await adoptOne({ 'Ring duration': value, Duration: null })).toMatchObject({
      ring_duration: expected,
      duration: null
    })
  })

  it.each([
    ['true', 1],
    ['False', 0],
    ['NA', null],
    ['maybe', null]
  ])('Answered %s is %o', async (value, expected) => {
    expect(await adoptOne({ Answered: value })).toMatchObject({ answered: expected })
  })

  it.each([
    ['Jo Doe', null],
    ['jo.doe@example.com', 'jo.doe@example.com'],
    ['Jo Doe <jo.doe@example.com>', null],
    ['jo doe@example.com', null],
    ['Jo<jo.doe@example.com', null],
    ['jo@doe@example.com', null],
    ['jo@example', null],
    ['jo@example.', null],
    ['@example.com', null],
    [`${'x'.repeat(251)}@a.de`, null]
  ])('User %s is an e-mail address: %s', async (user, expected) => {
    expect(await adoptOne({ User: user })).toMatchObject({ user_name: user, user_email: expected })
  })
})

/** Adopts an item of which the tool's own columns hold only what it cannot do without. */
async function adoptRaw(item: Item): Promise<Row> {
  const file = newFile()
  await migrate(file, 'FillFromRawJson')
  const { call_id, start_time, raw_json } = predecessorRow(item)
  await using(file, (dataSource) => insert(dataSource, { call_id, start_time, raw_json }))
  await migrate(file)
  const [row] = await rowsOf(file)
  return row!
}

describe('the key', () => {
  // From Python's hashlib, not from this project.
  const derived = '81777d70-7f95-8ac2-ae50-0d3ac6bb525c'
  const nameless = { ...live, 'Network call ID': 'SDen4q701-zażółć-aoh8mj1050' }

  it.each([
    ['missing', undefined],
    ['null', null],
    ['empty', ''],
    ['"NA"', 'NA'],
    ['too short', 'ea9cd4c2-b4e8-3e0f-b518'],
    ['too long', 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a0'],
    ['not hexadecimal', 'ea9cd4c2-b4e8-3e0f-b518-b14906a6d01g'],
    ['hyphenated elsewhere', 'ea9cd4c2-b4e8-3e0f-b518-b14906a6-01a']
  ])('is derived where Report ID is %s', async (_, reportId) => {
    expect(await adoptOne({ 'Report ID': reportId }, nameless)).toMatchObject({ report_id: derived })
  })

  it.each([
    ['missing', null],
    ['cut off', '{"Report ID": "ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a'],
    ['no object', '["ea9cd4c2-b4e8-3e0f-b518-b14906a6d01a"]'],
    ['an object that names no call', '{"Call ID": ""}'],
    ['a number', '7'],
    ['blank', '']
  ])('is derived from the columns where raw_json is %s, and the row keeps its data', async (_, rawJson) => {
    const file = newFile()
    await migrate(file, 'FillFromRawJson')
    const before: Row = {
      id: 7,
      call_id: 'broken',
      correlation_id: 'cf30fa26-7c1a-4099-8ada-b8e57acca6ce',
      direction: 'TERMINATING',
      start_time: '2026-09-24 07:49:10.900',
      user_email: 'Pod 0',
      location_id: 'Site1',
      duration: 12,
      answered: 1,
      raw_json: rawJson
    }
    await using(file, (dataSource) => insert(dataSource, before))
    await migrate(file)
    const [row] = await rowsOf(file)
    expect(row).toMatchObject({ ...before, report_id: 'da410588-010c-8ce7-a070-0f35660b6961' })
  })

  it('keeps records apart that share (call_id, start_time) from then on', async () => {
    const file = newFile()
    await migrate(file, 'FillFromRawJson')
    await using(file, (dataSource) => storeAsPredecessor(dataSource, live))
    await migrate(file)
    await using(file, async (dataSource) => {
      const [row] = await dataSource.query<[Row]>('SELECT * FROM cdr_records')
      const { id, ...copy } = row
      await insert(dataSource, { ...copy, report_id: 'another' })
      await expect(insert(dataSource, { ...copy, start_time: 'later' })).rejects.toThrow(/UNIQUE.*report_id/)
      await expect(insert(dataSource, { ...copy, report_id: null })).rejects.toThrow(/NOT NULL.*report_id/)
    })
  })
})

describe('rows that prove to be one record', () => {
  const versions = (...times: string[]): Item[] =>
    times.map((time, index) => ({ ...live, 'Call ID': `version ${index}`, 'Report time': time }))

  it.each([
    ['the newest stays', ['07:50', '07:52', '07:51'], 'version 1'],
    ['of equally new ones the last', ['07:50', '07:50'], 'version 1'],
    ['one without Report time goes', ['07:50', ''], 'version 0']
  ])('collapse: %s', async (_, times, survivor) => {
    const items = versions(...times.map((time) => time && `2026-09-24T${time}:00.000Z`))
    const rows = await adopt(...items, { ...live, 'Report ID': '', 'Call ID': 'other' })
    expect(rows.map((row) => row.call_id)).toEqual([survivor, 'other'])
  })
})

describe('an existing database', () => {
  it('of an older install is adopted with its own tables', async () => {
    const file = newFile()
    await using(file, async (dataSource) => {
      await dataSource.query(`
        CREATE TABLE cdr_records (
          id integer PRIMARY KEY AUTOINCREMENT NOT NULL, ingestion_timestamp datetime,
          ${Object.keys(predecessorRow(live))
            .map((column) => `${column} ${column === 'answer_indicator' ? 'nvarchar(10)' : 'nvarchar(150)'}`)
            .join(', ')},
          CONSTRAINT "UQ_call_id_start_time" UNIQUE (call_id, start_time)
        )
      `)
      await dataSource.query('CREATE INDEX IX_cdr_records_start_time ON cdr_records (start_time)')
      await storeAsPredecessor(dataSource, { ...live, 'Answer indicator': 'Yes-PostRedirection' })
    })
    await migrate(file)
    expect(await schemaDiff(file)).toEqual([])
    expect(await rowsOf(file)).toEqual([expect.objectContaining({ answer_indicator: 'Yes-PostRedirection' })])
  })

  it('keeps its runs and errors, and gives out no id twice', async () => {
    const file = newFile()
    await migrate(file, 'NewColumns')
    const run = {
      id: 3,
      last_successful_run_utc: '2026-09-24 08:00:00.000',
      last_successful_end_time_utc: '2026-09-24 07:55:00.000',
      records_fetched: 10,
      sync_duration_seconds: 2,
      api_calls_made: 1,
      created_at: '2026-09-24 08:00:01.000',
      notes: 'ok'
    }
    await using(file, async (dataSource) => {
      const columns = Object.keys(run)
      const insertRun = `INSERT INTO cdr_sync_state (${columns}) VALUES (${columns.map(() => '?')})`
      await dataSource.query(insertRun, Object.values(run))
      await dataSource.query(insertRun, Object.values({ ...run, id: 9 }))
      await dataSource.query('DELETE FROM cdr_sync_state WHERE id = 9')
      await dataSource.query(`INSERT INTO cdr_sync_errors (error_type) VALUES ('API_ERROR')`)
      for (const id of [5, 1000]) await insert(dataSource, { ...predecessorRow(live), id, call_id: `${id}` })
      await dataSource.query('DELETE FROM cdr_records WHERE id = 1000')
    })
    await migrate(file)
    expect(await rowsOf(file, 'cdr_sync_state')).toEqual([
      expect.objectContaining({ ...run, source: null, scope: null, status: null })
    ])
    expect(await rowsOf(file, 'cdr_sync_errors')).toMatchObject([{ error_type: 'API_ERROR', recovered: 0 }])
    await using(file, async (dataSource) => {
      await dataSource.query(
        'INSERT INTO cdr_sync_state (records_fetched, sync_duration_seconds, api_calls_made) VALUES (0, 0, 0)'
      )
      await insert(dataSource, { call_id: '', start_time: '2026-01-01 00:00:00.000', report_id: 'x' })
    })
    expect((await rowsOf(file, 'cdr_sync_state')).map((row) => row.id)).toEqual([3, 10])
    expect((await rowsOf(file)).map((row) => row.id)).toEqual([5, 1001])
  })
})

describe('the fill', () => {
  const item = (index: number): Item => ({
    ...live,
    'Call ID': `call ${index}`,
    // Every fourth has no Report ID, every twentieth is a second version of the one before.
    'Report ID':
      index % 4 === 0
        ? ''
        : `00000000-0000-3000-8000-${`${index - Number(index % 20 === 19)}`.padStart(12, '0')}`
  })

  async function seeded(): Promise<string> {
    const file = newFile()
    await migrate(file, 'FillFromRawJson')
    await using(file, async (dataSource) => {
      await dataSource.query('BEGIN')
      for (let index = 0; index < 4500; index++) {
        // Ids with holes: the batches follow the rows.
        await insert(dataSource, { ...predecessorRow(item(index)), id: 10 + index * 3 })
      }
      await dataSource.query('COMMIT')
    })
    return file
  }

  /** Runs the fill and kills it at its n-th statement. */
  async function killedAt(file: string, statement: number): Promise<number> {
    const dataSource = await open(file)
    const queryRunner = dataSource.createQueryRunner()
    let count = 0
    const mortal = new Proxy(queryRunner, {
      get: (target, property, receiver) =>
        property === 'query'
          ? (...query: Parameters<QueryRunner['query']>) => {
              if (++count === statement) throw new Error('killed')
              return target.query(...query)
            }
          : Reflect.get(target, property, receiver)
    })
    await expect(new Fill().up(mortal)).rejects.toThrow('killed')
    const [{ left }] = await dataSource.query<[{ left: number }]>(
      'SELECT COUNT(*) AS left FROM cdr_records WHERE report_id IS NULL'
    )
    await dataSource.destroy()
    return left
  }

  it('may be killed at any moment and goes on where it stopped', async () => {
    const undisturbed = await seeded()
    await migrate(undisturbed)
    const expected = await rowsOf(undisturbed)
    expect(expected).toHaveLength(4275)

    const file = await seeded()
    const left: number[] = []
    for (const statement of [1, 4, 5, 6, 8]) left.push(await killedAt(file, statement))
    expect(left).toEqual([4500, 4500, 2500, 500, 0])
    await migrate(file)
    const ignoringTime = (rows: Row[]) => rows.map(({ ingestion_timestamp, ...row }) => row)
    expect(ignoringTime(await rowsOf(file))).toEqual(ignoringTime(expected))
  })

  it('leaves rows alone that have a key', async () => {
    const file = newFile()
    await migrate(file, 'FillFromRawJson')
    const done = { ...predecessorRow({ ...live, 'Call ID': 'done' }), report_id: 'done', user_name: 'kept' }
    await using(file, async (dataSource) => {
      await storeAsPredecessor(dataSource, item(1))
      await insert(dataSource, done)
      await storeAsPredecessor(dataSource, item(2))
    })
    await migrate(file)
    expect((await rowsOf(file)).map((row) => row.user_name)).toEqual(['Pod 0', 'kept', 'Pod 0'])
  })

  it('writes nothing on a new database', async () => {
    const dataSource = await open(newFile(), 'FillFromRawJson')
    await dataSource.runMigrations()
    const [{ before }] = await dataSource.query<[{ before: number }]>('SELECT total_changes() AS before')
    await new Fill().up(dataSource.createQueryRunner())
    const [{ after }] = await dataSource.query<[{ after: number }]>('SELECT total_changes() AS after')
    expect(after).toBe(before)
  })
})
