import { expect, test } from 'vitest'
import { syncQuarantined } from '../../src/sync/sync.js'
import { contract, setUp, useDatabase } from '../support/contract.js'
import { item } from '../support/live.js'
import { memoryLog } from '../support/log.js'

useDatabase()

/** The same Report ID: the first leg, and another one. */
const first = item(1, { 'Local call ID': '111:0' })
const second = item(1, {
  Direction: 'ORIGINATING',
  'User UUID': '22222222-2222-4222-8222-222222222222',
  'Correlation ID': '33333333-3333-4333-8333-333333333333',
  'Local call ID': '222:0'
})
const payload = (of: object) => JSON.stringify(of)

contract('a Report ID that two legs have', () => {
  test('in one page: the first is stored, the other kept and told', async () => {
    const bench = await setUp()
    const { inserted, quarantined, notes } = await bench.deliver(item(2), first, second, item(3))
    expect({ inserted, quarantined }).toEqual({ inserted: 3, quarantined: 1 })
    expect(notes).toMatch(/1 record has the Report ID of another leg: kept in cdr_sync_errors/)
    expect(bench.lines.filter((line) => line.includes('one Report ID came for two legs'))).toHaveLength(1)
    expect((await bench.records()).map(({ rawJson }) => rawJson)).toContain(payload(first))
    expect(await bench.errors()).toMatchObject([
      {
        errorType: 'QuarantinedRecord',
        payload: payload(second),
        errorMessage: expect.stringContaining(String(first['Report ID'])),
        recovered: false,
        sightings: 1
      }
    ])
  })

  test('in another run: what is stored stays, in whatever order they come again', async () => {
    const bench = await setUp()
    await bench.deliver(first)
    const newer = { ...second, 'Report time': '2026-09-24T09:00:00.000Z' }
    for (const page of [[newer], [first, newer], [newer, first]]) {
      expect(await bench.deliver(...page)).toMatchObject({
        inserted: 0,
        updated: 0,
        quarantined: 1,
        duplicate: page.length - 1
      })
    }
    expect(await bench.records()).toMatchObject([{ rawJson: payload(first), updatedTimestamp: null }])
    expect(await bench.errors()).toMatchObject([{ payload: payload(newer), recovered: false, sightings: 3 }])
  })

  test('each corrects its own leg: newer versions of both, and of a third', async () => {
    const bench = await setUp()
    const third = { ...first, 'Local call ID': '333:0' }
    await bench.deliver(first, second, third)
    const corrected = (of: object) => ({
      ...of,
      'Report time': '2026-09-24T09:30:00.000Z',
      'Hold duration': 9
    })
    const result = await bench.deliver(...[second, third, first].map(corrected))
    expect(result).toMatchObject({ updated: 1, quarantined: 2 })
    expect(await bench.records()).toMatchObject([{ rawJson: payload(corrected(first)) }])
    const kept = await bench.errors()
    expect(kept.map(({ payload: json, sightings }) => [json, sightings]).sort()).toEqual(
      [
        [payload(corrected(second)), 2],
        [payload(corrected(third)), 2]
      ].sort()
    )
  })

  test.each([
    ['Direction', 'ORIGINATING'],
    ['User UUID', '22222222-2222-4222-8222-222222222222'],
    ['Correlation ID', '33333333-3333-4333-8333-333333333333'],
    ['Local call ID', '222:0']
  ])('one that differs in %s alone is another', async (key, value) => {
    const bench = await setUp()
    await bench.deliver(first)
    expect(await bench.deliver({ ...first, [key]: value })).toMatchObject({ updated: 0, quarantined: 1 })
    expect(await bench.records()).toMatchObject([{ rawJson: payload(first) }])
  })

  test.each(['', 'n/a', null])('what one of them leaves open (%j) makes it no other', async (nothing) => {
    const bench = await setUp()
    const open = {
      ...first,
      Direction: nothing,
      'User UUID': nothing,
      'Correlation ID': nothing,
      'Local call ID': nothing
    }
    await bench.deliver(open)
    expect(await bench.deliver(first)).toMatchObject({ updated: 1, quarantined: 0 })
    expect(await bench.deliver(open)).toMatchObject({ updated: 1, quarantined: 0 })
    expect(await bench.deliver(open, first)).toMatchObject({ updated: 1, quarantined: 0, duplicate: 1 })
    expect(await bench.errors()).toEqual([])
  })

  test('letter case makes it no other', async () => {
    const bench = await setUp()
    await bench.deliver(first)
    const loud = {
      ...first,
      Direction: 'terminating',
      'User UUID': String(first['User UUID']).toUpperCase(),
      'Correlation ID': String(first['Correlation ID']).toUpperCase()
    }
    expect(await bench.deliver(first, loud)).toMatchObject({ updated: 1, quarantined: 0, duplicate: 1 })
    expect(await bench.deliver(first)).toMatchObject({ updated: 1, quarantined: 0 })
  })

  test('any other correction is one, whatever it changes', async () => {
    const bench = await setUp()
    await bench.deliver(first)
    const { 'Report ID': id, Direction, 'User UUID': user, 'Correlation ID': call, ...rest } = first
    const { 'Local call ID': half, 'Start time': start, 'Report time': _, ...others } = rest
    const changed = Object.fromEntries(Object.keys(others).map((key) => [key, 'else']))
    const correction = {
      ...{ ...changed, 'Report ID': id, Direction, 'User UUID': user, 'Correlation ID': call },
      ...{ 'Local call ID': half, 'Start time': start, 'Report time': '2026-09-24T09:30:00.000Z' }
    }
    expect(await bench.deliver(correction)).toMatchObject({ updated: 1, quarantined: 0 })
  })

  test('beside one that says less: the call has every leg that the database has of it', async () => {
    const bench = await setUp()
    const journey = { 'Interaction ID': '77777777-2222-4222-8222-222222222222' }
    await bench.deliver(
      item(2, {
        ...journey,
        'Correlation ID': '99999999-2222-4222-8222-222222222222',
        'Local call ID': '9:0'
      })
    )
    // The one without a user may be of either leg.
    const users = ['11111111-2222-4222-8222-222222222222', '22222222-2222-4222-8222-222222222222', '']
    await bench.deliver(...users.map((user) => item(1, { ...journey, 'User UUID': user })))
    const calls = await bench.dataSource.query<{ legs: number }[]>('SELECT legs FROM cdr_calls')
    expect(calls).toEqual([{ legs: 2 }])
  })

  test('trying again what is in quarantine replaces nothing; where the place is free, it is taken', async () => {
    const bench = await setUp()
    await bench.deliver(first, second)
    const retry = () => syncQuarantined(bench.settings, { log: memoryLog().log })
    expect(await retry()).toEqual({ result: { tried: 1, stored: 0 } })
    expect(await bench.records()).toMatchObject([{ rawJson: payload(first) }])
    expect(await bench.errors()).toMatchObject([{ recovered: false }])
    await bench.execute('DELETE FROM cdr_records')
    expect(await retry()).toEqual({ result: { tried: 1, stored: 1 } })
    expect(await bench.records()).toMatchObject([{ rawJson: payload(second) }])
    expect(await bench.errors()).toMatchObject([{ recovered: true }])
  })

  test('among thousands is found in a page that is new, and in one that is known', async () => {
    const bench = await setUp()
    const many = Array.from({ length: 2_100 }, (_, index) =>
      item(1, {
        'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
        'Correlation ID': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
        'Interaction ID': '',
        'Local call ID': `${index}:0`
      })
    )
    expect(await bench.deliver(...many)).toMatchObject({ inserted: 2_100 })
    const turned = many.map((record, index) =>
      index % 1_000 === 500 ? { ...record, Direction: 'ORIGINATING' } : record
    )
    expect(await bench.deliver(...turned)).toMatchObject({ quarantined: 2, duplicate: 2_098, updated: 0 })
  }, 60_000)
})
