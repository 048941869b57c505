import { describe, expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { chooseDialect } from '../../src/entities/dialect.js'
import { item, liveNow as now } from '../support/live.js'
import { memoryLog } from '../support/log.js'
import { HOUR, setUp } from '../support/sync.js'

chooseDialect('sqlite')
const { isNewFormat } = await import('../../src/store/quarantine.js')
const { syncQuarantined } = await import('../../src/sync/sync.js')

const deliver = (...items: unknown[]) => ({ kind: 'body' as const, body: JSON.stringify({ items }) })
const OPEN = 'SELECT error_type, record_key, payload, sightings, recovered FROM cdr_sync_errors ORDER BY id'

test('an item without a usable Start time goes to quarantine with its payload, and the run goes on', async () => {
  const { run, all } = await setUp({ records: [item(1), item(2, { 'Start time': '' }), item(3)], now })
  expect(await run({ since: now - 6 * HOUR })).toMatchObject({
    status: 'succeeded',
    fetched: 3,
    inserted: 2,
    quarantined: 1
  })
  expect(all(OPEN)).toEqual([
    {
      error_type: 'QuarantinedRecord',
      record_key: '00000000-0000-3000-8000-000000000002',
      payload: JSON.stringify(item(2, { 'Start time': '' })),
      sightings: 1,
      recovered: 0
    }
  ])
})

test('it stands there once, with a count of its sightings, and is recovered only when that record is stored', async () => {
  const { run, all, sim } = await setUp({ records: [], now })
  const bad = item(2, { 'Start time': 'soon' })
  sim.failNext(deliver(bad))
  await run()
  sim.failNext(deliver(item(1), bad, bad))
  await run()
  expect(all(OPEN)).toMatchObject([{ sightings: 3, recovered: 0 }])
  sim.failNext(deliver(item(1), item(3)))
  await run()
  expect(all(OPEN)).toMatchObject([{ sightings: 3, recovered: 0 }])
  sim.failNext(deliver(item(2)))
  await run()
  expect(all(OPEN)).toMatchObject([{ sightings: 3, recovered: 1 }])
  sim.failNext(deliver(bad))
  await run()
  expect(all(OPEN)).toMatchObject([{ sightings: 4, recovered: 0 }])
})

test('what the database refuses goes there alone; the rest of the page is stored', async () => {
  const { run, all, execute } = await setUp({
    records: [item(1), item(2, { Model: 'forbidden' }), item(3)],
    now
  })
  execute(`CREATE TRIGGER guard BEFORE INSERT ON cdr_records WHEN NEW.model = 'forbidden'
           BEGIN SELECT RAISE(ABORT, 'no such model here'); END`)
  expect(await run()).toMatchObject({ status: 'succeeded', inserted: 2, quarantined: 1 })
  expect(all('SELECT error_message, record_key FROM cdr_sync_errors')).toEqual([
    {
      error_message: expect.stringMatching(/^The database refuses it: .*no such model here/),
      record_key: item(2)['Report ID']
    }
  ])
  execute('DROP TRIGGER guard')
  expect(await run()).toMatchObject({ inserted: 1, duplicate: 2, quarantined: 0 })
  expect(all(OPEN)).toMatchObject([{ sightings: 1, recovered: 1 }])
})

test('a newer version that is refused is not recovered by the older one that is stored', async () => {
  const { run, all, sim, execute } = await setUp({ records: [item(1)], now })
  await run()
  execute(`CREATE TRIGGER guard BEFORE UPDATE ON cdr_records WHEN NEW.model = 'forbidden'
           BEGIN SELECT RAISE(ABORT, 'no such model here'); END`)
  sim.failNext(deliver(item(1, { Model: 'forbidden' })))
  expect(await run()).toMatchObject({ quarantined: 1 })
  expect(await run()).toMatchObject({ duplicate: 1 })
  expect(all(OPEN)).toMatchObject([{ sightings: 1, recovered: 0 }])
})

test('an item that is no object is kept too, each by what it is', async () => {
  const { run, all, sim } = await setUp({ records: [], now })
  sim.failNext(deliver('text', null, [1], 'text'))
  expect(await run()).toMatchObject({ fetched: 4, quarantined: 4 })
  expect(all('SELECT payload, sightings FROM cdr_sync_errors ORDER BY id')).toEqual([
    { payload: '"text"', sightings: 2 },
    { payload: 'null', sightings: 1 },
    { payload: '[1]', sightings: 1 }
  ])
})

test('a good version in the same page does not recover the newer one that cannot be stored', async () => {
  for (let tries = 0; tries < 2; tries += 1) {
    const { run, all, sim } = await setUp({ records: [], now })
    sim.failNext(deliver(item(1), item(1, { 'Start time': '?', 'Report time': '2026-09-24T09:00:00.000Z' })))
    expect(await run()).toMatchObject({ inserted: 1, quarantined: 1 })
    await run()
    expect(all(OPEN)).toMatchObject([{ sightings: 1, recovered: 0 }])
  }
})

describe('when the format has changed', () => {
  /** As many good records, and as many that cannot be stored. */
  const batch = (good: number, bad: number, from = 0) => {
    const id = (n: number) => `00000000-0000-3000-8000-${String(from + n).padStart(12, '0')}`
    return deliver(
      ...Array.from({ length: good + bad }, (_, n) => ({
        'Report ID': id(n),
        'Start time': n < bad ? 'soon' : '2026-09-24T08:00:00.000Z'
      }))
    )
  }

  test('the run ends, with all of the page kept and the rest for the next run', async () => {
    const { run, start, sim, all, clock } = await setUp({ records: [], now })
    await run()
    const [{ w } = {}] = all('SELECT MAX(last_successful_end_time_utc) AS w FROM cdr_sync_state')
    clock.now += 13 * HOUR
    sim.failNext(batch(378, 22))
    await expect(start()).rejects.toThrow(
      /^22 of 400 records could not be stored.*update this program, then run `npm run sync -- --retry-quarantined`$/
    )
    expect(all('SELECT COUNT(*) AS n FROM cdr_records')).toEqual([{ n: 378 }])
    expect(all("SELECT COUNT(*) AS n FROM cdr_sync_errors WHERE error_type = 'QuarantinedRecord'")).toEqual([
      { n: 22 }
    ])
    expect(all('SELECT status FROM cdr_sync_state ORDER BY id')).toEqual([
      { status: 'succeeded' },
      { status: 'failed' }
    ])
    expect(w).toBeDefined()
    // The next run meets the same records, which are known by now, and goes on.
    sim.failNext(batch(378, 22))
    expect(await run()).toMatchObject({ quarantined: 22, duplicate: 378 })
  })

  test('bad ones count over all pages of a run', async () => {
    const { run, start, sim, clock } = await setUp({ records: [], now })
    await run()
    clock.now += 13 * HOUR
    sim.failNext(batch(189, 11))
    sim.failNext(batch(189, 11, 200))
    await expect(start()).rejects.toThrow(/^22 of 400 records could not be stored/)
  })

  test('a few bad ones are bad data', async () => {
    const { run, sim } = await setUp({ records: [], now })
    sim.failNext(batch(380, 20))
    expect(await run()).toMatchObject({ inserted: 380, quarantined: 20 })
  })

  test.each([
    ['bad data', 20, 30],
    ['bad data', 900, 18_100],
    ['bad data', 1_000, 20_000],
    ['another format', 21, 419],
    ['another format, however many are good', 1_001, 1_000_000]
  ])('%s: %i of %i', (is, bad, all) => {
    expect(isNewFormat(bad, all)).toBe(is !== 'bad data')
  })
})

test('a format that changes in small runs, where no run has many, is what health tells', async () => {
  const { run, sim, settings, clock } = await setUp({ records: [], now: Date.now() })
  const health = async () => {
    const dataSource = await connect(settings.database)
    onTestFinished(() => dataSource.destroy())
    const { healthOf } = await import('../../src/report/health.js')
    return healthOf(dataSource.manager, settings.retention, clock.now, HOUR)
  }
  const bad = (id: number) =>
    item(1, {
      'Report ID': `00000000-0000-3000-8000-0000000001${String(id).padStart(2, '0')}`,
      'Start time': 'soon'
    })
  for (let round = 0; round < 3; round += 1) {
    expect((await (round === 0 ? Promise.resolve({ healthy: true }) : health())).healthy).toBe(true)
    sim.failNext(deliver(...Array.from({ length: 8 }, (_, n) => bad(round * 8 + n))))
    expect(await run()).toMatchObject({ status: 'succeeded', quarantined: 8 })
  }
  expect(await health()).toEqual({
    healthy: false,
    reason: expect.stringMatching(/^24 records of the last day could not be stored: .*--retry-quarantined`$/)
  })
})

describe('retrying what is in quarantine', () => {
  test('stores what can be stored by now, with or without a Report ID, and leaves the rest', async () => {
    const { run, all, sim, execute, settings, lines } = await setUp({ records: [], now })
    const nameless = { ...item(4), 'Report ID': '', 'Start time': 'soon' }
    sim.failNext(
      deliver(item(1, { 'Start time': 'soon' }), item(2, { Model: 'forbidden' }), nameless, item(3))
    )
    execute(`CREATE TRIGGER guard BEFORE INSERT ON cdr_records WHEN NEW.model IN ('forbidden', 'still')
             BEGIN SELECT RAISE(ABORT, 'no such model here'); END`)
    expect(await run()).toMatchObject({ inserted: 1, quarantined: 3 })
    // A program that reads “soon” would find what this puts there.
    execute(`UPDATE cdr_sync_errors SET payload = replace(payload, '"soon"', '"2026-09-24T07:00:00.000Z"')`)
    execute('DROP TRIGGER guard')
    const { log } = memoryLog()
    const outcome = await syncQuarantined(settings, { log })
    expect(outcome).toEqual({ result: { tried: 3, stored: 3 } })
    expect(all('SELECT recovered FROM cdr_sync_errors')).toEqual([
      { recovered: 1 },
      { recovered: 1 },
      { recovered: 1 }
    ])
    expect(all('SELECT COUNT(*) AS n FROM cdr_records')).toEqual([{ n: 4 }])
    expect(await syncQuarantined(settings, { log })).toEqual({ result: { tried: 0, stored: 0 } })
    expect(lines.join()).not.toContain('soon')
  })

  test('that the database still refuses stays, and does not keep others back', async () => {
    const { run, all, sim, execute, settings } = await setUp({ records: [], now })
    sim.failNext(
      deliver(
        item(1, { Model: 'forbidden' }),
        item(2, { Model: 'forbidden' }),
        item(3, { 'Start time': '?' })
      )
    )
    execute(`CREATE TRIGGER guard BEFORE INSERT ON cdr_records WHEN NEW.model = 'forbidden'
             BEGIN SELECT RAISE(ABORT, 'no such model here'); END`)
    expect(await run()).toMatchObject({ quarantined: 3 })
    execute(`UPDATE cdr_sync_errors SET payload = replace(payload, '"forbidden"', '"other"')
             WHERE record_key = '00000000-0000-3000-8000-000000000002'`)
    const { log } = memoryLog()
    expect(await syncQuarantined(settings, { log })).toEqual({ result: { tried: 3, stored: 1 } })
    expect(all('SELECT record_key, recovered FROM cdr_sync_errors ORDER BY record_key')).toMatchObject([
      { recovered: 0 },
      { recovered: 1 },
      { recovered: 0 }
    ])
  })
})
