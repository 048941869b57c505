import { expect, test } from 'vitest'
import type { RetentionPolicy } from '../../src/config/retention.js'
import { callsByRecords, callsOf } from '../support/calls.js'
import { type ContractBench, contract, setUp, useDatabase } from '../support/contract.js'
import { item, live, liveNow } from '../support/live.js'

useDatabase()

const DAY = 86_400_000
const NONE: RetentionPolicy = { numbers: 3 }
const A_DAY = { count: 1, unit: 'day' } as const

/** An item of a call that began so many days before the newest one. */
function aged(id: number, days: number, changes: object = {}): Record<string, unknown> {
  const start = Date.parse(String(live['Start time'])) - days * DAY
  return item(id, { 'Start time': new Date(start).toISOString(), ...changes })
}

interface Asked {
  policy?: Partial<RetentionPolicy>
  rawJson?: 'all' | 'rest'
  key?: string
  /** Ends it as a kill does, after so many batches. */
  batches?: number
}

async function retain(
  { dataSource, clock }: ContractBench,
  { policy, rawJson = 'all', key, batches }: Asked
) {
  const { retain: run } = await import('../../src/retention/retain.js')
  const log = { warn: () => {} } as never
  let left = batches ?? Number.POSITIVE_INFINITY
  const sleep = async () => {
    left -= 1
    if (left <= 0) throw new Error('killed')
  }
  const progress = { begins: () => {}, looked: () => {} }
  const tools = { dataSource, log, sleep, now: () => clock.now, pause: 0, progress }
  return run({ policy: { ...NONE, ...policy }, rawJson, key }, tools)
}

const PERSON = {
  User: 'ann.lee@example.com',
  'User UUID': '18c2c489-2fef-4a15-a4bd-cab7b65d8417',
  'User number': '+15555550777',
  'Calling number': '+15555550777',
  'Called number': '77',
  'Calling line ID': 'Ann Lee',
  'Called line ID': 'Bob Ray',
  'Dialed digits': '915555550111',
  'Authorization code': '4711',
  'Device MAC': 'AABBCCDDEEFF',
  'Public Calling IP Address': '203.0.113.9',
  'Network call ID': 'BW1@203.0.113.9',
  'Call ID': 'SSE1@203.0.113.9',
  'Redirecting number': 'sip:ann@example.com',
  ELIN: '+15555550888',
  'Transfer type context': 'asked for the clinic',
  'Note of the caller': 'Ann'
}

contract('retain', () => {
  test('deletes records of older calls, and no sync brings them back', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 0), aged(2, 3), aged(3, 5))
    expect(await retain(bench, { policy: { records: { count: 4, unit: 'day' } } })).toMatchObject({
      recordsDeleted: 1
    })
    const calls = await callsOf(bench.dataSource)
    expect(calls.map(({ call }) => call.legs)).toEqual([2])
    expect(calls).toEqual(await callsByRecords(bench.dataSource))
    expect(await bench.deliver(aged(3, 5), aged(4, 6), aged(5, 1))).toMatchObject({
      inserted: 1,
      updated: 0,
      duplicate: 2
    })
    expect(await bench.records()).toHaveLength(3)
    await retain(bench, { policy: { records: { count: 9, unit: 'day' } } })
    expect(await bench.deliver(aged(3, 5), aged(4, 6))).toMatchObject({ inserted: 0 })
  })

  test('masks records of older calls: nothing of a person is left', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3, PERSON), aged(2, 0, PERSON))
    expect(await retain(bench, { policy: { mask: A_DAY } })).toMatchObject({ recordsMasked: 1 })
    const [masked, fresh] = await bench.records()
    expect(masked).toMatchObject({
      userName: null,
      userEmail: null,
      callingNumber: '+15555550xxx',
      calledNumber: 'xx',
      redirectingNumber: null,
      callId: 'SSE1',
      networkCallId: 'BW1',
      rawJson: null,
      maskedUtc: new Date(bench.clock.now),
      locationName: live.Location,
      correlationId: live['Correlation ID']
    })
    expect(JSON.stringify(masked)).not.toMatch(/ann|Bob|0777|203\.|4711|AABB|clinic|0111|0888|cab7b65d8417/i)
    expect(fresh).toMatchObject({ userName: PERSON.User, maskedUtc: null })
  })

  test('what is masked is not filled again, whatever is delivered', async () => {
    const bench = await setUp()
    const later = { ...PERSON, 'Report time': '2026-09-24T09:59:00.000Z', 'Hold duration': 9 }
    await bench.deliver(aged(1, 3, PERSON))
    await retain(bench, { policy: { mask: A_DAY } })
    const [before] = await bench.records()
    expect(
      await bench.deliver(aged(1, 3, later), aged(1, 3, { ...later, 'User UUID': 'somebody else' }))
    ).toMatchObject({ updated: 0 })
    expect(await bench.records()).toEqual([before])
    expect(await retain(bench, { policy: { mask: A_DAY } })).toMatchObject({ recordsMasked: 0 })
  })

  test('another leg under the Report ID of a masked one goes to quarantine all the same', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3, PERSON))
    await retain(bench, { policy: { mask: A_DAY, numbers: 'hash' }, key: 'a key' })
    expect(await bench.deliver(aged(1, 3, { ...PERSON, Direction: 'ORIGINATING' }))).toMatchObject({
      quarantined: 1
    })
  })

  test('hashes numbers with a key, the same one alike, so that callers can be counted', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3, PERSON), aged(2, 4, PERSON), aged(3, 5, { 'Calling number': 'NA' }))
    await retain(bench, { policy: { mask: A_DAY, numbers: 'hash' }, key: 'a key' })
    const [one, other, third] = await bench.records()
    expect(one?.callingNumber).toMatch(/^hmac:[\w-]{16}$/)
    expect(other?.callingNumber).toBe(one?.callingNumber)
    expect(one?.userNumber).toBe(one?.callingNumber)
    expect(one?.userId).toBeNull()
    expect(third?.callingNumber).toBe('NA')
    await bench.deliver(aged(4, 6, PERSON))
    await retain(bench, { policy: { mask: A_DAY, numbers: 'hash' }, key: 'another key' })
    expect((await bench.records())[3]?.callingNumber).not.toBe(one?.callingNumber)
  })

  test('finds what was stored since though its calls are older', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3, PERSON))
    const policy = { mask: A_DAY, rawJson: A_DAY }
    await retain(bench, { policy })
    await bench.deliver(aged(2, 9, PERSON), aged(3, 0, PERSON))
    expect(await retain(bench, { policy })).toMatchObject({ recordsMasked: 1, rawJsonRemoved: 0 })
    bench.clock.now += 2 * DAY
    expect(await retain(bench, { policy })).toMatchObject({ recordsMasked: 1 })
    expect((await bench.records()).map(({ userName }) => userName)).toEqual([null, null, null])
  })

  test('removes raw_json of older calls, and such a record is still known', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3), aged(2, 0))
    expect(await retain(bench, { policy: { rawJson: A_DAY } })).toMatchObject({ rawJsonRemoved: 1 })
    expect((await bench.records()).map(({ rawJson }) => rawJson === null)).toEqual([true, false])
    expect(await bench.deliver(aged(1, 3), aged(2, 0))).toMatchObject({ updated: 0, duplicate: 2 })
  })

  test('raw_json that was removed stays away, whatever is delivered', async () => {
    const bench = await setUp()
    await bench.deliver(aged(1, 3))
    await retain(bench, { policy: { rawJson: A_DAY } })
    const newer = aged(1, 3, { 'Report time': '2026-09-24T09:59:00.000Z', 'Hold duration': 9 })
    expect(await bench.deliver(newer, aged(2, 4))).toMatchObject({ inserted: 1, updated: 1 })
    expect(await bench.records()).toMatchObject([{ rawJson: null, holdDuration: 9 }, { rawJson: null }])
  })

  test('whose clock was ahead is told by the next sync, which leaves nothing out in silence', async () => {
    const bench = await setUp()
    bench.clock.now += 400 * DAY
    await retain(bench, { policy: { records: { count: 30, unit: 'day' } } })
    bench.clock.now -= 400 * DAY
    await expect(bench.deliver(aged(1, 0))).rejects.toThrow(
      /^retain has deleted calls before 2027-.*, so the clock of its machine was ahead: correct it, then set done_before_utc/
    )
  })

  test('brings raw_json to RAW_JSON=rest, and back to all', async () => {
    const { itemOf } = await import('../../src/record/raw-json.js')
    const { said } = await import('../record/said.js')
    const items = [aged(1, 0), aged(2, 1, { 'New key': 'x', Model: 'm'.repeat(200) }), aged(3, 2)]
    const bench = await setUp()
    await bench.deliver(...items)
    expect(await retain(bench, { rawJson: 'rest' })).toMatchObject({ rawJsonConverted: 3 })
    const rested = await bench.records()
    expect(rested.map(({ rawJson }) => rawJson && JSON.parse(rawJson))).toEqual([
      null,
      { 'New key': 'x', Model: 'm'.repeat(200) },
      null
    ])
    expect(rested.map((row) => said(itemOf(row)))).toEqual(items.map(said))
    expect(await retain(bench, { rawJson: 'rest' })).toMatchObject({ rawJsonConverted: 0 })
    bench.settings.rawJson = 'rest'
    await bench.deliver(...items, aged(4, 0))
    expect(await retain(bench, { rawJson: 'all' })).toMatchObject({ rawJsonConverted: 4 })
    const whole = (await bench.records()).map(({ rawJson }) => said(JSON.parse(String(rawJson))))
    expect(whole).toEqual([...items, aged(4, 0)].map(said))
    expect(await bench.deliver(...items, aged(4, 0))).toMatchObject({ updated: 0, duplicate: 4 })
  })

  test('masks the quarantine and examples of drift, which are not filled again', async () => {
    const bench = await setUp()
    const bad = aged(1, 0, { ...PERSON, 'Start time': '' })
    await bench.deliver(bad, aged(2, 0, { 'New key': 'Ann' }))
    bench.clock.now = Date.now() + 3 * DAY
    expect(await retain(bench, { policy: { mask: A_DAY } })).toMatchObject({
      errorsMasked: 1,
      examplesMasked: 2
    })
    bench.clock.now = liveNow
    await bench.deliver(bad, aged(2, 0, { 'New key': 'Ann' }))
    expect(await bench.errors()).toMatchObject([{ payload: null, sightings: 2 }])
    expect(JSON.stringify([await bench.errors(), await bench.drift()])).not.toMatch(/ann/i)
  })

  test('goes on where it was ended, and does everything once', async () => {
    const bench = await setUp()
    const items = Array.from({ length: 2_800 }, (_, index) =>
      aged(index, 2 + (index % 7), {
        ...PERSON,
        'Report ID': uuid(index),
        'Correlation ID': uuid(10_000 + index),
        'Interaction ID': ''
      })
    )
    await bench.deliver(...items.slice(0, 1_500))
    const policy = { mask: A_DAY }
    await expect(retain(bench, { policy, batches: 1 })).rejects.toThrow('killed')
    await bench.deliver(...items.slice(1_500))
    bench.clock.now += 1_000
    await expect(retain(bench, { policy, batches: 1 })).rejects.toThrow('killed')
    bench.clock.now += 1_000
    const { recordsMasked } = await retain(bench, { policy })
    expect(recordsMasked).toBeGreaterThan(0)
    const times = (await bench.records()).map(({ maskedUtc }) => maskedUtc?.getTime())
    const at = (moment: number) => times.filter((time) => time === moment).length
    expect([at(liveNow), at(bench.clock.now)]).toEqual([1_000, recordsMasked])
    expect((await bench.records()).filter(({ maskedUtc }) => maskedUtc === null)).toEqual([])
  }, 120_000)

  test('deletes old runs and errors, but for those that are needed', async () => {
    const bench = await setUp({ records: undefined, recordsPerHour: 1 })
    for (let day = 0; day < 4; day += 1) {
      await bench.run()
      bench.clock.now += DAY
    }
    bench.clock.now = Date.now() + 40 * DAY
    const watermark = (await bench.runs()).at(-1)?.lastSuccessfulEndTimeUtc
    expect(await retain(bench, { policy: { runs: { count: 31, unit: 'day' } } })).toMatchObject({
      runsDeleted: 3
    })
    expect(await bench.runs()).toMatchObject([{ lastSuccessfulEndTimeUtc: watermark }])
  })

  test('keeps the runs of the Python tool until a sync has gone on from them', async () => {
    const bench = await setUp()
    const { CdrSyncState } = await import('../../src/entities/index.js')
    const old = {
      recordsFetched: 1,
      syncDurationSeconds: 1,
      apiCallsMade: 1,
      lastSuccessfulRunUtc: new Date(0)
    }
    await bench.dataSource.manager.insert(CdrSyncState, { ...old, createdAt: new Date(0) })
    const policy = { runs: { count: 31, unit: 'day' } } as const
    expect(await retain(bench, { policy })).toMatchObject({ runsDeleted: 0 })
    await bench.run()
    expect(await retain(bench, { policy })).toMatchObject({ runsDeleted: 1 })
  })
})

function uuid(index: number): string {
  return `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`
}
