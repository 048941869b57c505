import { hostname } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { HOST } from '../../src/database/lease-holder.js'
import { LeaseLostError } from '../../src/errors.js'
import { HOUR, setUp } from '../support/sync.js'
import { until } from '../support/until.js'

const LEASE = `SELECT name, host, process_id FROM cdr_sync_lease
               WHERE expires_utc > strftime('%Y-%m-%d %H:%M:%f', 'now')`

/** A lease of somebody else that runs out `seconds` from now. */
function leaseOf(host: string, processId: number, seconds: number): string {
  const moment = (offset: number) => `strftime('%Y-%m-%d %H:%M:%f', 'now', '${offset} seconds')`
  return `INSERT OR REPLACE INTO cdr_sync_lease (name, holder, host, process_id, acquired_utc, heartbeat_utc, expires_utc)
          VALUES ('sync', '11111111-1111-4111-8111-111111111111', '${host}', ${processId}, ${moment(-60)}, ${moment(-1)}, ${moment(seconds)})`
}

test('while another host has the lease, sync says who, and touches nothing', async () => {
  const { start, execute, all, sim } = await setUp({ recordsPerHour: 5 })
  execute(leaseOf('web02', 4711, 60))
  expect(await start()).toMatchObject({ holder: { host: 'web02', processId: 4711 } })
  expect(sim.requests).toEqual([])
  expect(all('SELECT * FROM cdr_sync_state')).toEqual([])
  expect(all(LEASE)).toEqual([{ name: 'sync', host: 'web02', process_id: 4711 }])
})

test('a living process of this host keeps its lease too', async () => {
  const { start, execute } = await setUp({ recordsPerHour: 5 })
  execute(leaseOf(HOST, process.pid, 60))
  expect(await start()).toHaveProperty('holder')
})

test('the lease of a process of this host that is gone is taken over at once', async () => {
  const { run, execute, all } = await setUp({ recordsPerHour: 5 })
  execute(leaseOf(HOST, 2 ** 22 + 1, 60))
  expect((await run()).inserted).toBeGreaterThan(0)
  expect(all(LEASE)).toEqual([])
})

test('a host that only shares the name of this one, or this one before it was started anew, is not judged by its processes', async () => {
  const { start, execute } = await setUp({ recordsPerHour: 5 })
  const other = `${hostname()} boot:11111111-1111-4111-8111-111111111111`
  execute(leaseOf(other, 2 ** 22 + 1, 60))
  expect(await start()).toMatchObject({ holder: { host: other } })
})

test('a lease that has run out is taken over wherever its holder was', async () => {
  const { run, execute, all } = await setUp({ recordsPerHour: 5 })
  execute(leaseOf('web02', 4711, -1))
  expect((await run()).inserted).toBeGreaterThan(0)
  expect(all(LEASE)).toEqual([])
})

test('a lease lasts for less than two minutes without a heartbeat', async () => {
  const { settings, all } = await setUp({ recordsPerHour: 5 })
  const dataSource = await connect(settings.database)
  const { Lease } = await import('../../src/database/lease.js')
  const lease = await Lease.acquire(dataSource)
  if (!(lease instanceof Lease)) throw new Error('busy')
  const [{ seconds } = {}] = all(
    'SELECT (julianday(expires_utc) - julianday(heartbeat_utc)) * 86400 AS seconds FROM cdr_sync_lease'
  )
  expect(Number(seconds)).toBeGreaterThan(60)
  expect(Number(seconds)).toBeLessThanOrEqual(120)
  await lease.release()
  await dataSource.destroy()
})

test('its heartbeat and every transaction extend it, and a failing heartbeat does no harm', async () => {
  const { settings, all, execute } = await setUp({ recordsPerHour: 5 })
  const dataSource = await connect(settings.database)
  const { Lease } = await import('../../src/database/lease.js')
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const lease = await Lease.acquire(dataSource)
  if (!(lease instanceof Lease)) throw new Error('busy')
  const soon = "UPDATE cdr_sync_lease SET expires_utc = strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 seconds')"
  const left = () =>
    Number(all("SELECT (julianday(expires_utc) - julianday('now')) * 86400 AS s FROM cdr_sync_lease")[0]?.s)

  execute(soon)
  await lease.renew(dataSource.manager)
  expect(left()).toBeGreaterThan(100)

  execute(soon)
  vi.advanceTimersByTime(20_000)
  await until(() => left() > 100)

  execute('ALTER TABLE cdr_sync_lease RENAME TO elsewhere')
  vi.advanceTimersByTime(20_000)
  await new Promise((resolve) => setTimeout(resolve, 50))
  execute('ALTER TABLE elsewhere RENAME TO cdr_sync_lease')
  await lease.release()
  await dataSource.destroy()
})

test('a process that may not be signalled is alive', async () => {
  const { start, execute } = await setUp({ recordsPerHour: 5 })
  execute(leaseOf(HOST, 1, 60))
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' })
  })
  onTestFinished(() => kill.mockRestore())
  expect(await start()).toHaveProperty('holder')
})

test('a holder that lost its lease stops at the next page and stores nothing more', async () => {
  const bench = await setUp({ recordsPerHour: 40 })
  const running = bench.start()
  const stolen = (async () => {
    // Somebody thinks this process dead as soon as it has stored its first page.
    while (bench.all('SELECT 1 FROM cdr_records LIMIT 1').length === 0)
      await new Promise((resolve) => setTimeout(resolve, 1))
    bench.execute(leaseOf('web02', 4711, 60))
    bench.execute("UPDATE cdr_sync_state SET status = 'interrupted'")
    return bench.all('SELECT COUNT(*) AS n FROM cdr_records')
  })()
  await expect(running).rejects.toThrow(LeaseLostError)
  await expect(running).rejects.toThrow(/web02, process 4711.* has taken over/)
  expect(bench.all('SELECT COUNT(*) AS n FROM cdr_records')).toEqual(await stolen)
  expect(bench.all(LEASE)).toEqual([{ name: 'sync', host: 'web02', process_id: 4711 }])
  expect(bench.all('SELECT status FROM cdr_sync_state')).toEqual([{ status: 'interrupted' }])
  expect(bench.all('SELECT * FROM cdr_sync_errors')).toEqual([])
})

test('a heartbeat that comes after the end does not bring the lease back to life', async () => {
  const { settings, all } = await setUp({ recordsPerHour: 5 })
  const dataSource = await connect(settings.database)
  const { Lease } = await import('../../src/database/lease.js')
  const lease = await Lease.acquire(dataSource)
  if (!(lease instanceof Lease)) throw new Error('busy')
  await lease.release()
  await expect(lease.renew(dataSource.manager)).rejects.toThrow(LeaseLostError)
  expect(all(LEASE)).toEqual([])
  await dataSource.destroy()
})

test('of many who ask at once, one gets it', async () => {
  const { start, all, reportIds, lost, clock } = await setUp({ recordsPerHour: 6 })
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => start()))
  expect(outcomes.filter((outcome) => 'runs' in outcome)).toHaveLength(1)
  expect(all('SELECT COUNT(*) AS n FROM cdr_sync_state')).toEqual([{ n: 1 }])
  expect(reportIds().size).toBeGreaterThan(0)
  expect(lost(clock.now - 48 * HOUR, clock.now - HOUR)).toEqual([])
})
