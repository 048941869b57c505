import type { DataSource } from 'typeorm'
import { expect, test } from 'vitest'
import type { CdrCallParty } from '../../src/entities/index.js'
import { biColumns } from '../docs/dba-page.js'
import { contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { type Call, insertCalls, type Party } from '../support/hand-made.js'

useDatabase()

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

async function databaseOf(...calls: Call[]): Promise<DataSource> {
  const { dataSource } = await setUp()
  await insertCalls(dataSource, calls)
  return dataSource
}

/** The rows as “a, b, c”, in no certain order; a day as a day. */
async function rowsOf(dataSource: DataSource, view: string, where = ''): Promise<string[]> {
  const rows: Record<string, unknown>[] = await dataSource.query(`SELECT * FROM ${view} ${where}`)
  return rows.map((row) => Object.values(row).map(said).join(', ')).sort()
}

function said(value: unknown): string {
  return value instanceof Date ? value.toISOString().slice(0, 10) : String(value)
}

const OSLO = { orgId: 'A', locationName: 'Oslo', utcOffsetMinutes: 60 } as const
const BOSTON = { orgId: 'B', locationName: 'Boston', utcOffsetMinutes: -300 } as const
const ANNA = { userId: 'anna', name: 'Anna', locationName: 'Oslo' } as const
const BEN = { userId: 'ben', name: 'Ben', locationName: 'Oslo' } as const
const CARE = { userId: 'care', name: 'Care', locationName: 'Oslo', kind: 'queue' } as const
const TEAM = { userId: 'team', name: 'Team', locationName: 'Oslo', kind: 'hunt_group' } as const
const MENU = { userId: 'menu', name: 'Menu', locationName: 'Oslo', kind: 'attendant' } as const

contract('the views', () => {
  test('of an empty database are empty, but for the calendar', async () => {
    const dataSource = await databaseOf()
    const { viewsOf } = await import('../../src/database/view-drift.js')
    const names = [...(await viewsOf(dialect)).keys()]
    expect(names).toHaveLength(13)
    for (const name of names.filter((view) => view !== 'cdr_days'))
      expect(await rowsOf(dataSource, name)).toEqual([])
  })

  test('have the columns that docs/BI.md tells of', async () => {
    const dataSource = await databaseOf()
    const { viewsOf } = await import('../../src/database/view-drift.js')
    for (const view of (await viewsOf(dialect)).keys()) {
      const columns: { name: string; type: string }[] = await dataSource.query(
        dialect === 'mssql'
          ? `SELECT c.name, t.name + CASE WHEN t.name = 'decimal' THEN CONCAT('(', c.precision, ', ', c.scale, ')') ELSE '' END AS type
             FROM sys.columns AS c JOIN sys.types AS t ON t.user_type_id = c.user_type_id
             WHERE c.object_id = OBJECT_ID(N'dbo.${view}') ORDER BY c.column_id`
          : `SELECT name, type FROM pragma_table_info('${view}')`
      )
      const told = biColumns(`### ${view}`)
      expect(columns.map(({ name }) => name)).toEqual(told.map(({ name }) => name))
      if (dialect === 'sqlite') continue
      for (const [index, { name, type }] of columns.entries()) {
        const said = told[index]?.type.replace(/^datetime2\(3\)$/, 'datetime2')
        if (said) expect(type, `${view}.${name}`).toBe(said)
      }
    }
  })

  test('have a calendar: 10,000 days, Monday is 1', async () => {
    const dataSource = await databaseOf()
    const [{ days } = { days: 0 }] = await dataSource.query<{ days: number }[]>(
      'SELECT COUNT(*) AS days FROM cdr_days'
    )
    expect(Number(days)).toBe(10_000)
    const weekday = async (day: string) =>
      (await dataSource.query<{ weekday: number }[]>(`SELECT weekday FROM cdr_days WHERE day = '${day}'`))[0]
        ?.weekday
    expect(await weekday('2026-11-29')).toBe(7)
    expect(await weekday('2028-02-29')).toBe(2)
    expect(await weekday('2020-01-01')).toBe(3)
    expect(await weekday('2047-05-18')).toBe(6)
  })

  test('count calls by their local day, hour, organisation and location', async () => {
    const dataSource = await databaseOf(
      { ...OSLO, start: '2026-03-01T22:59:59.999Z', callClass: 'inbound', talkSeconds: 90, waitSeconds: 20 },
      { ...OSLO, start: '2026-03-01T23:00:00Z', callClass: 'inbound', outcome: 'abandoned', waitSeconds: 7 },
      { ...OSLO, start: '2026-03-02T22:59:59Z', callClass: 'inbound', talkSeconds: 2_147_483_647 },
      { ...OSLO, start: '2026-03-02T22:59:59Z', callClass: 'inbound', talkSeconds: 2_147_483_647 },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'voicemail' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'busy' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'refused' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'no_answer' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'blocked' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'failed' },
      { ...BOSTON, start: '2026-03-02T04:59:59Z' },
      { ...BOSTON, orgId: 'A', start: '2026-03-02T04:59:59Z' },
      { start: '2026-03-01T23:59:59Z' },
      { orgId: 'A', locationName: 'Kiritimati', utcOffsetMinutes: 14 * 60, start: '2026-02-28T10:00:00Z' },
      { orgId: 'A', locationName: 'Baker Island', utcOffsetMinutes: -12 * 60, start: '2026-03-02T11:59:59Z' }
    )
    expect(await rowsOf(dataSource, 'cdr_calls_by_day')).toEqual([
      '2026-03-01, A, Baker Island, internal, 1, 1, 0, 0, 0, 0, 0, 0',
      '2026-03-01, A, Boston, internal, 1, 1, 0, 0, 0, 0, 0, 0',
      '2026-03-01, A, Kiritimati, internal, 1, 1, 0, 0, 0, 0, 0, 0',
      '2026-03-01, A, Oslo, inbound, 1, 1, 0, 0, 0, 0, 0.33, 1.5',
      '2026-03-01, B, Boston, internal, 1, 1, 0, 0, 0, 0, 0, 0',
      '2026-03-01, null, null, internal, 1, 1, 0, 0, 0, 0, 0, 0',
      '2026-03-02, A, Oslo, inbound, 3, 2, 0, 1, 0, 0, 0, 71582788.23',
      '2026-03-02, A, Oslo, internal, 6, 0, 1, 0, 3, 2, 0, 0'
    ])
    expect(await rowsOf(dataSource, 'cdr_calls_by_hour', "WHERE location_name = 'Oslo'")).toEqual([
      '2026-03-01, 7, 23, A, Oslo, inbound, 1, 1, 0, 1.5',
      '2026-03-02, 1, 0, A, Oslo, inbound, 1, 0, 1, 0',
      '2026-03-02, 1, 11, A, Oslo, internal, 6, 0, 0, 0',
      '2026-03-02, 1, 23, A, Oslo, inbound, 2, 2, 0, 71582788.23'
    ])
    expect(
      await rowsOf(dataSource, 'cdr_calls_by_day', "WHERE day >= '2026-03-02' AND day < '2026-03-03'")
    ).toHaveLength(2)
    expect(await rowsOf(dataSource, 'cdr_calls_by_day', "WHERE day = '2026-03-03'")).toEqual([])
  })

  test('count what people were presented, answered and missed, and what they began', async () => {
    const dataSource = await databaseOf(
      {
        ...OSLO,
        start: '2026-03-02T10:00:00Z',
        callingUserId: 'ben',
        callingName: 'Ben',
        talkSeconds: 30,
        parties: [
          { ...ANNA, outcome: 'no_answer' },
          { ...ANNA, outcome: 'busy', ringSeconds: 4 },
          { ...ANNA, outcome: 'refused', ringSeconds: 4 },
          { ...ANNA, outcome: 'busy' },
          { ...ANNA, outcome: 'unreachable' },
          { ...ANNA, outcome: 'elsewhere', ringSeconds: 9 },
          { ...ANNA, kind: 'virtual_line', talkSeconds: 30 },
          { ...CARE, outcome: 'abandoned' },
          { kind: 'outside', name: 'Anna', talkSeconds: 9 },
          { ...BEN, kind: 'place', talkSeconds: 61 }
        ]
      },
      {
        ...OSLO,
        start: '2026-03-02T11:00:00Z',
        callingUserId: 'ben',
        callingName: 'Ben',
        outcome: 'no_answer'
      },
      { ...BOSTON, start: '2026-03-02T04:00:00Z', talkSeconds: 6, parties: [{ ...ANNA, talkSeconds: 6 }] },
      { ...OSLO, start: '2026-03-02T12:00:00Z', callClass: 'inbound', callingName: 'Somebody' }
    )
    expect(await rowsOf(dataSource, 'cdr_users_by_day')).toEqual([
      '2026-03-01, B, anna, Anna, Oslo, 1, 1, 0, 0, 0.1',
      '2026-03-02, A, anna, Anna, Oslo, 7, 1, 1, 3, 0.5',
      '2026-03-02, A, ben, Ben, Oslo, 1, 1, 0, 0, 1.02'
    ])
    expect(await rowsOf(dataSource, 'cdr_callers_by_day')).toEqual([
      '2026-03-02, A, ben, Ben, Oslo, internal, 2, 1, 0.5'
    ])
  })

  test('measure queues and hunt groups: waits by nearest rank, service levels by threshold', async () => {
    const offered = (party: Party): Call => ({
      ...OSLO,
      start: '2026-03-02T10:00:00Z',
      parties: [{ ...CARE, ...party }]
    })
    const dataSource = await databaseOf(
      ...[8_999, 12_000, 20_000, 20_001, 100_000].map((answered) => offered({ answered, left: 200_000 })),
      ...[5_000, 40_000].map((left) => offered({ outcome: 'abandoned', left })),
      offered({ outcome: 'passed_on', left: 50_000 }),
      offered({ outcome: 'blocked' }),
      {
        ...OSLO,
        start: '2026-03-02T10:00:00Z',
        parties: [
          { ...TEAM, answered: 3_000 },
          { ...ANNA, at: 1_000 }
        ]
      },
      { ...BOSTON, start: '2026-03-02T04:00:00Z', parties: [{ ...CARE, outcome: 'abandoned', left: 11_000 }] }
    )
    expect(await rowsOf(dataSource, 'cdr_queues_by_day')).toEqual([
      '2026-03-01, B, queue, care, Care, Oslo, 1, 0, 1, 0, null, null, null, null, 11',
      '2026-03-02, A, hunt_group, team, Team, Oslo, 1, 1, 0, 0, 3, 3, 3, 3, null',
      '2026-03-02, A, queue, care, Care, Oslo, 9, 5, 2, 1, 20, 100, 100, 100, 5'
    ])
    expect(await rowsOf(dataSource, 'cdr_service_levels', "WHERE kind = 'queue'")).toEqual([
      '2026-03-01, B, queue, care, Care, Oslo, 10, 1, 0, 0, 1, 0, 0',
      '2026-03-01, B, queue, care, Care, Oslo, 120, 1, 0, 0, 1, 1, null',
      '2026-03-01, B, queue, care, Care, Oslo, 20, 1, 0, 0, 1, 1, null',
      '2026-03-01, B, queue, care, Care, Oslo, 30, 1, 0, 0, 1, 1, null',
      '2026-03-01, B, queue, care, Care, Oslo, 60, 1, 0, 0, 1, 1, null',
      '2026-03-02, A, queue, care, Care, Oslo, 10, 9, 5, 1, 2, 1, 12.5',
      '2026-03-02, A, queue, care, Care, Oslo, 120, 9, 5, 5, 2, 2, 71.43',
      '2026-03-02, A, queue, care, Care, Oslo, 20, 9, 5, 3, 2, 1, 37.5',
      '2026-03-02, A, queue, care, Care, Oslo, 30, 9, 5, 4, 2, 1, 50',
      '2026-03-02, A, queue, care, Care, Oslo, 60, 9, 5, 4, 2, 2, 57.14'
    ])
  })

  test('count the agents of queues, not whom an attendant rang', async () => {
    const by = ({ kind, name }: Party, party: Party): Party => ({ ...party, sentBy: name, sentByKind: kind })
    const dataSource = await databaseOf({
      ...OSLO,
      start: '2026-03-02T10:00:00Z',
      parties: [
        { ...MENU, outcome: 'passed_on' },
        by(MENU, { ...BEN, outcome: 'no_answer' }),
        { ...CARE },
        by(CARE, { ...ANNA, outcome: 'no_answer', ringSeconds: 15 }),
        by(CARE, { ...ANNA, outcome: 'unreachable' }),
        by(CARE, { ...ANNA, outcome: 'elsewhere', ringSeconds: 15 }),
        by(CARE, { ...ANNA, outcome: 'busy' }),
        by(CARE, { ...ANNA, ringSeconds: 6, talkSeconds: 60, holdSeconds: 12 }),
        { ...CARE },
        by(CARE, { ...BEN, talkSeconds: 3 })
      ]
    })
    expect(await rowsOf(dataSource, 'cdr_agents_by_day')).toEqual([
      '2026-03-02, A, Care, anna, Anna, Oslo, 5, 1, 1, 1, 1, 0.6, 1, 0.2',
      '2026-03-02, A, Care, ben, Ben, Oslo, 1, 1, 0, 0, 0, 0, 0.05, 0'
    ])
  })

  test('count each PSTN minute once, in its direction', async () => {
    const inbound = {
      ...OSLO,
      callClass: 'inbound',
      callType: 'SIP_INBOUND',
      pstnVendorName: 'Tele'
    } as const
    const outside = { kind: 'outside', pstnVendorName: 'Tele' } as const
    const dataSource = await databaseOf(
      {
        ...inbound,
        start: '2026-03-02T10:00:00Z',
        talkSeconds: 60,
        parties: [
          { ...MENU, callType: 'SIP_INBOUND', talkSeconds: 80, outcome: 'passed_on' },
          { ...ANNA, callType: 'SIP_INBOUND', talkSeconds: 60 }
        ]
      },
      {
        ...inbound,
        start: '2026-03-02T11:00:00Z',
        talkSeconds: 240,
        parties: [
          { ...ANNA, callType: 'SIP_INBOUND', outcome: 'no_answer' },
          { ...outside, callType: 'SIP_MOBILE', talkSeconds: 240 },
          { ...outside, callType: 'SIP_ENTERPRISE', talkSeconds: 7 },
          { ...outside, callType: 'SIP_MOBILE', outcome: 'busy' }
        ]
      },
      { ...inbound, start: '2026-03-02T11:00:00Z', outcome: 'voicemail' },
      {
        ...inbound,
        callClass: 'toll_free',
        callType: 'SIP_TOLLFREE',
        start: '2026-03-02T11:00:00Z',
        talkSeconds: 30
      },
      {
        ...OSLO,
        callClass: 'toll_free',
        callType: 'SIP_TOLLFREE',
        start: '2026-03-02T11:00:00Z',
        talkSeconds: 120,
        parties: [{ ...outside, callType: 'SIP_TOLLFREE', talkSeconds: 120 }]
      },
      {
        ...BOSTON,
        callClass: 'outbound',
        callType: 'SIP_INTERNATIONAL',
        country: 'NO',
        start: '2026-03-02T04:59:59Z',
        talkSeconds: 90,
        parties: [{ ...outside, callType: 'SIP_INTERNATIONAL', country: 'NO', talkSeconds: 90 }]
      },
      {
        ...OSLO,
        start: '2026-03-02T11:00:00Z',
        talkSeconds: 60,
        parties: [{ ...ANNA, callType: 'SIP_ENTERPRISE', talkSeconds: 60 }]
      }
    )
    expect(await rowsOf(dataSource, 'cdr_pstn_minutes')).toEqual([
      '2026-03-01, B, Boston, outbound, SIP_INTERNATIONAL, NO, Tele, 1, 1.5',
      '2026-03-02, A, Oslo, inbound, SIP_INBOUND, null, Tele, 2, 5',
      '2026-03-02, A, Oslo, inbound, SIP_TOLLFREE, null, Tele, 1, 0.5',
      '2026-03-02, A, Oslo, outbound, SIP_MOBILE, null, Tele, 1, 4',
      '2026-03-02, A, Oslo, outbound, SIP_TOLLFREE, null, Tele, 1, 2'
    ])
  })

  test('tell the peak and the Erlangs of a trunk in each hour, a call of 30 hours included', async () => {
    const trunk = 'Gate'
    const short = {
      ...OSLO,
      callClass: 'inbound',
      length: 5 * MINUTE,
      parties: [{ ...ANNA, trunk }]
    } as const
    const dataSource = await databaseOf(
      {
        ...OSLO,
        callClass: 'inbound',
        start: '2026-03-02T10:30:00Z',
        length: 30 * HOUR,
        parties: [
          { ...MENU, trunk, outcome: 'passed_on', left: 9 * SECOND },
          { ...BEN, at: 9 * SECOND }
        ]
      },
      // One after the other, so that two are there at most.
      { ...short, start: '2026-03-02T10:45:00Z' },
      { ...short, start: '2026-03-02T10:50:00Z' },
      // Over the hour; and one that ends with it.
      { ...short, start: '2026-03-02T14:57:00Z' },
      { ...short, start: '2026-03-02T20:55:00Z' },
      // Forwarded to outside, where its leg ends first.
      {
        ...OSLO,
        start: '2026-03-02T12:00:00Z',
        length: 40 * MINUTE,
        parties: [{ kind: 'outside', trunk: 'Out', at: 10 * MINUTE, left: 31 * MINUTE }]
      },
      { ...BOSTON, start: '2026-03-02T10:00:00Z', length: HOUR, parties: [{ ...ANNA, trunk }] },
      { ...OSLO, start: '2026-03-02T10:00:00Z', length: 0, parties: [{ ...ANNA, trunk }] },
      { ...OSLO, start: '2026-03-02T10:00:00Z', length: HOUR, parties: [{ ...ANNA }] }
    )
    const full = (day: string, hour: number) => `${day}, ${hour}, A, Gate, 1, 1, 1`
    expect(await rowsOf(dataSource, 'cdr_trunk_hours')).toEqual(
      [
        '2026-03-02, 10, A, Gate, 3, 2, 0.667',
        '2026-03-02, 10, B, Gate, 1, 1, 1',
        '2026-03-02, 12, A, Out, 1, 1, 0.35',
        ...[11, 12, 13, 16, 17, 18, 19, 21, 22, 23].map((hour) => full('2026-03-02', hour)),
        '2026-03-02, 14, A, Gate, 2, 2, 1.05',
        '2026-03-02, 15, A, Gate, 2, 2, 1.033',
        '2026-03-02, 20, A, Gate, 2, 2, 1.083',
        ...Array.from({ length: 16 }, (_, hour) => full('2026-03-03', hour)),
        '2026-03-03, 16, A, Gate, 1, 1, 0.5'
      ].sort()
    )
    expect(await rowsOf(dataSource, 'cdr_trunk_hours', "WHERE day_utc = '2026-03-03'")).toHaveLength(17)
  })

  test('tell why calls failed, and which keys were pressed', async () => {
    const keyed = (keyPressed: string | null, outcome: CdrCallParty['outcome']): Party => ({
      ...MENU,
      keyPressed,
      outcome
    })
    const dataSource = await databaseOf(
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'refused', outcomeReason: 'CallRejected' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'refused', outcomeReason: 'CallRejected' },
      { ...OSLO, start: '2026-03-01T23:00:00Z', outcome: 'busy', outcomeReason: 'UserBusy' },
      { ...BOSTON, start: '2026-03-02T10:00:00Z', outcome: 'failed', callClass: 'outbound' },
      { ...OSLO, start: '2026-03-02T10:00:00Z', outcome: 'voicemail', outcomeReason: 'NoAnswer' },
      {
        ...OSLO,
        start: '2026-03-02T10:00:00Z',
        outcome: 'abandoned',
        outcomeReason: 'Normal',
        parties: [
          keyed('4', 'passed_on'),
          keyed('4', 'abandoned'),
          keyed('1', 'passed_on'),
          keyed(null, 'abandoned')
        ]
      },
      {
        ...BOSTON,
        start: '2026-03-02T04:00:00Z',
        parties: [keyed('4', 'passed_on'), { ...CARE, keyPressed: '9' }]
      }
    )
    expect(await rowsOf(dataSource, 'cdr_failures')).toEqual([
      '2026-03-02, A, Oslo, internal, busy, UserBusy, 1',
      '2026-03-02, A, Oslo, internal, refused, CallRejected, 2',
      '2026-03-02, B, Boston, outbound, failed, null, 1'
    ])
    expect(await rowsOf(dataSource, 'cdr_attendant_keys')).toEqual([
      '2026-03-01, B, menu, Menu, Oslo, 4, 1, 1, 0',
      '2026-03-02, A, menu, Menu, Oslo, 1, 1, 1, 0',
      '2026-03-02, A, menu, Menu, Oslo, 4, 2, 1, 1',
      '2026-03-02, A, menu, Menu, Oslo, null, 1, 0, 1'
    ])
  })

  test('tell of each hour that was asked for whether it is complete', async () => {
    const dataSource = await databaseOf()
    const { CdrCoverage, CdrSyncError, CdrSyncState } = await import('../../src/entities/index.js')
    const at = (hour: string) => new Date(`2026-03-02T${hour}Z`)
    const [all, other] = ['all locations', '["Oslo"]']
    const ranges = (source: 'asked' | 'accepted', ...list: [string, string, string][]) =>
      list.map(([scope, start, end]) => ({ scope, source, startUtc: at(start), endUtc: at(end) }))
    await dataSource.manager.insert(CdrCoverage, [
      ...ranges(
        'asked',
        [all, '00:30:00', '02:00:00'],
        [all, '02:00:00', '06:00:00.001'],
        [other, '03:00:00', '04:00:00']
      ),
      ...ranges('asked', [all, '12:00:00', '12:00:00'], [other, '23:00:00', '23:00:00']),
      ...ranges('accepted', [all, '03:59:59', '04:00:00'], [all, '05:30:00', '05:30:00'])
    ])
    const gap = (recovered: boolean, start: string, end: string) => ({
      errorType: 'Gap',
      recovered,
      scope: all,
      rangeStartUtc: at(start),
      rangeEndUtc: at(end)
    })
    await dataSource.manager.insert(CdrSyncError, [
      gap(false, '01:59:59.999', '02:00:00'),
      gap(true, '00:30:00', '02:00:00'),
      { ...gap(false, '00:30:00', '06:00:00'), errorType: 'IncompleteWindowError' }
    ])
    const run = (source: string, scope: string, until: string | null) => ({
      source,
      scope,
      completeUntilUtc: until === null ? null : at(until),
      recordsFetched: 0,
      syncDurationSeconds: 0,
      apiCallsMade: 0
    })
    // The newest of a source counts, though it is earlier, and of two sources the later one.
    for (const row of [
      run('cdr_feed', all, '09:00:00'),
      run('cdr_feed', all, '05:00:00'),
      run('cdr_stream', all, '04:00:00'),
      run('cdr_feed', all, null)
    ]) {
      await dataSource.manager.insert(CdrSyncState, row)
    }
    expect(await rowsOf(dataSource, 'cdr_completeness')).toEqual([
      '2026-03-02, 0, all locations, complete',
      '2026-03-02, 1, all locations, gap',
      '2026-03-02, 2, all locations, complete',
      '2026-03-02, 3, ["Oslo"], pending',
      '2026-03-02, 3, all locations, accepted',
      '2026-03-02, 4, all locations, complete',
      '2026-03-02, 5, all locations, pending',
      '2026-03-02, 6, all locations, pending'
    ])
    expect(await rowsOf(dataSource, 'cdr_completeness', "WHERE day_utc = '2026-03-03'")).toEqual([])
  })

  test('tell of what is still asked for up to now', async () => {
    const dataSource = await databaseOf()
    const { CdrCoverage } = await import('../../src/entities/index.js')
    const startUtc = new Date(Date.now() - 3 * HOUR)
    await dataSource.manager.insert(CdrCoverage, { scope: 'all locations', source: 'asked', startUtc })
    const hours = await rowsOf(dataSource, 'cdr_completeness')
    expect([4, 5]).toContain(hours.length)
    expect(hours.every((line) => line.endsWith('pending'))).toBe(true)
  })
})
