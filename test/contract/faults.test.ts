import { randomBytes } from 'node:crypto'
import mssql from 'mssql'
import { expect, onTestFinished, test } from 'vitest'
import { sleep } from '../../src/clock.js'
import type { MssqlSettings } from '../../src/config/database-url.js'
import { connect } from '../../src/database/data-source.js'
import { isTransient } from '../../src/database/error-kinds.js'
import { bulkIntoTemporaryTable } from '../../src/database/mssql-bulk.js'
import { repeatableTransaction } from '../../src/database/transaction.js'
import { type ContractBench, contractOf, setUp, useDatabase } from '../support/contract.js'
import { live, liveNow } from '../support/live.js'
import { memoryLog } from '../support/log.js'
import { startProxy, type TcpProxy, type Watch } from '../support/proxy.js'
import { demoSecrets } from '../support/secrets.js'

useDatabase()

/** A page in each of four windows. */
const RECORDS = Array.from({ length: 1_200 }, (_, index) => ({
  ...live,
  'Report ID': `00000000-0000-3000-8000-${String(index).padStart(12, '0')}`,
  'Start time': new Date(liveNow - 3_600_000 - index * 140_000).toISOString()
}))

/** Types of TDS packets, and the transaction manager's request to commit. */
const BULK_LOAD = 0x07
const TRANSACTION_MANAGER = 0x0e
const COMMIT = 7

const isBulkLoad = (sent: Buffer) => sent[0] === BULK_LOAD
/** Behind the packet's header of 8 bytes stand the headers of the request, which begin with their length. */
const isCommit = (sent: Buffer) =>
  sent[0] === TRANSACTION_MANAGER && sent.readUInt16LE(8 + sent.readUInt32LE(8)) === COMMIT

/** Cuts the connection after the n-th message of a kind has begun, once, and counts them. */
function cutAfter(nth: number, kind: (sent: Buffer) => boolean): { watch: Watch; seen: () => number } {
  let seen = 0
  return {
    watch(sent) {
      if (kind(sent)) seen += 1
      else return 'pass'
      return seen === nth ? 'cut after' : 'pass'
    },
    seen: () => seen
  }
}

/** The database behind a proxy, which can read along because nothing is encrypted. */
async function throughProxy(watch?: Watch): Promise<ContractBench & { proxy: TcpProxy }> {
  const direct = await setUp({ records: RECORDS })
  const settings = direct.settings.database as MssqlSettings
  const proxy = await startProxy({ host: settings.host, port: settings.port }, watch)
  onTestFinished(() => proxy.close())
  direct.settings.database = { ...settings, host: 'localhost', port: proxy.port, encrypt: false }
  direct.settings.webex.maxPerPage = 500
  return { ...direct, proxy }
}

/** The bench's runs log in as somebody of their own from now on, who can be shut out for 3 s. */
async function ownLogin(bench: ContractBench): Promise<{ disable: () => Promise<void> }> {
  const name = `webex_cdr_${randomBytes(4).toString('hex')}`
  const password = `Pw-${randomBytes(12).toString('hex')}`
  await bench.execute(`CREATE LOGIN ${name} WITH PASSWORD = N'${password}'`)
  await bench.execute(`ALTER SERVER ROLE sysadmin ADD MEMBER ${name}`)
  onTestFinished(() => bench.execute(`DROP LOGIN ${name}`).then(() => {}))
  bench.settings.database = {
    ...(bench.settings.database as MssqlSettings),
    authentication: { type: 'default', options: { userName: name, password } }
  }
  return {
    async disable() {
      await bench.execute(`ALTER LOGIN ${name} DISABLE`)
      await sleep(3_000)
      await bench.execute(`ALTER LOGIN ${name} ENABLE`)
    }
  }
}

async function expectAllOnce(bench: ContractBench): Promise<void> {
  const ids = (await bench.records()).map(({ reportId }) => reportId)
  expect(ids.length).toBe(RECORDS.length)
  expect(new Set(ids).size).toBe(RECORDS.length)
  const runs = await bench.runs()
  expect(runs.at(-1)).toMatchObject({ status: 'succeeded', recordsFetched: RECORDS.length })
}

contractOf('mssql', 'a connection that breaks', () => {
  test.each([1, 2, 3])(
    'in bulk load %i: its page is stored again, once',
    async (nth) => {
      const { watch, seen } = cutAfter(nth, isBulkLoad)
      const bench = await throughProxy(watch)
      expect(await bench.run()).toMatchObject({ inserted: RECORDS.length, duplicate: 0, updated: 0 })
      expect(seen()).toBeGreaterThan(nth)
      await expectAllOnce(bench)
      expect(bench.lines.join()).toMatch(/attempt 2 in 0.2 s/)
    },
    60_000
  )

  test.each([1, 2, 3, 4, 5])(
    'at commit %i, which may or may not have happened: each record once, each counted once',
    async (nth) => {
      const { watch, seen } = cutAfter(nth, isCommit)
      const bench = await throughProxy(watch)
      expect(await bench.run()).toMatchObject({
        fetched: RECORDS.length,
        inserted: RECORDS.length,
        duplicate: 0
      })
      expect(seen()).toBeGreaterThan(nth)
      await expectAllOnce(bench)
      expect(bench.lines.join()).toMatch(/attempt 2 in 0.2 s/)
      expect((await bench.runs()).filter(({ status }) => status === 'running')).toEqual([])
    },
    60_000
  )

  test('because the server restarts: the run waits and goes on', async () => {
    const { watch } = cutAfter(2, isBulkLoad)
    const bench = await throughProxy((sent) => {
      const what = watch(sent)
      if (what === 'cut after') {
        bench.proxy.refuse()
        setTimeout(() => bench.proxy.accept(), 3_000)
      }
      return 'pass'
    })
    expect(await bench.run()).toMatchObject({ inserted: RECORDS.length })
    await expectAllOnce(bench)
    expect(bench.lines.join()).toMatch(/attempt 4 in/)
  }, 60_000)

  test('to a database that takes nobody’s login before it is back: the run waits and goes on', async () => {
    const { watch } = cutAfter(2, isBulkLoad)
    const bench = await throughProxy((sent) => {
      if (watch(sent) !== 'cut after') return 'pass'
      // The pool cannot have logged in again when this is through.
      void login.disable()
      return 'cut after'
    })
    const login = await ownLogin(bench)
    expect(await bench.run()).toMatchObject({ inserted: RECORDS.length })
    await expectAllOnce(bench)
    expect(bench.lines.join()).toMatch(/(login|log in).*attempt 3 in/i)
  }, 60_000)

  test('and is not to be had again ends the run, which says so; the next one makes it good', async () => {
    const { watch } = cutAfter(2, isBulkLoad)
    const bench = await throughProxy((sent) => {
      if (watch(sent) === 'cut after') bench.proxy.refuse()
      return 'pass'
    })
    const { sync } = await import('../../src/sync/sync.js')
    const { log, lines } = memoryLog()
    const tools = { secrets: demoSecrets(log), log, now: () => bench.clock.now, sleep: async () => {} }
    await expect(
      sync(bench.settings, { source: 'feed', locations: [], dryRun: false }, tools)
    ).rejects.toThrow(/^SQL Server database test_\w+ on localhost:\d+: .*; the next run continues from here$/)
    expect(lines.join()).toMatch(/the result of the run could not be saved to the database/)
    bench.proxy.accept()
    // The lease could not be given back, and this process, which has it, lives on: a scheduler's would not.
    await bench.execute('UPDATE dbo.cdr_sync_lease SET expires_utc = sysutcdatetime()')
    expect(await bench.run()).toMatchObject({ status: 'succeeded' })
    expect((await bench.runs()).map(({ status }) => status)).toEqual(['interrupted', 'succeeded'])
    await expectAllOnce(bench)
  }, 60_000)

  test('on which nothing comes back any more: a bulk load is given up in time, and the next one works', async () => {
    const bench = await throughProxy((sent) => {
      if (isBulkLoad(sent)) bench.proxy.stall()
      return 'pass'
    })
    const dataSource = await connect(bench.settings.database)
    onTestFinished(() => dataSource.destroy())
    const columns = [{ name: 'n', declaration: 'int NOT NULL', type: mssql.Int, nullable: false }]
    const rows = Array.from({ length: 100 }, (_, n) => [n])
    const load = () =>
      dataSource.transaction(async (manager) => {
        await bulkIntoTemporaryTable(manager, '#numbers', columns, rows, 300)
        return manager.query<[{ n: number }]>('SELECT COUNT(*) AS n FROM #numbers')
      })
    const started = performance.now()
    const failure = await load().catch((error: unknown) => error)
    expect(isTransient(failure), String(failure)).toBe(true)
    expect(performance.now() - started).toBeLessThan(20_000)
    bench.proxy.stall = () => {}
    expect(await load()).toEqual([{ n: 100 }])
  }, 60_000)

  test('while nobody runs does no harm', async () => {
    const bench = await throughProxy()
    await bench.run()
    bench.proxy.cut()
    expect(await bench.run()).toMatchObject({ inserted: 0, updated: 0 })
  }, 60_000)
})

contractOf('mssql', 'a session that is killed', () => {
  test('mid-transaction leaves nothing behind, and the page is stored again', async () => {
    const bench = await throughProxy()
    const loads: Promise<unknown>[] = []
    const { watch } = cutAfter(2, isBulkLoad)
    const proxied = await startProxy(
      { host: (bench.settings.database as MssqlSettings).host, port: bench.proxy.port },
      (sent) => {
        if (watch(sent) === 'cut after') {
          // As a DBA would: whoever holds locks on the lease, which every transaction takes first.
          loads.push(
            bench
              .execute(
                `DECLARE @kill nvarchar(30) = (SELECT TOP (1) N'KILL ' + CONVERT(nvarchar(10), session_id)
                 FROM sys.dm_exec_sessions WHERE program_name = N'webex-cdr' AND database_id = DB_ID() AND session_id <> @@SPID
                 ORDER BY session_id DESC); EXEC (@kill)`
              )
              .catch((error: unknown) => error)
          )
        }
        return 'pass'
      }
    )
    onTestFinished(() => proxied.close())
    bench.settings.database = { ...(bench.settings.database as MssqlSettings), port: proxied.port }
    expect(await bench.run()).toMatchObject({ fetched: RECORDS.length })
    expect(await Promise.all(loads)).toEqual([undefined])
    await expectAllOnce(bench)
  }, 60_000)
})

contractOf('mssql', 'the victim of a deadlock', () => {
  test('is tried again, and both sides get through', async () => {
    const bench = await setUp()
    await bench.execute('CREATE TABLE dbo.pair (id int NOT NULL PRIMARY KEY, n int NOT NULL)')
    onTestFinished(() => bench.execute('DROP TABLE dbo.pair').then(() => {}))
    await bench.execute('INSERT INTO dbo.pair (id, n) VALUES (1, 0), (2, 0)')
    const { log, lines } = memoryLog()
    let firstTries = 0
    const both = new Promise<void>((resolve) => {
      const poll = setInterval(() => {
        if (firstTries < 2) return
        clearInterval(poll)
        resolve()
      }, 5)
    })
    const crossing = (first: number, second: number) =>
      repeatableTransaction(
        bench.dataSource,
        async (manager, attempt) => {
          await manager.query(`UPDATE dbo.pair SET n = n + 1 WHERE id = ${first}`)
          if (attempt === 0) firstTries += 1
          await both
          await manager.query(`UPDATE dbo.pair SET n = n + 1 WHERE id = ${second}`)
        },
        { log, sleep }
      )
    await Promise.all([crossing(1, 2), crossing(2, 1)])
    expect(await bench.execute('SELECT n FROM dbo.pair ORDER BY id')).toEqual([{ n: 2 }, { n: 2 }])
    expect(lines.join()).toMatch(/deadlock.*attempt 2 in 0\.2 s/i)
  }, 60_000)
})
