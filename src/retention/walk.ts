import {
  And,
  Between,
  type DataSource,
  type EntityManager,
  type FindOptionsWhere,
  LessThan,
  MoreThan,
  MoreThanOrEqual
} from 'typeorm'
import { type RetryTools, repeatableTransaction } from '../database/transaction.js'
import { currentDialect } from '../entities/dialect.js'
import { CdrRecord, type RetentionJob } from '../entities/index.js'
import { ALWAYS, type Progress, progressOf, saveProgress } from '../store/retention-progress.js'

/** Few enough that SQL Server does not lock the whole table: a statement may take 5,000 locks, and a key takes two. */
export const BATCH = 1_000

export interface WalkTools extends RetryTools {
  dataSource: DataSource
  now: () => number
  /** Between two batches, in ms. */
  pause: number
  /** Told how many records were looked at since the last time. */
  looked(records: number): void
}

/** A change of stored records. */
export interface Walk {
  job: RetentionJob
  /** Of calls that began before, in ms since 1970 UTC; of all calls where there is none. */
  before?: number
  /** Which of them need it. */
  where: FindOptionsWhere<CdrRecord>
  /** Part of the batch's transaction. @returns how many it changed */
  change(manager: EntityManager, records: CdrRecord[]): Promise<number>
}

interface Batch {
  size: number
  where: FindOptionsWhere<CdrRecord>
  order: 'id' | 'startTime'
  /** Where the job has come when these are done. */
  after(records: CdrRecord[]): Progress
}

/**
 * Changes records batch by batch, and remembers with each how far it has come, so that it may be killed at any moment.
 * First those that were stored since the last time though their calls are older, by id; then those that have become old
 * enough since, by Start time.
 * @returns how many it changed
 */
export async function walk(tools: WalkTools, { before, ...job }: Walk): Promise<number> {
  const { manager } = tools.dataSource
  const newest = await manager
    .createQueryBuilder(CdrRecord, 'r')
    .select('MAX(r.id)', 'id')
    .getRawOne<{ id: string | number | null }>()
  const lastId = Number(newest?.id ?? 0)
  let done =
    (await progressOf(manager, job.job)) ??
    (before === undefined ? { before: ALWAYS.ends, seenId: 0 } : { before: ALWAYS.begins, seenId: lastId })
  let changed = 0
  /** @returns whether there may be more */
  const step = async (batch: Batch): Promise<boolean> => {
    tools.signal?.throwIfAborted()
    const result = await repeatableTransaction(
      tools.dataSource,
      (inside) => change(inside, job, batch, tools),
      tools
    )
    done = result.done
    changed += result.changed
    tools.looked(result.looked)
    if (result.looked < batch.size) return false
    await tools.sleep(tools.pause, tools.signal)
    return true
  }
  const late = (): Batch => ({
    size: BATCH,
    where: { id: Between(done.seenId + 1, lastId), startTime: LessThan(new Date(done.before)) },
    order: 'id',
    after: (records) => ({ ...done, seenId: records.length < BATCH ? lastId : Number(records.at(-1)?.id) })
  })
  while (done.seenId < lastId && (await step(late())));
  if (before === undefined) return changed
  for (let size = BATCH; done.before < before; ) {
    const from = done.before
    const hasMore = await step({
      size,
      where: { startTime: And(MoreThanOrEqual(new Date(from)), LessThan(new Date(before))) },
      order: 'startTime',
      after: (records) => ({
        ...done,
        before: records.length < size ? before : Number(records.at(-1)?.startTime)
      })
    })
    if (!hasMore) break
    // Where a whole batch began in one millisecond, the next has to reach beyond it.
    size = done.before === from ? size * 2 : BATCH
  }
  return changed
}

async function change(
  manager: EntityManager,
  { job, where, change: apply }: Omit<Walk, 'before'>,
  { size, where: range, order, after }: Batch,
  { now }: WalkTools
): Promise<{ looked: number; changed: number; done: Progress }> {
  const records = await manager.find(CdrRecord, {
    where: { ...where, ...range },
    order: { [order]: 'ASC' },
    take: size,
    // What was read must not change before it is written; SQLite lets nobody else write meanwhile.
    ...(currentDialect() === 'mssql' ? { lock: { mode: 'pessimistic_write' as const } } : {})
  })
  const changed = records.length > 0 ? await apply(manager, records) : 0
  const done = after(records)
  await saveProgress(manager, job, done, now())
  return { looked: records.length, changed, done }
}

/** About how many records a job will look at. */
export async function walkedBy(manager: EntityManager, { job, before, where }: Walk): Promise<number> {
  const done = await progressOf(manager, job)
  if (before === undefined) {
    return manager.countBy(CdrRecord, { ...where, id: MoreThan(done?.seenId ?? 0) })
  }
  const from = new Date(done?.before ?? ALWAYS.begins)
  const startTime = And(MoreThanOrEqual(from), LessThan(new Date(before)))
  return manager.countBy(CdrRecord, { ...where, startTime })
}
