import { expect, test } from 'vitest'
import type { AskedRange, Trace } from '../../src/trace/trace.js'
import { storePages } from '../support/calls.js'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { item } from '../support/live.js'
import { CALL_ID, CORRELATION_ID, tracedCall } from '../support/traced-call.js'

useDatabase()

const NOW = Date.parse('2026-09-24T10:00:00.000Z')
const DAY = 86_400_000
const USUAL: AskedRange = { since: NOW - 30 * DAY, until: undefined, isGiven: false }

async function trace({ dataSource }: ContractBench, typed: string, range = USUAL): Promise<Trace> {
  const { traceOf } = await import('../../src/trace/trace.js')
  return traceOf(dataSource.manager, typed, range, NOW)
}

/** A call of one leg, with IDs and people of its own. */
function other(id: number, changes: object = {}): object {
  return item(id, {
    'Correlation ID': `${id}0000000-0000-4000-8000-000000000000`,
    'Interaction ID': '',
    'Local call ID': `9${id}:0`,
    'Network call ID': `BW9${id}@192.0.2.1`,
    'User UUID': `${id}9999999-0000-4000-8000-000000000000`,
    User: 'Somebody Else',
    'User number': `+1444555010${id}`,
    'Called number': `+1444555010${id}`,
    'Calling number': `+1333555010${id}`,
    'Calling line ID': 'NA',
    ...changes
  })
}

/** The number of the leg from which each call found was made. */
async function found(bench: ContractBench, typed: string, range?: AskedRange): Promise<string[]> {
  const { calls } = await trace(bench, typed, range)
  return calls.map(({ callingNumber }) => callingNumber ?? '')
}

async function withCalls(...items: object[]): Promise<ContractBench> {
  const bench = await setUp()
  await storePages(bench.dataSource, [[...tracedCall(), ...items]])
  return bench
}

const CALLER = '+15555550199'

/** Masks all records. */
async function mask({ dataSource }: ContractBench): Promise<void> {
  const { retain } = await import('../../src/retention/retain.js')
  const now = () => NOW + 2 * DAY
  const progress = { begins: () => {}, looked: () => {} }
  const tools = {
    dataSource,
    log: { warn: () => {} } as never,
    sleep: async () => {},
    now,
    pause: 0,
    progress
  }
  await retain({ policy: { numbers: 3, mask: { count: 1, unit: 'day' } }, rawJson: 'all' }, tools)
}

contract('trace', () => {
  test.each([
    ['a Report ID', '00000000-0000-3000-8000-000000000005'],
    ['a Report ID in capitals', '00000000-0000-3000-8000-000000000005'.toUpperCase()],
    ['a Correlation ID', CORRELATION_ID],
    ['a Call ID', CALL_ID],
    ['a Local call ID', '600:0'],
    ['a user’s UUID', '44444444-aaaa-4aaa-8aaa-aaaaaaaaaaaa'],
    ['an e-mail address', 'ann.lee@example.com'],
    ['an e-mail address in capitals', 'ANN.LEE@EXAMPLE.COM'],
    ['the number that called', '+15555550199'],
    ['a number that was called', '8002'],
    ['a user’s number', '+15555550112'],
    ['a number with blanks and the like', ' +1 (555) 555-0199 '],
    ['a number without its plus sign', '15555550199'],
    ['a number with 00 for its plus sign', '0015555550199'],
    ['a part of a name', 'ob Ra'],
    ['the name of a service', 'main menu']
  ])('finds a call by %s', async (_, typed) => {
    const bench = await withCalls(other(8))
    const { calls, journey, more, similarNumbers } = await trace(bench, typed)
    expect(similarNumbers).toEqual([])
    expect(calls.map(({ callingNumber }) => callingNumber)).toEqual([CALLER])
    expect(journey).toHaveLength(4)
    expect(more).toBe(0)
  })

  test('finds a call by its Interaction ID and its Journey ID', async () => {
    const bench = await withCalls(other(8, { 'Interaction ID': '33333333-3333-4333-8333-333333333333' }))
    expect(await found(bench, '33333333-3333-4333-8333-333333333333')).toEqual(['+13335550108'])
    const [call] = (await trace(bench, CALLER)).calls
    expect(await found(bench, call!.journeyId)).toEqual([CALLER])
    expect(await found(bench, call!.journeyId.toUpperCase())).toEqual([CALLER])
  })

  test.each([
    ['national', '0711 5550123', ['+497115550123']],
    ['local', '555-0123', ['+497115550123']],
    ['with another prefix', '001 497115550123', ['07115550123', '+497115550123']],
    ['of which a part is the extension', '2301', ['12301']]
  ])('finds numbers that end alike where none is equal: %s', async (_, typed, numbers) => {
    const bench = await withCalls(
      other(8, { 'Calling number': numbers[0] }),
      ...(numbers[1] ? [other(9, { 'Calling number': numbers[1] })] : [])
    )
    const { similarNumbers, calls } = await trace(bench, typed)
    expect(calls.map(({ callingNumber }) => callingNumber).sort()).toEqual(numbers.toSorted())
    expect(similarNumbers).toEqual(numbers.toSorted())
  })

  test('an equal number is the only one, though others end alike', async () => {
    const bench = await withCalls(
      other(8, { 'Calling number': '2301' }),
      other(9, { 'Calling number': '+15552301' })
    )
    expect(await trace(bench, '2301')).toMatchObject({
      calls: [{ callingNumber: '2301' }],
      similarNumbers: []
    })
  })

  test('finds what a user called from an extension by that user’s number', async () => {
    const user = {
      User: 'Cy',
      'User UUID': '55555555-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
      'User number': '+15555550133'
    }
    const bench = await withCalls(
      other(8, { ...user, 'Called number': '2033' }),
      other(9, { ...user, Direction: 'ORIGINATING', 'Calling number': '2033', 'Called number': '2034' })
    )
    expect((await found(bench, '+15555550133')).sort()).toEqual(['+13335550108', '2033'])
  })

  test.each([
    ['+15555550133', []],
    ['555-0133', ['+15555550133']]
  ])('finds what a user called whom nobody called, by that user’s number: %s', async (typed, similar) => {
    const bench = await withCalls(
      other(8, {
        Direction: 'ORIGINATING',
        'User number': '+15555550133',
        'Calling number': '2033',
        'Called number': '2034'
      })
    )
    expect(await trace(bench, typed)).toMatchObject({
      calls: [{ callingNumber: '2033' }],
      similarNumbers: similar
    })
  })

  test('finds a name in whatever case, and takes no sign in it for a pattern', async () => {
    const bench = await withCalls(
      other(8, { User: 'JÜRGEN ÖZ' }),
      other(9, { User: "100%_[a-z]\\'; DROP TABLE cdr_calls --" })
    )
    expect(await found(bench, 'jürgen öz')).toEqual(['+13335550108'])
    for (const part of ['0%_[', '[a-z]\\', "'; DROP"])
      expect(await found(bench, part)).toEqual(['+13335550109'])
    for (const part of ['1%0', 'J_RGEN', '[J]', '%%']) expect(await found(bench, part)).toEqual([])
  })

  test('looks at 30 days, or at the range that was asked for; for an ID at all times unless asked', async () => {
    const old = { 'Start time': '2026-07-01T08:00:00.000Z', 'Release time': '2026-07-01T08:01:00.000Z' }
    const bench = await withCalls(other(8, { ...old, 'Calling number': CALLER }))
    expect(await trace(bench, CALLER)).toMatchObject({
      calls: [{ legs: 7 }],
      since: new Date(USUAL.since),
      until: null
    })
    const id = '00000000-0000-3000-8000-000000000008'
    expect(await trace(bench, id)).toMatchObject({ calls: [{ legs: 1 }], since: null })
    const july = { since: Date.parse('2026-07-01'), until: Date.parse('2026-08-01'), isGiven: true }
    expect(await trace(bench, CALLER, july)).toMatchObject({
      calls: [{ legs: 1 }],
      until: new Date(july.until)
    })
    expect(await found(bench, CALLER, { ...july, since: 0 })).toHaveLength(1)
    expect(await found(bench, CALLER, { since: 0, until: undefined, isGiven: true })).toHaveLength(2)
    const end = Date.parse(old['Start time'])
    expect(await found(bench, CALLER, { since: 0, until: end, isGiven: true })).toEqual([])
    expect(await found(bench, id, { since: end + 1, until: undefined, isGiven: true })).toEqual([])
  })

  test('lists the newest calls first, and counts the others', async () => {
    const bench = await setUp()
    const items = Array.from({ length: 53 }, (_, minute) =>
      other(8, {
        'Report ID': `00000000-0000-3000-8000-${String(minute).padStart(12, '0')}`,
        'Correlation ID': `a0000000-0000-4000-8000-${String(minute).padStart(12, '0')}`,
        'Start time': new Date(NOW - minute * 60_000).toISOString()
      })
    )
    await storePages(bench.dataSource, [items])
    const { calls, more, journey } = await trace(bench, '+14445550108')
    expect(calls.map(({ startUtc }) => (NOW - startUtc.getTime()) / 60_000)).toEqual([...Array(50).keys()])
    expect({ more, journey }).toEqual({ more: 3, journey: null })
  })

  test('shows the legs as a tree, with why the call went on and who hung up', async () => {
    const { journey } = await trace(await withCalls(), CORRELATION_ID)
    const caller = { kind: 'outside', name: 'WIRELESS CALLER', number: CALLER, device: null }
    expect(journey).toMatchObject([
      {
        parent: null,
        from: caller,
        to: { kind: 'attendant', name: 'Main Menu' },
        why: null,
        outcome: 'passed_on'
      },
      {
        parent: 1,
        from: { name: 'Main Menu' },
        to: { kind: 'queue' },
        why: 'key 2, put through',
        outcome: 'answered'
      },
      {
        parent: 2,
        from: { kind: 'queue' },
        to: { name: 'ann.lee@example.com', device: '8875' },
        outcome: 'no_answer'
      },
      {
        parent: 2,
        to: { name: 'Bob Ray', device: 'WXC_CLIENT' },
        why: 'from the queue',
        hungUpBy: caller,
        talkSeconds: 80
      }
    ])
    expect(journey?.map(({ reportIds }) => reportIds.map((id) => id.at(-1)).join())).toEqual([
      '1',
      '3,2',
      '5,4',
      '7,6'
    ])
  })

  test('tells the gaps that touch the time of a call, or the range that was looked at', async () => {
    const bench = await withCalls(other(8))
    const { CdrSyncError } = await import('../../src/entities/index.js')
    const gap = (start: string, end: string) => ({
      errorType: 'Gap',
      scope: 'all locations',
      recovered: false,
      errorTimestamp: new Date(NOW),
      rangeStartUtc: new Date(start),
      rangeEndUtc: new Date(end)
    })
    await bench.dataSource.manager.insert(CdrSyncError, [
      gap('2026-09-24T08:00:00Z', '2026-09-24T08:30:00Z'),
      gap('2026-09-20T08:00:00Z', '2026-09-20T08:30:00Z'),
      gap('2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z')
    ])
    const gapsOf = async (typed: string) =>
      (await trace(bench, typed)).gaps.map(({ start }) => start.slice(0, 13))
    expect(await gapsOf(CALLER)).toEqual(['2026-09-24T08'])
    expect(await gapsOf('+13335550108')).toEqual([])
    expect(await gapsOf('+1999')).toEqual(['2026-09-20T08', '2026-09-24T08'])
  })

  test('says that records are masked, deleted, or in no call yet', async () => {
    const bench = await withCalls()
    const { CdrRetention, CdrRecord } = await import('../../src/entities/index.js')
    expect((await trace(bench, CALLER)).notes).toEqual([])
    await mask(bench)
    const before = new Date('2026-09-24T09:00:00.000Z')
    const masked = await trace(bench, CORRELATION_ID)
    expect(masked.notes).toEqual(['this call is masked: names, identifiers and ends of numbers were removed'])
    expect(masked.journey).toMatchObject([
      { parent: null, from: { number: '+15555550xxx' }, to: { name: 'Main Menu' } },
      { parent: 1, from: { name: 'Main Menu' }, to: { name: 'Customer Care' } },
      { parent: 2, from: { name: 'Customer Care' }, to: { name: null, number: '+15555550xxx' } },
      { parent: 2, from: { name: 'Customer Care' }, to: { name: null, number: '+15555550xxx' } }
    ])
    const byNumber = await trace(bench, CALLER)
    expect(byNumber).toMatchObject({
      calls: [],
      notes: [expect.stringMatching(/^calls before .* are masked/)]
    })
    await bench.dataSource.manager.insert(CdrRetention, {
      job: 'delete',
      doneBeforeUtc: before,
      seenId: 0,
      updatedUtc: new Date(NOW)
    })
    expect((await trace(bench, CORRELATION_ID)).notes[0]).toMatch(
      /^records of calls before 2026-09-24T09:00:00.000Z are deleted: earlier legs of this call may be missing$/
    )
    expect((await trace(bench, CALLER)).notes[0]).toMatch(
      /^calls before 2026-09-24T09:00:00.000Z are deleted/
    )
    await bench.dataSource.manager.update(
      CdrRecord,
      { reportId: '00000000-0000-3000-8000-000000000007' },
      { journeyId: null }
    )
    expect((await trace(bench, CORRELATION_ID)).notes.at(-1)).toMatch(/`npm run rebuild-calls`/)
  })
})
