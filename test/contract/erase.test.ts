import { expect, test } from 'vitest'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { item, live } from '../support/live.js'

useDatabase()

const UUID = '18c2c489-2fef-4a15-a4bd-cab7b65d8417'
const ANN = {
  User: 'Ann Lee',
  'User UUID': UUID,
  'User number': '+15555550777',
  'Calling number': '+15555550777',
  'Calling line ID': 'Ann Lee'
}
/** Records that tell of Ann, in every way. */
const TELLING = [
  item(1, ANN),
  item(2, { ...ANN, User: 'ann.lee@example.com' }),
  item(3, { 'Called number': '+15555550777' }),
  item(4, { 'Called line ID': 'ANN LEE' }),
  item(5, { 'Device owner UUID': UUID.toUpperCase() }),
  item(6, { 'Redirecting number': 'sip:+15555550777@example.com' }),
  item(7, { 'A new key': 'called by Ann Lee' }),
  item(8, { Location: 'Office of Ann Lee', 'Call ID': 'SSE-ann.lee@example.com' })
]
const OTHERS = [
  item(9, { User: 'Ann Leeds', 'Calling number': '+155555507770', 'Called number': '777' }),
  { ...item(1), 'Report ID': '00000000-0000-3000-8000-000000000010', User: 'Bob Ray' }
]
const TRACE = /ann lee\b|ann\.lee|5555550777(?!0)|18c2c489-2fef-4a15-a4bd-cab7b65d8417/gi

async function eraseUser({ dataSource, clock }: ContractBench, asked: string) {
  const { erase, tracesOf, userOf } = await import('../../src/retention/erase.js')
  const person = await userOf(dataSource.manager, asked)
  const traces = await tracesOf(dataSource.manager, person)
  const sleep = async () => {}
  await erase(person, traces, { dataSource, log: { warn: () => {} } as never, sleep, now: () => clock.now })
  return { records: traces.records.length, errors: traces.errors.length, drift: traces.drift.length }
}

/** What any column of any table has of her. */
async function found({ dataSource }: ContractBench, trace = TRACE): Promise<string[]> {
  const found: string[] = []
  for (const { tablePath } of dataSource.entityMetadatas) {
    const rows: object[] = await dataSource.query(`SELECT * FROM ${tablePath}`)
    for (const [column, value] of rows.flatMap((row) => Object.entries(row))) {
      for (const word of String(value).match(trace) ?? []) found.push(`${tablePath}.${column}: ${word}`)
    }
  }
  return found
}

contract('erase', () => {
  test.each([
    ['a UUID', UUID],
    ['an e-mail address', 'Ann.Lee@Example.com']
  ])('leaves no trace of a user, found by %s, and all of the others', async (_, asked) => {
    const bench = await setUp()
    await bench.deliver(...TELLING, ...OTHERS, item(7, { ...ANN, 'Report ID': '', 'Start time': '' }))
    const [before] = (await bench.records()).filter(({ userName }) => userName === 'Ann Leeds')
    expect(await found(bench)).not.toEqual([])
    expect(await eraseUser(bench, asked)).toEqual({ records: 8, errors: 1, drift: 1 })
    expect(await found(bench)).toEqual([])
    const after = await bench.records()
    expect(after).toHaveLength(10)
    expect(after.filter(({ maskedUtc }) => maskedUtc === null)).toHaveLength(2)
    expect(after).toContainEqual(before)
  })

  test('leaves none in calls either, though a service has a name of one word that is hers', async () => {
    const bench = await setUp()
    const queue = {
      User: 'Annika',
      'User type': 'CallCenterPremium',
      'User UUID': '',
      'Auto Attendant Key Pressed': '2'
    }
    await bench.deliver(
      item(1, { ...ANN, User: 'Annika', 'Calling line ID': 'Annika' }),
      item(2, { ...queue, 'Network call ID': 'BW2' }),
      item(3, {
        ...ANN,
        'User type': 'User',
        'Called line ID': 'Voice Portal Voice Messaging Group',
        'Network call ID': 'BW3'
      })
    )
    const trace = new RegExp(`${TRACE.source}|annika`, 'gi')
    expect((await found(bench, trace)).filter((word) => word.includes('cdr_call_parties'))).not.toEqual([])
    await eraseUser(bench, UUID)
    expect(await found(bench, trace)).toEqual([])
  })

  test('what is delivered again brings nothing back', async () => {
    const bench = await setUp()
    const bad = item(7, { ...ANN, 'Report ID': '', 'Start time': '' })
    await bench.deliver(...TELLING, bad)
    await eraseUser(bench, UUID)
    const newer = TELLING.map((one) => ({ ...one, 'Report time': '2026-09-24T09:59:00.000Z', Duration: 99 }))
    expect(await bench.deliver(...TELLING, bad)).toMatchObject({ inserted: 0, updated: 0 })
    expect(await bench.deliver(...newer)).toMatchObject({ inserted: 0, updated: 0, duplicate: 8 })
    expect(await found(bench)).toEqual([])
  })

  test('what was in quarantine does not come back when the database takes it after all', async () => {
    const bench = await setUp()
    const [refused, good] = [item(1, ANN), item(2)]
    await bench.deliver(good)
    const { CdrSyncError, QUARANTINED } = await import('../../src/entities/index.js')
    const entry = { errorType: QUARANTINED, recordKey: String(refused?.['Report ID']), sightings: 1 }
    await bench.dataSource.manager.insert(CdrSyncError, { ...entry, payload: JSON.stringify(refused) })
    expect(await eraseUser(bench, UUID)).toMatchObject({ errors: 1 })
    expect(await bench.deliver(refused, good)).toMatchObject({ inserted: 0, duplicate: 2 })
    expect(await found(bench)).toEqual([])
  })

  test('of a number takes that number alone', async () => {
    const bench = await setUp()
    await bench.deliver(...TELLING, ...OTHERS)
    const { erase, tracesOf } = await import('../../src/retention/erase.js')
    const { personOf } = await import('../../src/retention/person.js')
    const person = personOf(['+15555550777'])
    const traces = await tracesOf(bench.dataSource.manager, person)
    const tools = { dataSource: bench.dataSource, log: { warn: () => {} } as never, sleep: async () => {} }
    await erase(person, traces, { ...tools, now: () => bench.clock.now })
    expect(await found(bench, /15555550777(?!0)/g)).toEqual([])
    expect((await bench.records()).filter(({ maskedUtc }) => maskedUtc !== null)).toHaveLength(4)
  })

  test('of somebody whom no record names finds nothing', async () => {
    const bench = await setUp()
    await bench.deliver(live)
    expect(await eraseUser(bench, 'nobody@example.com')).toEqual({ records: 0, errors: 0, drift: 0 })
  })
})
