import { beforeEach, describe, expect, test } from 'vitest'
import type { Found } from '../../src/html-report/collect.js'
import type { Period } from '../../src/html-report/period.js'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { addCalls } from '../support/given-calls.js'

useDatabase()

const NOVEMBER: Period = {
  since: Date.UTC(2026, 10, 1),
  until: Date.UTC(2026, 10, 8),
  locations: []
}
const HOUR = 3_600_000
const NEW_YORK = { locationName: 'New York', utcOffsetMinutes: -300 }
const BERLIN = { locationName: 'Berlin', utcOffsetMinutes: 60 }

let bench: ContractBench

contract('what a report counts', () => {
  beforeEach(async () => {
    bench = await setUp({ now: NOVEMBER.until })
    const { CdrCall, CdrCallParty } = await import('../../src/entities/index.js')
    for (const table of [CdrCall, CdrCallParty]) {
      await bench.dataSource.manager.createQueryBuilder().delete().from(table).execute()
    }
  })

  const add = (...calls: Parameters<typeof addCalls>[1][]) => addCalls(bench.dataSource.manager, ...calls)
  const found = async (period: Partial<Period> = {}): Promise<Found> => {
    const { collect } = await import('../../src/html-report/collect.js')
    return collect(bench.dataSource.manager, { ...NOVEMBER, ...period }, NOVEMBER.until)
  }

  test('calls from the first moment of the period to before its end', async () => {
    await add(
      { at: '2026-10-31T23:59:59.999Z' },
      { at: '2026-11-01T00:00:00Z' },
      { at: '2026-11-07T23:59:59.999Z' },
      { at: '2026-11-08T00:00:00Z' }
    )
    expect((await found()).byPlace.map(({ calls }) => calls)).toEqual([2])
  })

  test('calls by the day and the hour of their location', async () => {
    await add(
      { at: '2026-11-03T02:30:00Z', ...NEW_YORK, talkSeconds: 5 },
      { at: '2026-11-03T02:30:00Z', ...BERLIN, callClass: 'internal', outcome: 'busy', talkSeconds: 0 }
    )
    const { byDay, byHour } = await found()
    expect(byDay.toSorted((a, b) => (a.day! < b.day! ? -1 : 1))).toEqual([
      { day: '2026-11-02', callClass: 'inbound', outcome: 'answered', calls: 1, talkSeconds: 5 },
      { day: '2026-11-03', callClass: 'internal', outcome: 'busy', calls: 1, talkSeconds: 0 }
    ])
    expect([...byHour].sort(([a], [b]) => a - b)).toEqual([
      [Date.UTC(2026, 10, 2, 21), 1],
      [Date.UTC(2026, 10, 3, 3), 1]
    ])
  })

  test('only the locations asked for', async () => {
    await add(
      { at: '2026-11-03T02:30:00Z', ...NEW_YORK, parties: [{ locationName: 'New York', userId: 'a' }] },
      { at: '2026-11-03T02:30:00Z', ...BERLIN, parties: [{ locationName: 'Berlin', userId: 'b', name: 'B' }] }
    )
    const { byPlace, people, byDay } = await found({ locations: ['Berlin', 'nowhere'] })
    expect(byPlace.map(({ location }) => location)).toEqual(['Berlin'])
    expect(people.map(({ name }) => name)).toEqual(['B'])
    expect(byDay).toHaveLength(1)
  })

  test('how long inbound calls waited', async () => {
    await add(
      ...[3, 5, 9].map((waitSeconds) => ({ at: '2026-11-03T10:00:00Z', waitSeconds })),
      { at: '2026-11-03T10:00:00Z', waitSeconds: 70, outcome: 'abandoned' },
      { at: '2026-11-03T10:00:00Z', waitSeconds: 500, callClass: 'outbound' }
    )
    const { waiting } = await found()
    expect(waiting.answered.map(({ seconds }) => seconds)).toEqual([3, 5, 9])
    expect(waiting.unanswered).toEqual([{ seconds: 70, calls: 1 }])
    const { quantile } = await import('../../src/html-report/data/waiting.js')
    expect([0.5, 0.9, 1].map((share) => quantile(waiting.answered, share))).toEqual([5, 9, 9])
    expect(quantile([], 0.5)).toBeUndefined()
  })

  test('queues by what became of their calls, with the wait for a person', async () => {
    const queue = { kind: 'queue', name: 'Care', locationName: 'Berlin' } as const
    const at = '2026-11-03T10:00:00Z'
    await add(
      { at, parties: [{ ...queue, answeredUtc: new Date('2026-11-03T10:00:30.999Z') }] },
      { at, parties: [queue, { name: 'a person' }] },
      { at, parties: [{ ...queue, outcome: 'abandoned', answeredUtc: null }] }
    )
    expect((await found()).services).toEqual([
      {
        kind: 'queue',
        name: 'Care',
        location: 'Berlin',
        offered: 3,
        answered: 2,
        abandoned: 1,
        passedOn: 0,
        waitSeconds: 40,
        longestWait: 30
      }
    ])
  })

  test('what people made and were put, and masked parties are nobody’s, after everybody', async () => {
    const ann = { userId: 'ann', name: 'Ann', locationName: 'Berlin' }
    const at = '2026-11-03T10:00:00Z'
    await add(
      { at, lasts: 60, parties: [ann, { ...ann, outcome: 'elsewhere', talkSeconds: 0 }] },
      { at, lasts: 5, callingUserId: 'ann', callingName: 'Ann', locationName: 'Berlin' },
      { at, parties: [{ ...ann, outcome: 'busy', ringSeconds: 0, talkSeconds: 0 }] },
      { at, parties: [{ ...ann, outcome: 'no_answer', talkSeconds: 0 }] },
      ...['xxx', 'yyy', 'zzz'].map((number) => ({
        at,
        lasts: 7,
        maskedUtc: new Date(),
        parties: [{ number, locationName: 'Berlin' }]
      }))
    )
    const { people } = await found()
    expect(people).toEqual([
      {
        name: 'Ann',
        location: 'Berlin',
        made: 1,
        rung: 4,
        answered: 1,
        missed: 1,
        elsewhere: 1,
        talkSeconds: 65
      },
      {
        name: null,
        location: null,
        made: 0,
        rung: 3,
        answered: 3,
        missed: 0,
        elsewhere: 0,
        talkSeconds: 21
      }
    ])
  })

  test('the most legs at once on a trunk, where one may end as another begins', async () => {
    const trunk = 'LGW'
    await add(
      // From outside: it holds the trunk until the call ends, whoever has left it.
      {
        at: '2026-11-03T10:50:00Z',
        lasts: 1_200,
        ...NEW_YORK,
        parties: [{ kind: 'attendant', trunk, leftUtc: new Date('2026-11-03T10:51:00Z') }]
      },
      { at: '2026-11-03T10:55:00Z', lasts: 300, ...NEW_YORK, parties: [{ kind: 'outside', trunk }] },
      { at: '2026-11-03T11:00:00Z', lasts: 300, ...NEW_YORK, parties: [{ kind: 'outside', trunk }] },
      // Held as the period begins.
      { at: '2026-10-31T23:30:00Z', lasts: 3_600, parties: [{ kind: 'outside', trunk: 'other' }] },
      { at: '2026-11-01T00:10:00Z', lasts: 60, parties: [{ kind: 'outside', trunk: 'other' }] }
    )
    const { trunks } = await found()
    const begun = trunks.filter(({ legs }) => legs > 0)
    expect(begun.toSorted((a, b) => (`${a.trunk}${a.hour}` < `${b.trunk}${b.hour}` ? -1 : 1))).toEqual([
      { trunk: 'LGW', hour: '2026-11-03 05', legs: 2, seconds: 1_500, peak: 2 },
      { trunk: 'LGW', hour: '2026-11-03 06', legs: 1, seconds: 300, peak: 2 },
      { trunk: 'other', hour: '2026-11-01 00', legs: 1, seconds: 60, peak: 2 }
    ])
  })

  test('PSTN minutes: inbound calls once, outbound legs each', async () => {
    const at = '2026-11-03T10:00:00Z'
    await add(
      {
        at,
        lasts: 60,
        callType: 'SIP_INBOUND',
        pstnVendorName: 'V',
        parties: [{ kind: 'attendant' }, {}, { kind: 'outside', callType: 'SIP_NATIONAL', talkSeconds: 30 }]
      },
      { at, callClass: 'inbound', outcome: 'busy' },
      {
        at,
        callClass: 'internal',
        parties: [{ kind: 'outside', callType: 'SIP_ENTERPRISE', talkSeconds: 9 }]
      }
    )
    expect((await found()).pstn).toEqual([
      {
        day: '2026-11-03',
        direction: 'inbound',
        callType: 'SIP_INBOUND',
        country: null,
        vendor: 'V',
        legs: 1,
        seconds: 60
      },
      {
        day: '2026-11-03',
        direction: 'outbound',
        callType: 'SIP_NATIONAL',
        country: null,
        vendor: null,
        legs: 1,
        seconds: 30
      }
    ])
  })

  test('failures, route lists, emergency, spam and recordings', async () => {
    const at = '2026-11-03T10:00:00Z'
    await add(
      { at, callClass: 'outbound', outcome: 'blocked', outcomeReason: 'RouteListCalls' },
      { at, callClass: 'outbound', routeListOverage: 2 },
      { at, callClass: 'outbound', routeListOverage: 5 },
      { at, callClass: 'emergency', callingName: 'Ann' },
      { at: '2026-11-04T10:00:00Z', callClass: 'emergency', callingName: 'Bob' },
      { at, spamResult: 'block', outcome: 'blocked', outcomeReason: 'AdminCallBlock' },
      { at, spamResult: 'allow', recordingResult: 'failed', ...BERLIN }
    )
    const { failures, routeLists, emergency, spam, recordings } = await found()
    expect(failures.toSorted((a, b) => (a.reason! < b.reason! ? -1 : 1))).toEqual([
      { outcome: 'blocked', reason: 'AdminCallBlock', calls: 1, inbound: 1, outbound: 0, internal: 0 },
      { outcome: 'blocked', reason: 'RouteListCalls', calls: 1, inbound: 0, outbound: 1, internal: 0 }
    ])
    expect(routeLists).toEqual([{ day: '2026-11-03', above: 2, mostAbove: 5, blocked: 1 }])
    expect(emergency.total).toBe(2)
    expect(emergency.listed.map(({ callingName }) => callingName)).toEqual(['Bob', 'Ann'])
    expect(spam.toSorted((a, b) => (a.result! < b.result! ? -1 : 1))).toEqual([
      { result: 'allow', calls: 1, answered: 1 },
      { result: 'block', calls: 1, answered: 0 }
    ])
    expect(recordings).toEqual([{ location: 'Berlin', result: 'failed', calls: 1 }])
  })

  test('records of which no call has been made', async () => {
    await bench.execute(`INSERT INTO cdr_records (report_id, call_id, start_time, journey_id) VALUES
      ('00000000-0000-3000-8000-000000000001', '', '2026-11-03 10:00:00', NULL),
      ('00000000-0000-3000-8000-000000000002', '', '2026-11-03 10:00:00', '00000000-0000-3000-8000-000000000009'),
      ('00000000-0000-3000-8000-000000000003', '', '2026-10-03 10:00:00', NULL)`)
    expect((await found()).quality).toMatchObject({ records: 2, loose: 1 })
  })

  describe('what lacks', () => {
    const day = (n: number) => Date.UTC(2026, 10, n)
    const cover = async (scope: string, from: number, to: number, accepted = { start: 0, end: 0 }) => {
      const { changeCoverage } = await import('../../src/coverage/table.js')
      await changeCoverage(bench.dataSource.manager, scope, (coverage) => ({
        ...coverage,
        asked: [{ start: from, end: Number.POSITIVE_INFINITY }],
        feed: [{ start: from, end: to, read: NOVEMBER.until }],
        accepted: accepted.end > 0 ? [accepted] : []
      }))
    }
    const missing = async (period: Partial<Period> = {}) => (await found(period)).frame.missing

    test('is everything where nothing was asked for', async () => {
      expect(await missing()).toEqual([{ start: day(1), end: day(8) }])
    })

    test('is what was before the first, after the last, a gap or accepted', async () => {
      await cover('all locations', day(2), day(7), { start: day(4), end: day(4) + HOUR })
      await bench.execute(
        `INSERT INTO cdr_sync_errors (error_type, recovered, scope, range_start_utc, range_end_utc) VALUES
          ('Gap', 0, 'all locations', '2026-11-05 00:00:00', '2026-11-05 02:00:00'),
          ('Gap', 1, 'all locations', '2026-11-06 00:00:00', '2026-11-06 02:00:00')`
      )
      expect(await missing()).toEqual([
        { start: day(1), end: day(2) },
        { start: day(4), end: day(4) + HOUR },
        { start: day(5), end: day(5) + 2 * HOUR },
        { start: day(7), end: day(8) }
      ])
    })

    test('is told by the scopes that read a location', async () => {
      await cover('["Berlin"]', day(1), day(3))
      await cover('["Berlin","New York"]', day(2), day(8))
      expect(await missing({ locations: ['Berlin'] })).toEqual([])
      expect(await missing({ locations: ['New York'] })).toEqual([{ start: day(1), end: day(2) }])
      expect(await missing()).toEqual([{ start: day(1), end: day(2) }])
      expect(await missing({ locations: ['Paris'] })).toEqual([{ start: day(1), end: day(8) }])
    })
  })
})
