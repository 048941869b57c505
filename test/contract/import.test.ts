import { expect, test } from 'vitest'
import { callsByRecords, callsOf } from '../support/calls.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { importing, reportOf } from '../support/imports.js'
import { killedAfter } from '../support/killed.js'
import { item, live, liveNow } from '../support/live.js'

useDatabase()

const HOUR = 3_600_000
const DAY = 24 * HOUR
const dbo = dialect === 'mssql' ? 'dbo.' : ''

const LACKING = ['External customer ID', 'Transfer type', 'Transfer type context', 'Answer reason']
/** Of the report of 2026. */
const COLUMNS = Object.keys(live).filter((key) => !LACKING.includes(key))

/** All that rows say, by Report ID; without what tells when they were written. */
async function said(bench: ContractBench): Promise<Map<string, object>> {
  const rows = (await bench.records()).map(
    ({ id, ingestionTimestamp, updatedTimestamp, rawJson, ...row }) => {
      const item = Object.entries(JSON.parse(rawJson ?? '{}')).filter(([, value]) => value !== '')
      return [row.reportId.toLowerCase(), { ...row, item: Object.fromEntries(item.sort()) }] as const
    }
  )
  return new Map(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The same rows as before, with the same times of writing. */
async function expectUnchanged(bench: ContractBench, work: () => Promise<unknown>): Promise<void> {
  const before = await bench.records()
  await work()
  expect(await bench.records()).toEqual(before)
}

contract('the same days', () => {
  const now = Date.UTC(2026, 10, 23, 16)
  const [from, to] = ['2026-11-21', '2026-11-22']
  type Way = 'api' | '2022' | '2024' | '2026' | 'local'

  async function reached(bench: ContractBench, ways: readonly Way[]) {
    for (const way of ways) {
      if (way === 'api') await bench.run({ since: Date.UTC(2026, 10, 22), until: Date.UTC(2026, 10, 23, 12) })
      else if (way === 'local') {
        const timeZone = 'Australia/Lord_Howe'
        await importing(bench, [bench.sim.csv('2026', from, to, { timeZone })], { zone: timeZone })
      } else await importing(bench, [bench.sim.csv(way, from, to)])
    }
    return said(bench)
  }

  test.each<[...Way[]]>([
    ['2022', '2024', '2026', 'api'],
    ['api', '2026', '2024', '2022'],
    ['2024', 'api', '2022', 'local'],
    ['local', '2022', 'api', '2024', 'api']
  ])(
    'end in the same rows and calls by %s, %s, %s, %s',
    async (...ways) => {
      const bench = await setUp({ records: undefined, recordsPerHour: 1, now })
      const found = await reached(bench, ways)
      const truth = bench.sim.truth(Date.UTC(2026, 10, 21), Date.UTC(2026, 10, 23, 12))
      expect([...found.keys()]).toEqual([...truth.keys()].sort())
      for (const [id, api] of truth) {
        const [row] = [found.get(id) as { item: object; startTime: Date }]
        const whole = Object.entries(api).filter(([, value]) => value !== '' && value !== null)
        if (row.startTime >= new Date('2026-11-22')) expect(row.item).toEqual(Object.fromEntries(whole))
        else {
          const brought = whole.filter(
            ([key, value]) => !LACKING.includes(key) && !/^na?$|^n\/a$/i.test(`${value}`)
          )
          expect(row.item).toEqual(Object.fromEntries(brought))
        }
      }
      const calls = await callsOf(bench.dataSource)
      expect(calls.length).toBeGreaterThan(15)
      expect(calls).toEqual(await callsByRecords(bench.dataSource))
      await expectUnchanged(bench, () => reached(bench, ['local', '2024', '2022']))
    },
    120_000
  )
})

contract('a row of a report', () => {
  const later = { 'Report time': '2026-09-24T09:59:00.000Z' }
  const whole = {
    ...live,
    'Transfer type': 'Blind',
    'Answer reason': 'Manual',
    Model: '',
    'Hold duration': null
  }

  test.each([
    ['a later', '2026-09-24T09:59:00.000Z'],
    ['the same', String(live['Report time'])],
    ['an earlier', '2026-09-24T01:00:00.000Z'],
    ['no', '']
  ])('with %s Report time fills what is NULL, and replaces only what is older', async (which, time) => {
    const bench = await setUp()
    await bench.deliver(whole)
    const came = { ...whole, Model: '8875', 'Hold duration': 7, Location: 'Elsewhere', 'Report time': time }
    const report = reportOf([came], [...COLUMNS, 'New column']).replace('"NA"\r\n', '"new"\r\n')
    expect(await importing(bench, [report])).toMatchObject({ fetched: 1, updated: 1, inserted: 0 })
    const [row] = await bench.records()
    const replaces = which === 'a later'
    expect(row).toMatchObject({
      model: '8875',
      holdDuration: 7,
      locationName: replaces ? 'Elsewhere' : live.Location,
      transferType: 'Blind',
      answerReason: 'Manual',
      reportTime: new Date(replaces ? time : String(live['Report time']))
    })
    expect(JSON.parse(row?.rawJson ?? '')).toMatchObject({ 'New column': 'new', 'Transfer type': 'Blind' })
    expect(await callsOf(bench.dataSource)).toEqual(await callsByRecords(bench.dataSource))
    await expectUnchanged(bench, () => importing(bench, [report]))
    expect((await bench.drift()).filter(({ name }) => name === 'New column')).toHaveLength(1)
  })

  test('whose times were read in the wrong time zone shifts no call', async () => {
    const bench = await setUp()
    await bench.deliver(whole)
    const later = new Date(Date.parse(String(live['Report time'])) + HOUR).toISOString()
    const start = new Date(Date.parse(String(live['Start time'])) + HOUR).toISOString()
    const came = { ...whole, Model: '8875', Location: 'Elsewhere', 'Start time': start, 'Report time': later }
    await importing(bench, [reportOf([came], COLUMNS)])
    expect(await bench.records()).toMatchObject([
      {
        startTime: new Date(String(live['Start time'])),
        reportTime: new Date(String(live['Report time'])),
        locationName: live.Location,
        model: '8875'
      }
    ])
  })

  test('replaces what cdr_feed has spelled otherwise', async () => {
    const bench = await setUp()
    await bench.deliver({ ...whole, Location: '', LOCATION: 'Somewhere' })
    const report = reportOf([{ ...whole, ...later, Location: 'Elsewhere' }], COLUMNS)
    expect(await importing(bench, [report])).toMatchObject({ updated: 1 })
    const [row] = await bench.records()
    expect(row?.locationName).toBe('Elsewhere')
    expect(JSON.parse(row?.rawJson ?? '')).toMatchObject({ LOCATION: 'Elsewhere' })
    await expectUnchanged(bench, () => importing(bench, [report]))
  })

  test('beside more rows than a query takes makes none of them poorer', async () => {
    const bench = await setUp()
    const items = Array.from({ length: 1_100 }, (_, index) => ({
      ...whole,
      'Report ID': `00000000-0000-3000-8000-${String(index + 1).padStart(12, '0')}`,
      'Correlation ID': `00000000-0000-4000-8000-${String(index + 1).padStart(12, '0')}`,
      'Interaction ID': ''
    }))
    await bench.deliver(...items)
    const narrow = ['Report ID', 'Start time', 'Report time', 'Direction']
    await expectUnchanged(bench, async () =>
      expect(await importing(bench, [reportOf(items, narrow)])).toMatchObject({
        duplicate: 1_100,
        updated: 0
      })
    )
  })

  test('is complete where RAW_JSON=rest', async () => {
    const bench = await setUp({ rawJson: 'rest' })
    await bench.deliver({ ...whole, Unknown: 'kept' })
    const report = reportOf([{ ...whole, ...later, Model: '8875', Extra: 'x' }], [...COLUMNS, 'Extra'])
    expect(await importing(bench, [report])).toMatchObject({ updated: 1 })
    const [row] = await bench.records()
    expect(row).toMatchObject({ model: '8875', transferType: 'Blind', userName: live.User })
    expect(JSON.parse(row?.rawJson ?? '')).toEqual({ Unknown: 'kept', Extra: 'x' })
    await expectUnchanged(bench, () => importing(bench, [report]))
  })

  test('completes one of the Python tool', async () => {
    const bench = await setUp()
    await bench.deliver(item(1, { ...whole, 'Report ID': live['Report ID'] }), item(2))
    await bench.execute(`UPDATE ${dbo}cdr_records SET content_hash = NULL`)
    const report = reportOf([{ ...whole, Model: '8875' }, item(2)], COLUMNS)
    expect(await importing(bench, [report])).toMatchObject({ updated: 1, duplicate: 1 })
    const [first] = await bench.records()
    expect(first).toMatchObject({ model: '8875', transferType: 'Blind' })
    await expectUnchanged(bench, () => importing(bench, [report]))
  })

  test('is stored, then replaced by what cdr_feed says of it', async () => {
    const bench = await setUp()
    await importing(bench, [reportOf([whole], COLUMNS)])
    expect(await bench.deliver(whole)).toMatchObject({ updated: 1 })
    const [row] = await bench.records()
    expect(row?.rawJson).toBe(JSON.stringify(whole))
    await expectUnchanged(bench, () => importing(bench, [reportOf([whole], COLUMNS)]))
  })

  test('does not bring back what `retain` has masked or deleted', async () => {
    const bench = await setUp()
    const { retain } = await import('../../src/retention/retain.js')
    const start = Date.parse(String(live['Start time']))
    const aged = (id: number, days: number) =>
      item(id, { 'Start time': new Date(start - days * DAY).toISOString() })
    const items = [aged(1, 0), aged(2, 3), aged(3, 6)]
    await bench.deliver(...items)
    const policy = {
      numbers: 0,
      mask: { count: 1, unit: 'day' },
      records: { count: 5, unit: 'day' }
    } as const
    await retain(
      { policy, rawJson: 'all', key: undefined },
      {
        dataSource: bench.dataSource,
        log: { warn: () => {} } as never,
        sleep: async () => {},
        now: () => bench.clock.now,
        pause: 0,
        progress: { begins: () => {}, looked: () => {} }
      }
    )
    const report = reportOf(
      [...items, aged(4, 7)].map((one) => ({ ...one, ...later })),
      COLUMNS
    )
    const rehearsed = await importing(bench, [report], { dryRun: true })
    const [, masked] = await bench.records()
    const result = await importing(bench, [report])
    expect(result).toMatchObject({ inserted: 0, updated: 1, duplicate: 3 })
    expect(result.notes).toMatch(/calls that began before .* are left out: `retain` deletes them/)
    expect(rehearsed).toMatchObject({ inserted: 0, updated: 1, duplicate: 3 })
    const [first, second, ...others] = await bench.records()
    expect(first?.reportTime).toEqual(new Date(later['Report time']))
    expect(second).toEqual(masked)
    expect(others).toEqual([])
  })

  test('that does not fit the header goes to quarantine, once, with all that it says', async () => {
    const bench = await setUp()
    const report = `${reportOf([item(1)], COLUMNS)}"odd","row"\r\n`
    expect(await importing(bench, [report])).toMatchObject({ inserted: 1, quarantined: 1, fetched: 2 })
    expect(await importing(bench, [report])).toMatchObject({ inserted: 0, quarantined: 1, duplicate: 1 })
    expect(await bench.errors()).toMatchObject([{ payload: '["odd","row"]', source: 'report', sightings: 2 }])
  })

  test('that is kept in quarantine completes what has come since, when it is tried again', async () => {
    const bench = await setUp()
    await importing(bench, [reportOf([{ ...whole, 'Start time': 'no time' }], COLUMNS)])
    const [{ payload } = { payload: '' }] = await bench.errors()
    const repaired = payload?.replace('no time', String(live['Start time'])).replaceAll("'", "''")
    await bench.execute(`UPDATE ${dbo}cdr_sync_errors SET payload = '${repaired}'`)
    await bench.deliver(whole)
    await bench.execute(`UPDATE ${dbo}cdr_sync_errors SET recovered = 0`)
    const { syncQuarantined } = await import('../../src/sync/sync.js')
    const { memoryLog } = await import('../support/log.js')
    await expectUnchanged(bench, () => syncQuarantined(bench.settings, { log: memoryLog().log }))
    expect(await bench.errors()).toMatchObject([{ recovered: true }])
  })

  test('takes nothing from the same record in quarantine', async () => {
    const bench = await setUp()
    const broken = { ...whole, 'Start time': '' }
    await bench.deliver(broken)
    await importing(bench, [reportOf([broken], COLUMNS)])
    expect(await bench.errors()).toMatchObject([{ payload: JSON.stringify(broken), sightings: 2 }])
  })

  test('of another leg goes to quarantine', async () => {
    const bench = await setUp()
    await bench.deliver(whole)
    const other = { ...whole, 'User UUID': '18c2c489-2fef-4a15-a4bd-cab7b65d8417', 'Local call ID': 'other' }
    await expectUnchanged(bench, () => importing(bench, [reportOf([other], COLUMNS)]))
    expect(await bench.errors()).toMatchObject([{ errorMessage: /Another leg has its Report ID/ }])
  })
})

contract('an import', () => {
  const SOME = ['Report ID', 'Start time', 'Correlation ID', 'Direction', 'Report time']

  test('that is killed in any page is made good by the next one', async () => {
    const bench = await setUp()
    const items = Array.from({ length: 5_010 }, (_, index) => {
      const number = String(index).padStart(12, '0')
      return {
        ...live,
        'Report ID': `00000000-0000-3000-8000-${number}`,
        'Correlation ID': `00000000-0000-4000-8000-${number}`
      }
    })
    const report = reportOf(items, SOME)
    const { CdrCall, CdrRecord } = await import('../../src/entities/index.js')
    for (const pages of [0, 1, 2]) {
      await killedAfter(pages, () => importing(bench, [report]))
      expect(await bench.dataSource.manager.count(CdrRecord)).toBe(2_500 * pages)
    }
    expect(await importing(bench, [report])).toMatchObject({ inserted: 10, duplicate: 5_000 })
    expect((await bench.runs()).map(({ status }) => status).slice(2)).toEqual(['interrupted', 'succeeded'])
    expect(await bench.dataSource.manager.count(CdrCall)).toBe(5_010)
  }, 120_000)

  test('says what a rehearsal of it said, which writes nothing', async () => {
    const bench = await setUp()
    await bench.deliver(item(1), item(2))
    const report = reportOf([item(1), item(2, { 'New key': 1 }), item(3), item(3)], [...COLUMNS, 'New key'])
    const before = [await bench.records(), await bench.errors(), await bench.runs(), await bench.drift()]
    const rehearsed = await importing(bench, [report], { dryRun: true })
    expect([await bench.records(), await bench.errors(), await bench.runs(), await bench.drift()]).toEqual(
      before
    )
    const { durationSeconds, status, ...result } = await importing(bench, [report])
    expect(rehearsed).toMatchObject(result)
    expect(result).toMatchObject({ fetched: 4, inserted: 1, updated: 1, duplicate: 2, quarantined: 0 })
  })

  test('stores nothing where one of its files is something else', async () => {
    const bench = await setUp()
    const good = reportOf([item(1)], COLUMNS)
    for (const bad of ['Queue,Calls\nx,1\n', '', good.replaceAll('Z"', '"'), good.slice(0, 100)]) {
      await expect(importing(bench, [good, bad])).rejects.toThrow(/report 2/)
      expect(await bench.records()).toEqual([])
    }
  })

  test('keeps the pages before the place where a file is cut off, and says so in its run', async () => {
    const bench = await setUp()
    const cut = reportOf([item(1), item(2)], COLUMNS).slice(0, -3)
    await expect(importing(bench, [reportOf([item(3)], COLUMNS), cut])).rejects.toThrow(
      /report 2 ends within/
    )
    expect(await bench.records()).toHaveLength(1)
    expect(await bench.runs()).toMatchObject([
      { status: 'failed', source: 'report', recordsFetched: 1, notes: expect.stringMatching(/ends within/) }
    ])
  })

  test('waits for no other process that has the lease, and stores nothing', async () => {
    const bench = await setUp()
    const { Lease } = await import('../../src/database/lease.js')
    const { memoryLog } = await import('../support/log.js')
    await Lease.hold(bench.dataSource, memoryLog().log, async () => {
      await expect(importing(bench, [reportOf([item(1)], COLUMNS)])).rejects.toThrow(/has the lease/)
    })
    expect(await bench.records()).toEqual([])
  })

  test('before the first sync leaves to it what it would have read', async () => {
    const bench = await setUp()
    const start = Date.parse('2026-08-01T00:00:00Z')
    await importing(bench, [reportOf([item(1, { 'Start time': '2026-08-01T10:00:00.000Z' })], COLUMNS)], {
      covers: { start, end: start + DAY, read: bench.clock.now }
    })
    const { range } = await bench.run()
    expect(Date.parse(range.start)).toBeLessThanOrEqual(liveNow - 47 * HOUR)
    expect(Date.parse(range.start)).toBeGreaterThan(liveNow - 72 * HOUR)
    expect(await bench.errors()).toEqual([])
  })
})
