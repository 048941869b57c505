import { expect, onTestFinished, test } from 'vitest'
import { LeaseLostError } from '../../src/errors.js'
import { type ContractBench, contract, dialect, setUp, useDatabase } from '../support/contract.js'
import { item, liveNow as now } from '../support/live.js'
import { type Audit, auditsOf, auditTables } from '../support/triggers.js'

useDatabase()

async function audited(audit: Audit): Promise<ContractBench> {
  const bench = await setUp({ records: [item(1), item(2)] })
  onTestFinished(await auditTables(dialect, bench.execute, [audit]))
  return bench
}

const LEASE = `${dialect === 'mssql' ? 'dbo.' : ''}cdr_sync_lease`
const OTHER = "'00000000-0000-4000-8000-000000000001'"

contract('triggers of the DBA on all tables', () => {
  withEach('a run stores and counts as without', async (audit) => {
    const bench = await audited(audit)
    expect(await bench.run()).toMatchObject({ fetched: 2, inserted: 2, updated: 0, duplicate: 0 })
    expect(await bench.run()).toMatchObject({ fetched: 2, inserted: 0, updated: 0, duplicate: 2 })
    const newer = { Model: 'another one', 'Report time': new Date(now).toISOString() }
    expect(await bench.deliver(item(1, newer), item(3))).toMatchObject({ inserted: 1, updated: 1 })
    expect(await bench.runs()).toMatchObject([
      { status: 'succeeded', recordsInserted: 2 },
      { status: 'succeeded', recordsDuplicate: 2 },
      { status: 'succeeded', recordsInserted: 1, recordsUpdated: 1 }
    ])
  })

  withEach('quarantine, drift and a refused source have one row each', async (audit) => {
    const bench = await audited(audit)
    const { recordRefusal } = await import('../../src/sync/failures.js')
    const broken = item(4, { 'Start time': '', 'Brand new': 1 })
    const track = { source: 'cdr_stream', scope: 'all locations' } as const
    for (let times = 0; times < 2; times += 1) {
      expect(await bench.deliver(broken)).toMatchObject({ quarantined: 1 })
      await bench.dataSource.transaction((manager) =>
        recordRefusal(manager, track, new Error('not served'), now)
      )
    }
    const errors = await bench.errors()
    expect(errors.filter(({ errorType }) => errorType === 'QuarantinedRecord')).toMatchObject([
      { sightings: 2 }
    ])
    expect(errors.filter(({ errorType }) => errorType === 'SourceRefused')).toHaveLength(1)
    const drift = (await bench.drift()).filter(({ name }) => name === 'Brand new')
    expect(drift.map(({ occurrences }) => Number(occurrences))).toEqual([2])
  })

  withEach('the lease is taken, kept and given back', async (audit) => {
    const { dataSource } = await audited(audit)
    const { Lease } = await import('../../src/database/lease.js')
    for (let times = 0; times < 2; times += 1) {
      const lease = await Lease.acquire(dataSource)
      if (!(lease instanceof Lease)) throw new Error('somebody else has the lease')
      expect(await Lease.acquire(dataSource)).toMatchObject({ processId: process.pid })
      await dataSource.transaction((manager) => lease.renew(manager))
      await lease.release()
    }
  })

  withEach('that another one has the lease by now is noticed', async (audit) => {
    const { dataSource, execute } = await audited(audit)
    const { Lease } = await import('../../src/database/lease.js')
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) throw new Error('somebody else has the lease')
    await execute(`UPDATE ${LEASE} SET holder = ${OTHER}`)
    await expect(dataSource.transaction((manager) => lease.renew(manager))).rejects.toThrow(LeaseLostError)
    await lease.release()
    expect(await Lease.acquire(dataSource)).toMatchObject({ holder: OTHER.slice(1, -1) })
  })

  test('one that keeps the lease from being written is named, and nobody waits for ever', async () => {
    const { dataSource, execute } = await setUp()
    const { Lease } = await import('../../src/database/lease.js')
    const lease = await Lease.acquire(dataSource)
    if (!(lease instanceof Lease)) throw new Error('somebody else has the lease')
    await lease.release()
    await execute(
      dialect === 'mssql'
        ? `CREATE TRIGGER swallow ON ${LEASE} INSTEAD OF UPDATE AS SET NOCOUNT ON`
        : `CREATE TRIGGER swallow BEFORE UPDATE ON ${LEASE} BEGIN SELECT RAISE(IGNORE); END`
    )
    onTestFinished(async () => {
      await execute(dialect === 'mssql' ? 'DROP TRIGGER dbo.swallow' : 'DROP TRIGGER swallow')
    })
    await expect(Lease.acquire(dataSource)).rejects.toThrow(
      'the lease cannot be acquired although nobody holds it: check whether a trigger on cdr_sync_lease blocks the update'
    )
  })
})

function withEach(what: string, body: (audit: Audit) => Promise<void>): void {
  test.each(auditsOf(dialect))(`${what}: a trigger with %s`, body)
}
