import { type DataSource, type EntityManager, IsNull, MoreThan } from 'typeorm'
import type { RetryTools } from '../database/transaction.js'
import { CdrCall, CdrRecord } from '../entities/index.js'
import { createCallTables } from './create-call-tables.js'
import { createLoader } from './create-loader.js'
import { asLeg, keepCalls, SELECTED } from './keep-calls.js'
import type { CdrLoader } from './loader.js'
import { LOCKED, writingTransaction } from './writing-transaction.js'

export interface RebuildTools extends RetryTools {
  dataSource: DataSource
  progress: {
    /** @param records how many it will look at, about */
    begins(records: number): void
    looked(records: number): void
  }
}

/** Few enough that SQL Server does not lock the whole table. */
const BATCH = 1_000

/**
 * Makes calls from records in batches, so that it may be interrupted at any moment.
 * @param all anew from all records; else from those that are in no call yet
 * @returns how many records it looked at
 */
export async function rebuildCalls(all: boolean, tools: RebuildTools): Promise<number> {
  const { manager } = tools.dataSource
  const loader = await createLoader(manager)
  const due = all ? {} : { journeyId: IsNull() }
  tools.progress.begins(await manager.countBy(CdrRecord, due))
  let records = 0
  for (let after = 0; ; ) {
    tools.signal?.throwIfAborted()
    const ids = await writingTransaction(tools, (inside) =>
      make(inside, loader, { ...due, id: MoreThan(after) })
    )
    records += ids.length
    tools.progress.looked(ids.length)
    if (ids.length < BATCH) break
    after = ids.at(-1)!
  }
  if (all) await removeEmpty(tools)
  return records
}

async function make(manager: EntityManager, loader: CdrLoader, where: object): Promise<number[]> {
  const records = await manager.find(CdrRecord, {
    select: SELECTED,
    where,
    order: { id: 'ASC' },
    take: BATCH,
    ...LOCKED
  })
  const legs = records.map(asLeg)
  const journeys = new Set(legs.flatMap(({ journeyId }) => journeyId ?? []))
  await keepCalls(manager, loader, legs, [...journeys])
  return records.map(({ id }) => Number(id))
}

/** Calls whose records somebody else has deleted. */
async function removeEmpty(tools: RebuildTools): Promise<void> {
  for (;;) {
    const removed = await writingTransaction(tools, async (manager) => {
      const empty = await manager
        .createQueryBuilder(CdrCall, 'c')
        .select('c.journeyId')
        .where('NOT EXISTS (SELECT 1 FROM cdr_records r WHERE r.journey_id = c.journey_id)')
        .limit(BATCH)
        .getMany()
      const tables = await createCallTables(manager)
      await tables.replace(new Set(empty.map(({ journeyId }) => journeyId)), [])
      return empty.length
    })
    if (removed < BATCH) return
  }
}
