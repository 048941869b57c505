import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'
import { expect, onTestFinished, test } from 'vitest'
import { connect, migrationsOf } from '../../src/database/data-source.js'
import { contract, contractOf, dialect } from '../support/contract.js'
import { live } from './items.js'
import { storeMany } from './many.js'
import { Adoptee, type Row, stored } from './support.js'

/** The fill, and a database with this many rows that is ready for it. */
async function beforeFill(count: number): Promise<{ adoptee: Adoptee; fill: MigrationInterface }> {
  const adoptee = await Adoptee.with()
  onTestFinished(() => adoptee.drop())
  await storeMany(adoptee, count)
  const [Predecessor, NewColumns, Fill] = await migrationsOf(adoptee.settings)
  await adoptee.using(async (dataSource) => {
    for (const Migration of [Predecessor, NewColumns]) {
      await new Migration!().up(dataSource.createQueryRunner())
    }
  })
  return { adoptee, fill: new Fill!() }
}

const TO_DO = dialect === 'mssql' ? "= '00000000-0000-0000-0000-000000000000'" : 'IS NULL'

async function toDo(dataSource: DataSource): Promise<number> {
  const [row] = await dataSource.query<[{ n: number }]>(
    `SELECT COUNT(*) AS n FROM cdr_records WHERE report_id ${TO_DO}`
  )
  return row.n
}

const ignoringTime = (rows: Row[]) => rows.map(({ ingestion_timestamp, ...row }) => row)

contract('the fill', () => {
  test('leaves rows alone that have a key', async () => {
    const { adoptee, fill } = await beforeFill(0)
    const done = '00000000-0000-3000-8000-00000000000d'
    await adoptee.insert('cdr_records', stored({ ...live, 'Report ID': '', 'Call ID': '1' }))
    await adoptee.insert('cdr_records', { ...stored(live), report_id: done, user_name: 'kept' })
    await adoptee.insert('cdr_records', stored({ ...live, 'Report ID': '', 'Call ID': '2' }))
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    expect((await adoptee.rows()).map((row) => row.user_name)).toEqual(['Pod 0', 'kept', 'Pod 0'])
  }, 180_000)

  test('that was done does nothing when it is done again', async () => {
    const { adoptee, fill } = await beforeFill(40)
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    const rows = await adoptee.rows()
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    expect(await adoptee.rows()).toEqual(rows)
  }, 180_000)

  test('is missed by rows that come in later, and the keys are not swapped then', async () => {
    const { adoptee, fill } = await beforeFill(1)
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    await adoptee.insert('cdr_records', stored(live))
    const [, , , Swap] = await migrationsOf(adoptee.settings)
    const swap = adoptee.using((dataSource) => new Swap!().up(dataSource.createQueryRunner()))
    await expect(swap).rejects.toThrow(
      dialect === 'mssql' ? 'Rows came in meanwhile. Stop the Python tool' : /NOT NULL/
    )
  }, 180_000)
})

contractOf('mssql', 'the fill', () => {
  test('tells how far it is after each of its batches', async () => {
    const { adoptee, fill } = await beforeFill(3)
    const told: string[] = []
    const dataSource = await connect(adoptee.settings, {
      migrating: true,
      onMessage: (message) => void told.push(message)
    })
    await fill.up(dataSource.createQueryRunner())
    await dataSource.destroy()
    expect(told).toEqual(['cdr_records: 3 rows filled, all up to id 3'])
  }, 180_000)
})

contractOf('sqlite', 'the fill, killed at any of its statements', () => {
  /** Runs it up to its n-th statement. */
  async function killedAt(adoptee: Adoptee, fill: MigrationInterface, statement: number): Promise<number> {
    return adoptee.using(async (dataSource) => {
      let count = 0
      const mortal = new Proxy(dataSource.createQueryRunner(), {
        get: (target, property, receiver) =>
          property === 'query'
            ? (...query: Parameters<QueryRunner['query']>) => {
                if (++count === statement) throw new Error('killed')
                return target.query(...query)
              }
            : Reflect.get(target, property, receiver)
      })
      await expect(fill.up(mortal)).rejects.toThrow('killed')
      return toDo(dataSource)
    })
  }

  test('goes on where it stopped', async () => {
    const undisturbed = await beforeFill(4_500)
    await undisturbed.adoptee.using((dataSource) => undisturbed.fill.up(dataSource.createQueryRunner()))

    const { adoptee, fill } = await beforeFill(4_500)
    const left: number[] = []
    for (const statement of [1, 4, 5, 6, 8]) left.push(await killedAt(adoptee, fill, statement))
    expect(left).toEqual([4500, 4500, 2500, 500, 0])
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    expect(ignoringTime(await adoptee.rows())).toEqual(ignoringTime(await undisturbed.adoptee.rows()))
  }, 120_000)
})

contractOf('mssql', 'the fill, its session killed', () => {
  test('goes on where it stopped', async () => {
    const { adoptee, fill } = await beforeFill(4_100)
    await adoptee.using(async (dataSource) => {
      const queryRunner = dataSource.createQueryRunner()
      const [{ session }] = await queryRunner.query('SELECT @@SPID AS session')
      const filling = fill.up(queryRunner).then(
        () => 'ended',
        (error: Error) => error.message
      )
      while ((await toDo(dataSource)) === 4_100) await new Promise((resolve) => setTimeout(resolve, 20))
      await dataSource.query(`KILL ${session}`)
      expect(await filling).not.toBe('ended')
    })
    // Whole batches were committed, the one at hand was not.
    const left = (await adoptee.using(toDo)) ?? 0
    expect(left % 1_000).toBe(100)
    expect(left).toBeGreaterThan(100)
    await adoptee.using((dataSource) => fill.up(dataSource.createQueryRunner()))
    expect(await adoptee.using(toDo)).toBe(0)
  }, 300_000)
})
