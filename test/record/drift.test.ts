import { describe, expect, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { fixture, item, live, liveNow as now } from '../support/live.js'
import { type Bench, HOUR, setUp } from '../support/sync.js'

type Item = Record<string, unknown>

const DRIFT = 'SELECT kind, name, value, occurrences, example FROM cdr_api_drift ORDER BY id'

async function deliver({ sim, run }: Bench, ...items: unknown[]) {
  sim.failNext({ kind: 'body', body: JSON.stringify({ items }) })
  return run({ since: now - 6 * HOUR, until: now - HOUR })
}

/** What one run counts that finds the live record with these changes. */
async function driftOf(changes: Item) {
  const bench = await setUp({ records: [], now })
  expect(await deliver(bench, { ...live, ...changes })).toMatchObject({ status: 'succeeded', inserted: 1 })
  expect(bench.all('SELECT raw_json FROM cdr_records')).toEqual([
    { raw_json: JSON.stringify({ ...live, ...changes }) }
  ])
  return bench.all(DRIFT)
}

async function statsOf({ settings, clock }: Bench) {
  const dataSource = await connect(settings.database)
  const { collectStats } = await import('../../src/report/stats.js')
  const { sayStats } = await import('../../src/report/say-stats.js')
  try {
    const stats = await collectStats(dataSource, settings.retention, clock.now)
    return { drift: stats.drift, lines: sayStats(stats) }
  } finally {
    await dataSource.destroy()
  }
}

describe('what is new at the service', () => {
  test('an unknown key is stored, counted in each delivery, and shown by stats', async () => {
    const bench = await setUp({ records: [], now })
    await deliver(bench, item(1, { 'Brand new': '' }), item(2, { 'Brand new': 'NA' }))
    expect(bench.all(DRIFT)).toEqual([
      { kind: 'key', name: 'Brand new', value: '', occurrences: 2, example: null }
    ])
    const [first] = bench.all('SELECT first_seen_utc, last_seen_utc FROM cdr_api_drift')
    await deliver(bench, item(1, { 'Brand new': '' }), item(3, { 'Brand new': { a: 1 } }))
    await deliver(bench, item(4, { 'Brand new': 'later' }))
    expect(bench.all(DRIFT)).toEqual([
      { kind: 'key', name: 'Brand new', value: '', occurrences: 5, example: '{"a":1}' }
    ])
    const [last] = bench.all('SELECT first_seen_utc, last_seen_utc FROM cdr_api_drift')
    expect(last?.first_seen_utc).toBe(first?.first_seen_utc)
    expect(String(last?.last_seen_utc) > String(first?.last_seen_utc)).toBe(true)
    const { drift, lines } = await statsOf(bench)
    expect(drift).toEqual([
      {
        kind: 'key',
        name: 'Brand new',
        value: '',
        occurrences: 5,
        firstSeen: expect.stringMatching(/^\d{4}-.*Z$/),
        lastSeen: expect.stringMatching(/^\d{4}-.*Z$/)
      }
    ])
    expect(lines.join('\n')).toMatch(
      /Sent by the service but unknown to this version\n {2}kind +name +value +occurrences +first seen +last seen\n {2}key +Brand new +5 {2}\d{4}-/
    )
  })

  test('a value that an enumeration does not have, as it is spelled', async () => {
    const changes = {
      Direction: 'SIDEWAYS',
      'Call outcome': 'success',
      'Original reason': 'ExplicitId12',
      'Redirect reason': 'ExplicitId',
      'User type': 'Robot '
    }
    expect(await driftOf(changes)).toEqual(
      [
        ['Direction', 'SIDEWAYS'],
        ['Redirect reason', 'ExplicitId'],
        ['User type', 'Robot '],
        ['Call outcome', 'success']
      ].map(([name, value]) => ({ kind: 'value', name, value, occurrences: 1, example: null }))
    )
  })

  test('a value of another type: of an object or array an example is kept, of what may be a number of somebody none', async () => {
    const changes = {
      'Called number': 14085551234,
      Answered: true,
      Duration: '12',
      'Ring duration': 8,
      User: null,
      Location: { a: 1 },
      Model: ['x']
    }
    const type = (name: string, value: string, example: string | null = null) => ({
      kind: 'type',
      name,
      value,
      occurrences: 1,
      example
    })
    expect(await driftOf(changes)).toEqual([
      type('Answered', 'boolean'),
      type('Duration', 'string'),
      type('User', 'null'),
      type('Called number', 'number'),
      type('Location', 'object', '{"a":1}'),
      type('Model', 'array', '["x"]')
    ])
  })

  test('a key that differs from a known one in letter case or blanks only', async () => {
    const { Direction: _, ...rest } = live
    const bench = await setUp({ records: [], now })
    await deliver(bench, { ...rest, DIRECTION: 'SIDEWAYS' }, { ...live, 'User  type': 'User' })
    expect(bench.all(DRIFT)).toEqual([
      { kind: 'spelling', name: 'Direction', value: 'DIRECTION', occurrences: 1, example: null },
      { kind: 'value', name: 'Direction', value: 'SIDEWAYS', occurrences: 1, example: null },
      { kind: 'spelling', name: 'User type', value: 'User  type', occurrences: 1, example: null }
    ])
  })

  test('a record that goes to quarantine is counted too; what is no object has no keys', async () => {
    const bench = await setUp({ records: [], now })
    await deliver(bench, item(1, { 'Start time': 1_700_000_000 }), 'text', null, [item(2)])
    expect(bench.all(DRIFT)).toMatchObject([{ kind: 'type', name: 'Start time', value: 'number' }])
  })

  test('a page that is written again for a row that is refused counts once, in a dry run not at all', async () => {
    const bench = await setUp({ records: [item(1, { 'Brand new': 1 })], now })
    await bench.run({ dryRun: true })
    expect(bench.all(DRIFT)).toEqual([])
    bench.execute(`CREATE TRIGGER guard BEFORE INSERT ON cdr_records WHEN NEW.model = 'forbidden'
                   BEGIN SELECT RAISE(ABORT, 'no such model here'); END`)
    const items = [item(2, { 'Brand new': 1 }), item(3, { 'Brand new': 1, Model: 'forbidden' })]
    expect(await deliver(bench, ...items)).toMatchObject({ inserted: 1, quarantined: 1 })
    expect(bench.all(DRIFT)).toMatchObject([{ name: 'Brand new', occurrences: 2 }])
  })
})

describe('nothing new', () => {
  test.each(['', 'NA', 'na', 'N/A', 'n/a', ' N/A '])('%j in every field', async (nothing) => {
    const { 'Report ID': _, 'Start time': __, ...rest } = live
    expect(await driftOf(Object.fromEntries(Object.keys(rest).map((key) => [key, nothing])))).toEqual([])
  })

  test.each([
    ['Client type', 'TEAMS_SHARE'],
    ['Call type', 'ZTN'],
    ['Related reason', 'CalllPark'],
    ['User type', 'VirtuaLline'],
    ['Answer reason', 'Auto Answer']
  ])('%s %s, which the reference lacks', async (key, value) => {
    expect(await driftOf({ [key]: value })).toEqual([])
  })

  test('of what an older version counted: N/A', async () => {
    const bench = await setUp({ records: [], now })
    bench.execute(`INSERT INTO cdr_api_drift (kind, name, value, occurrences, first_seen_utc, last_seen_utc)
      VALUES ('value', 'WxCC consult merge status', 'N/A', 5, '2026-09-01 00:00:00.000', '2026-09-01 00:00:00.000'),
             ('value', 'Answer reason', 'Voice', 5, '2026-09-01 00:00:00.000', '2026-09-01 00:00:00.000')`)
    expect((await statsOf(bench)).drift.map(({ value }) => value)).toEqual(['Voice'])
  })

  test('every value, spelling and type of fields.json', async () => {
    const fields = fixture('fields.json') as {
      key: string
      docKey?: string
      csvKey?: string
      documentedType?: string
      enum?: string[]
    }[]
    expect(fields.filter((field) => field.enum).length).toBeGreaterThan(20)
    const values = fields.flatMap(({ key, enum: known = [] }) => known.map((value) => ({ [key]: value })))
    const keys = fields.flatMap(({ docKey, csvKey }) => [docKey, csvKey].filter((key) => key !== undefined))
    const types = fields.filter(({ documentedType }) => documentedType === 'number')
    expect(types.map(({ key }) => key)).toEqual(['Ring duration'])
    const bench = await setUp({ records: [], now })
    await deliver(
      bench,
      live,
      { ...live, 'Ring duration': 8 },
      { ...live, ...Object.fromEntries(keys.map((key) => [key, ''])) },
      ...values.map((value) => ({ ...live, ...value }))
    )
    expect(bench.all(DRIFT)).toEqual([])
  })

  test('nor in a day of the simulator', async () => {
    const bench = await setUp({ recordsPerHour: 60 })
    expect((await bench.run({ since: bench.clock.now - 24 * HOUR })).inserted).toBeGreaterThan(500)
    expect(bench.all(DRIFT)).toEqual([])
    expect((await statsOf(bench)).lines.join('\n')).not.toContain('Sent by the service')
  })

  test('the example of the reference has one value that its own list of values lacks', async () => {
    const bench = await setUp({ records: [], now })
    await deliver(bench, ...fixture('reference-example.json').items)
    expect(bench.all(DRIFT)).toMatchObject([{ kind: 'value', name: 'Client type', value: 'SIP_TOLLFREE' }])
  })

  test('to a newer version, what an older one counted stays in the table and is not shown', async () => {
    const bench = await setUp({ records: [], now })
    const row = (kind: string, name: string, value: string) =>
      `INSERT INTO cdr_api_drift (kind, name, value, occurrences, first_seen_utc, last_seen_utc)
       VALUES ('${kind}', '${name}', '${value}', 1, '2026-01-01 00:00:00.000', '2026-01-01 00:00:00.000')`
    for (const [kind, name, value] of [
      ['key', 'Answer reason', ''],
      ['spelling', 'Recall type', 'Recall Type'],
      ['type', 'Ring duration', 'number'],
      ['value', 'Call type', 'SIP_URI'],
      ['value', 'Model', 'no enumeration any more']
    ]) {
      bench.execute(row(`${kind}`, `${name}`, `${value}`))
    }
    expect((await statsOf(bench)).drift).toEqual([])
    for (const [kind, name, value] of [
      ['key', 'Brand new', ''],
      ['spelling', 'Recall type', 'RECALL TYPE'],
      ['type', 'Ring duration', 'object'],
      ['value', 'Call type', 'SIP_UFO']
    ]) {
      bench.execute(row(`${kind}`, `${name}`, `${value}`))
    }
    expect((await statsOf(bench)).drift.map(({ value }) => value)).toEqual([
      'SIP_UFO',
      'object',
      'RECALL TYPE',
      ''
    ])
  })
})

describe('a service that means harm', () => {
  const keys = (from: number, to: number) =>
    Object.fromEntries(Array.from({ length: to - from }, (_, index) => [`k${from + index}`, index]))

  test('with 10,000 keys in a page fills 200 rows, over many pages a thousand, and the rest is counted', async () => {
    const bench = await setUp({ records: [], now })
    await deliver(bench, { ...live, ...keys(0, 10_000) })
    expect(
      bench.all('SELECT kind, COUNT(*) AS n, SUM(occurrences) AS o FROM cdr_api_drift GROUP BY kind')
    ).toEqual([
      { kind: 'key', n: 200, o: 200 },
      { kind: 'more', n: 1, o: 9_800 }
    ])
    for (let page = 1; page < 7; page += 1) {
      await deliver(bench, { ...live, ...keys(page * 1_000, page * 1_000 + 190) })
    }
    expect(bench.all('SELECT COUNT(*) AS n, SUM(occurrences) AS o FROM cdr_api_drift')).toEqual([
      { n: 1_000, o: 10_000 + 6 * 190 }
    ])
    // What is known by name goes on to be counted there.
    await deliver(bench, { ...live, ...keys(0, 3) })
    expect(bench.all("SELECT name, occurrences FROM cdr_api_drift WHERE name IN ('k2', 'k3')")).toEqual([
      { name: 'k2', occurrences: 2 },
      { name: 'k3', occurrences: 1 }
    ])
    const { drift, lines } = await statsOf(bench)
    expect(drift).toHaveLength(1_000)
    expect(drift.filter(({ kind }) => kind === 'more')).toMatchObject([{ name: '(more)' }])
    expect(lines.length).toBeLessThan(60)
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}… +980 more in cdr_api_drift$/))
  })

  test.each([
    ['a NUL', 'a\0b', 'a\ufffdb'],
    ['what a terminal obeys', 'a\u001b[2J\u009b31m\r\nb', 'a\ufffd[2J\ufffd31m\ufffd\ufffdb'],
    ['what turns text around', 'a\u202eb\u2066c\u2028d', 'a\ufffdb\ufffdc\ufffdd'],
    ['half of a surrogate pair', 'a\ud800b', 'a\ufffdb'],
    ['10,000 characters', 'x'.repeat(10_000), 'x'.repeat(128)],
    ['an emoji across the cut', `${'x'.repeat(127)}📞`, 'x'.repeat(127)],
    ['emoji', '📞👩‍👩‍👧', '📞👩‍👩‍👧'],
    ['nothing', '', ''],
    ['the name of the row for what is beyond', '(more)', '(more)'],
    ['a name that objects have', '__proto__', '__proto__'],
    ['SQL', "'; DROP TABLE cdr_api_drift; --", "'; DROP TABLE cdr_api_drift; --"]
  ])('with %s in a key, a value and an example', async (_, text, shown) => {
    const bench = await setUp({ records: [], now })
    // As JSON has it: a literal would set the prototype.
    const more = JSON.parse(`{${JSON.stringify(text)}:${JSON.stringify(['é', text])}}`)
    await deliver(bench, { ...live, 'Call outcome': text, ...more })
    expect(bench.all("SELECT name FROM cdr_api_drift WHERE kind = 'key'")).toEqual([{ name: shown }])
    expect(bench.all("SELECT value FROM cdr_api_drift WHERE kind = 'value'")).toEqual(
      text === '' ? [] : [{ value: shown }]
    )
    const rows = bench.all(DRIFT)
    const everything = [...rows.flatMap((row) => Object.values(row)), ...(await statsOf(bench)).lines].join(
      ' '
    )
    expect(everything).not.toMatch(/[\p{Cc}\u2028\u202e\u2066]/u)
    expect(everything.isWellFormed()).toBe(true)
    const [{ example = '' } = {}] = rows.filter(({ kind }) => kind === 'key')
    expect(example).toMatch(/^\["é",/)
    expect(String(example).length).toBeLessThanOrEqual(256)
  })

  test('with what is nested too deeply, or long and nearly known, loses nothing and takes no time', async () => {
    const bench = await setUp({ records: [], now })
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = JSON.stringify({ items: [{ ...live, Direction: `${'1'.repeat(200_000)}x`, deep: 'HERE' }] })
    bench.sim.failNext({ kind: 'body', body: body.replace('"HERE"', deep) })
    await bench.run({ since: now - 6 * HOUR, until: now - HOUR })
    expect(bench.all(DRIFT)).toMatchObject([
      { kind: 'value', name: 'Direction', value: '1'.repeat(128) },
      { kind: 'key', name: 'deep', example: null }
    ])
  })
})
