import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { LeaseLostError } from '../../src/errors.js'
import { contract, contractOf, dialect, setUp, useDatabase } from '../support/contract.js'
import { killedAfter } from '../support/killed.js'
import { item, live, liveNow as now } from '../support/live.js'
import { until } from '../support/until.js'

useDatabase()

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** `count` versions of the live record under Report IDs of their own. */
function many(count: number, changes: (index: number) => object = () => ({})) {
  return Array.from({ length: count }, (_, index) => ({
    ...live,
    'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
    'Correlation ID': `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    'Interaction ID': '',
    ...changes(index)
  }))
}

contract('a run', () => {
  test('stores pages of 5,000, and knows them all the next time', async () => {
    const bench = await setUp({ records: many(5_200) })
    expect(await bench.run()).toMatchObject({ fetched: 5_200, inserted: 5_200, updated: 0 })
    expect(await bench.run()).toMatchObject({ fetched: 5_200, inserted: 0, updated: 0, duplicate: 5_200 })
    const [run] = await bench.runs()
    expect(run).toMatchObject({ status: 'succeeded', recordsFetched: 5_200, recordsInserted: 5_200 })
  }, 60_000)

  test('in a page of more than a statement takes updates what changed, inserts what is new, leaves the rest', async () => {
    const bench = await setUp()
    await bench.deliver(...many(2_000))
    const result = await bench.deliver(
      ...many(2_500, (index) => (index % 4 === 0 ? { Model: `model ${index}` } : {}))
    )
    expect(result).toMatchObject({ fetched: 2_500, inserted: 500, updated: 500, duplicate: 1_500 })
    // A server may give the rows of one statement their ids in any order.
    const records = (await bench.records()).sort((a, b) => (a.reportId < b.reportId ? -1 : 1))
    expect(records.filter(({ updatedTimestamp }) => updatedTimestamp !== null)).toHaveLength(500)
    expect(records[4]).toMatchObject({ model: 'model 4' })
    expect(records[5]).toMatchObject({ model: live.Model || null, updatedTimestamp: null })
    expect(records[2_499]).toMatchObject({ updatedTimestamp: null })
  }, 60_000)

  test('empties what no record of a large page fills any more', async () => {
    const bench = await setUp()
    await bench.deliver(...many(600, () => ({ Model: 'one', 'Hold duration': 7, ELIN: '1' })))
    const result = await bench.deliver(...many(600, () => ({ Model: '', 'Hold duration': null, ELIN: '' })))
    expect(result).toMatchObject({ updated: 600 })
    const left = (await bench.records()).map(({ model, holdDuration, elin, callId }) => ({
      model,
      holdDuration,
      elin,
      callId
    }))
    const emptied = { model: null, holdDuration: null, elin: null, callId: live['Call ID'] }
    expect(left).toEqual(Array(600).fill(emptied))
  }, 180_000)

  test('stores everything the simulator has, each record once, in its newest version', async () => {
    const bench = await setUp({ records: undefined, recordsPerHour: 15, now: Date.UTC(2026, 10, 23, 16) })
    const truth = bench.sim.truth(bench.clock.now - 48 * HOUR, bench.clock.now - 330_000)
    expect(await bench.run()).toMatchObject({ inserted: truth.size })
    const stored = new Map((await bench.records()).map(({ reportId, rawJson }) => [reportId, rawJson]))
    const newest = [...truth].map(([id, item]) => [id, JSON.stringify(item)] as const)
    expect(stored).toEqual(new Map(newest))
    expect(await bench.run()).toMatchObject({ inserted: 0, updated: 0 })
  }, 60_000)
})

contract('what is missing is known to the millisecond', () => {
  test('a failure is made good, and a gap is kept once the service has answered', async () => {
    const bench = await setUp({ records: [], now: now + 5 })
    await bench.run()
    bench.clock.now += 40 * DAY + 1
    const down = { kind: 'status', status: 503 } as const
    for (let runs = 0; runs < 2; runs += 1) {
      bench.sim.failNext(...Array(9).fill(down))
      await expect(bench.start()).rejects.toThrow(/503/)
    }
    const failed = await bench.errors()
    const edge = new Date(bench.clock.now - 30 * DAY + 300_000)
    expect(failed.map(({ errorType, rangeStartUtc }) => [errorType, rangeStartUtc])).toEqual([
      ['TemporaryError', edge],
      ['TemporaryError', edge]
    ])
    await bench.run()
    const lateFrom = new Date(now + 5 - 2 * DAY)
    expect(await bench.errors()).toMatchObject([
      { recovered: true },
      { recovered: true },
      { recovered: false, errorType: 'Gap', rangeStartUtc: lateFrom, rangeEndUtc: edge }
    ])
  })

  test('a long range whose run was killed is made good by the next run', async () => {
    const bench = await setUp({ records: [], now: now + 5 })
    await bench.run()
    const since = now + 5 - 6 * DAY
    await killedAfter(1, () => bench.run({ since }))
    const { range, notes } = await bench.run()
    expect(Date.parse(range.start)).toBe(since + 12 * HOUR - 1)
    expect(notes).toBe('')
    expect(await bench.errors()).toEqual([])
    const { CdrCoverage } = await import('../../src/entities/index.js')
    const rows = await bench.dataSource.manager.findBy(CdrCoverage, { source: 'cdr_feed' })
    const starts = rows.map(({ startUtc }) => startUtc.getTime())
    expect(Math.min(...starts)).toBe(since)
    const asked = await bench.dataSource.manager.findBy(CdrCoverage, { source: 'asked' })
    expect(asked).toMatchObject([{ startUtc: new Date(since), endUtc: null, scope: 'all locations' }])
  })
})

/** Makes the database refuse what the condition names. */
function refuse(column: string, value: string): string[] {
  return dialect === 'mssql'
    ? [
        `ALTER TABLE dbo.cdr_records ADD CONSTRAINT CK_guard CHECK (${column} <> N'${value}')`,
        'ALTER TABLE dbo.cdr_records DROP CONSTRAINT CK_guard'
      ]
    : [
        `CREATE TRIGGER guard BEFORE INSERT ON cdr_records WHEN NEW.${column} = '${value}'
         BEGIN SELECT RAISE(ABORT, 'CK_guard'); END`,
        'DROP TRIGGER guard'
      ]
}

contract('of a page that the database refuses', () => {
  async function guarded(column: string, value: string) {
    const bench = await setUp()
    const [guard = '', unguard = ''] = refuse(column, value)
    await bench.execute(guard)
    let guarding = true
    const lift = async () => {
      if (guarding) await bench.execute(unguard)
      guarding = false
    }
    onTestFinished(lift)
    return { ...bench, lift }
  }

  test('only the rows that it refuses go to quarantine, and are stored when it takes them', async () => {
    const bench = await guarded('model', 'forbidden')
    const bad = new Set([0, 17, 18, 399])
    const items = many(400, (index) => (bad.has(index) ? { Model: 'forbidden' } : {}))
    expect(await bench.deliver(...items)).toMatchObject({
      status: 'succeeded',
      fetched: 400,
      inserted: 396,
      quarantined: 4
    })
    const errors = await bench.errors()
    expect(errors.map(({ payload }) => payload)).toEqual(
      [...bad].map((index) => JSON.stringify(items[index]))
    )
    for (const error of errors) {
      expect(error).toMatchObject({
        errorType: 'QuarantinedRecord',
        errorMessage: expect.stringMatching(/^The database refuses it: .*CK_guard/i),
        recovered: false,
        sightings: 1
      })
    }
    await bench.lift()
    expect(await bench.deliver(...items)).toMatchObject({ inserted: 4, duplicate: 396, quarantined: 0 })
    expect((await bench.errors()).every(({ recovered }) => recovered)).toBe(true)
  }, 60_000)

  test('every row, when every row is refused', async () => {
    const bench = await guarded('direction', 'TERMINATING')
    expect(await bench.deliver(...many(20))).toMatchObject({ inserted: 0, quarantined: 20 })
  })

  test('of two rows that a unique index of somebody’s keeps apart, the later one', async () => {
    const bench = await setUp()
    await bench.execute('CREATE UNIQUE INDEX somebodys ON cdr_records (call_id, start_time)')
    onTestFinished(() =>
      bench.execute(`DROP INDEX somebodys${dialect === 'mssql' ? ' ON cdr_records' : ''}`).then(() => {})
    )
    const ids = ['a', 'b', 'c', 'b', 'd', 'a']
    const items = many(6, (index) => ({ 'Call ID': ids[index] }))
    expect(await bench.deliver(...items)).toMatchObject({ inserted: 4, quarantined: 2 })
    expect((await bench.records()).map(({ callId }) => callId)).toEqual(['a', 'b', 'c', 'd'])
    expect((await bench.errors()).map(({ payload }) => payload)).toEqual([
      JSON.stringify(items[3]),
      JSON.stringify(items[5])
    ])
  }, 60_000)

  test('a column that somebody made shorter names itself', async () => {
    if (dialect === 'sqlite') return
    const bench = await setUp()
    await bench.execute('ALTER TABLE dbo.cdr_records ALTER COLUMN model nvarchar(5)')
    onTestFinished(() =>
      bench.execute('ALTER TABLE dbo.cdr_records ALTER COLUMN model nvarchar(128)').then(() => {})
    )
    expect(await bench.deliver(item(1, { Model: 'short' }), item(2, { Model: 'longer' }))).toMatchObject({
      inserted: 1,
      quarantined: 1
    })
    expect((await bench.errors())[0]?.errorMessage).toMatch(/truncated|too long/i)
  })

  test('what is not a row’s fault ends the run and is rolled back', async () => {
    const bench = await setUp({ records: many(3) })
    // The counters of the same transaction cannot be written.
    const [guard, unguard] =
      dialect === 'mssql'
        ? [
            'ALTER TABLE dbo.cdr_sync_state ADD CONSTRAINT CK_guard CHECK (records_fetched = 0)',
            'ALTER TABLE dbo.cdr_sync_state DROP CONSTRAINT CK_guard'
          ]
        : [
            `CREATE TRIGGER guard BEFORE UPDATE OF records_fetched ON cdr_sync_state
             WHEN NEW.records_fetched > 0 BEGIN SELECT RAISE(ABORT, 'CK_guard'); END`,
            'DROP TRIGGER guard'
          ]
    await bench.execute(guard)
    try {
      await expect(bench.start()).rejects.toThrow(/CK_guard.*nothing of the current page was stored/i)
    } finally {
      await bench.execute(unguard)
    }
    expect(await bench.records()).toEqual([])
    expect(await bench.runs()).toMatchObject([{ status: 'failed', recordsFetched: 0 }])
    expect(await bench.run()).toMatchObject({ inserted: 3 })
  })
})

contract('the lease', () => {
  test('of many who ask at once, one gets it', async () => {
    const bench = await setUp({ records: many(50) })
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => bench.start()))
    expect(outcomes.filter((outcome) => 'runs' in outcome)).toHaveLength(1)
    expect(await bench.runs()).toHaveLength(1)
    expect(await bench.records()).toHaveLength(50)
  })

  test('is not waited for while its holder is in the middle of a page', async () => {
    const bench = await setUp()
    const dataSource = await connect(bench.settings.database)
    onTestFinished(() => dataSource.destroy())
    const { Lease } = await import('../../src/database/lease.js')
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) throw new Error('busy')
    await dataSource.transaction(async (manager) => {
      await lease.renew(manager)
      expect(await bench.start()).toMatchObject({ holder: { processId: process.pid } })
    })
    await lease.release()
  })

  test('that was lost ends the run at the next page, which stores nothing more', async () => {
    const service = { records: undefined, recordsPerHour: 80, maxPageSize: 100 }
    const bench = await setUp({ ...service, now: Date.UTC(2026, 10, 23, 16) })
    const running = bench.start()
    running.catch(() => {})
    await untilAsync(async () => (await bench.runs())[0]?.recordsFetched ?? 0)
    const { CdrSyncLease } = await import('../../src/entities/index.js')
    await bench.dataSource.manager.update(
      CdrSyncLease,
      { name: 'sync' },
      { holder: '11111111-1111-4111-8111-111111111111', host: 'web02', processId: 4711 }
    )
    const stored = (await bench.records()).length
    await expect(running).rejects.toThrow(LeaseLostError)
    await expect(running).rejects.toThrow(/web02, process 4711.* has taken over/)
    // What was under way when the lease went may have been committed before it did.
    expect((await bench.records()).length).toBeLessThanOrEqual(stored + 100)
    const [run] = await bench.runs()
    expect((await bench.records()).length).toBeLessThanOrEqual(run?.recordsFetched ?? 0)
  }, 60_000)

  test('is kept alive by its heartbeat, and runs out by the database’s clock', async () => {
    const bench = await setUp()
    const dataSource = await connect(bench.settings.database)
    const { Lease } = await import('../../src/database/lease.js')
    const { CdrSyncLease } = await import('../../src/entities/index.js')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) throw new Error('busy')
    const past = new Date(Date.now() - 24 * HOUR)
    await bench.dataSource.manager.update(CdrSyncLease, { name: 'sync' }, { expiresUtc: past })
    vi.advanceTimersByTime(20_000)
    await untilAsync(async () => {
      const row = await bench.dataSource.manager.findOneBy(CdrSyncLease, { name: 'sync' })
      return (row?.expiresUtc.getTime() ?? 0) > Date.now() + 60_000 ? 1 : 0
    })
    await bench.dataSource.manager.update(
      CdrSyncLease,
      { name: 'sync' },
      { expiresUtc: past, host: 'elsewhere' }
    )
    const second = await Lease.acquire(dataSource)
    if (!(second instanceof Lease)) throw new Error('the lease has not run out')
    await second.release()
    await lease.release()
    await dataSource.destroy()
  })
})

async function untilAsync(value: () => Promise<number>): Promise<void> {
  let reached = false
  const poll = async () => {
    while (!reached) {
      reached = (await value()) > 0
      if (!reached) await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  await Promise.race([poll(), until(() => reached)])
}

// One process cannot have two writers on one SQLite file: the second would block it while it waits.
contractOf('mssql', 'two writers at once', () => {
  test('that store the same pages leave each record once, and both go on', async () => {
    const bench = await setUp()
    const { createLoader } = await import('../../src/store/create-loader.js')
    const { preparePage } = await import('../../src/record/page.js')
    const { repeatableTransaction } = await import('../../src/database/transaction.js')
    const sources = await Promise.all([connect(bench.settings.database), connect(bench.settings.database)])
    onTestFinished(async () => {
      for (const source of sources) await source.destroy()
    })
    const { memoryLog } = await import('../support/log.js')
    const { log } = memoryLog()
    const pages = Array.from({ length: 6 }, (_, page) => many(300 + page * 100, () => ({ Model: `${page}` })))
    const write = async (source: (typeof sources)[number], order: typeof pages) => {
      const loader = await createLoader(source.manager)
      for (const items of order) {
        await repeatableTransaction(
          source,
          (manager) => manager.withRepository(loader).store([...preparePage(items).rows()]),
          { log, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }
        )
      }
    }
    const [first, second] = sources
    await Promise.all([write(first, pages), write(second, pages.toReversed())])
    const ids = (await bench.records()).map(({ reportId }) => reportId)
    expect(ids).toHaveLength(800)
    expect(new Set(ids).size).toBe(800)
  }, 60_000)
})

contract('after the predecessor', () => {
  test('the first run asks for 30 days and tells what it recovered; the next ones do as always', async () => {
    const bench = await setUp({ records: many(10), now })
    const state = {
      lastSuccessfulRunUtc: new Date(now - HOUR),
      lastSuccessfulEndTimeUtc: new Date(now - 2 * HOUR),
      recordsFetched: 7,
      syncDurationSeconds: 1,
      apiCallsMade: 1
    }
    const { CdrSyncState, CdrRecord } = await import('../../src/entities/index.js')
    await bench.dataSource.manager.insert(CdrSyncState, state)
    const { toRecord } = await import('../../src/record/record.js')
    for (const kept of many(7)) {
      const mapped = toRecord(kept)
      if (!('row' in mapped)) throw new Error('unstorable')
      await bench.dataSource.manager.insert(CdrRecord, {
        ...mapped.row,
        contentHash: null,
        ingestionTimestamp: new Date(now - 3 * HOUR)
      })
    }
    const first = await bench.run()
    expect(first).toMatchObject({ windows: 60, inserted: 3, duplicate: 7 })
    expect(first.notes).toBe('recovered 3 records in total that the Python tool had lost')
    expect(Date.parse(first.range.start)).toBe(now - 30 * 24 * HOUR + 300_000)
    expect(await bench.run()).toMatchObject({ inserted: 0, duplicate: 10, notes: '' })
  }, 60_000)

  test('a record that began after its watermark was not lost', async () => {
    const bench = await setUp({ records: many(2), now })
    const { CdrSyncState } = await import('../../src/entities/index.js')
    await bench.dataSource.manager.insert(CdrSyncState, {
      lastSuccessfulEndTimeUtc: new Date(now - 20 * HOUR),
      recordsFetched: 0,
      syncDurationSeconds: 1,
      apiCallsMade: 1
    })
    expect(await bench.run()).toMatchObject({ windows: 60, inserted: 2, notes: '' })
  }, 60_000)
})
