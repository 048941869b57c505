import { expect, test } from 'vitest'
import { item, liveNow as now } from '../support/live.js'
import { HOUR, setUp } from '../support/sync.js'

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
  for (let tries = 0; tries < 5; tries += 1) {
    const { run, all, sim } = await setUp({ records: [], now })
    sim.failNext(deliver(item(1), item(1, { 'Start time': '?', 'Report time': '2026-09-24T09:00:00.000Z' })))
    expect(await run()).toMatchObject({ inserted: 1, quarantined: 1 })
    await run()
    expect(all(OPEN)).toMatchObject([{ sightings: 1, recovered: 0 }])
  }
})
