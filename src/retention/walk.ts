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
import type { RetryTools } from '../database/transaction.js'
import { CdrRecord, type RetentionJob } from '../entities/index.js'
import { ALWAYS, type Progress, progressOf, saveProgress } from '../store/retention-progress.js'
import { LOCKED, writingTransaction } from '../store/writing-transaction.js'

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
  /** Whether a record needs it. */
  isDue(record: CdrRecord): boolean
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
 * enough since, by Start time. What a batch reads has a bound, however few of its records are due.
 * @returns how many it changed
 */
export async function walk(tools: WalkTools, { before, ...job }: Walk): Promise<number> {
  const { manager } = tools.dataSource
  const lastId = await newestId(manager)
  let done = await startOf(manager, job.job, before, lastId)
  let changed = 0
  /** @returns whether there may be more */
  const step = async (batch: Batch): Promise<boolean> => {
    tools.signal?.throwIfAborted()
    const result = await writingTransaction(tools, (inside) => change(inside, job, batch, tools))
    done = result.done
    changed += result.changed
    tools.looked(result.looked)
    if (result.looked < batch.size) return false
    await tools.sleep(tools.pause, tools.signal)
    return true
  }
  const late = (): Batch => ({
    size: BATCH,
    where: { id: Between(done.seenId + 1, lastId) },
    order: 'id',
    after: (records) => ({ ...done, seenId: records.length < BATCH ? lastId : Number(records.at(-1)?.id) })
  })
  while (done.seenId < lastId && (await step(late())));
  if (before === undefined) return changed
  for (let size = BATCH; done.before < before; ) {
    const from = done.before
    const hasMore = await step({
      size,
      where: { startTime: And(MoreThanOrEqual(justBefore(from)), LessThan(new Date(before))) },
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
  { job, isDue, change: apply }: Omit<Walk, 'before'>,
  { size, where, order, after }: Batch,
  { now }: WalkTools
): Promise<{ looked: number; changed: number; done: Progress }> {
  const records = await manager.find(CdrRecord, {
    where,
    order: { [order]: 'ASC' },
    take: size,
    ...LOCKED
  })
  const due = records.filter(isDue)
  const changed = due.length > 0 ? await apply(manager, due) : 0
  const done = after(records)
  await saveProgress(manager, job, done, now())
  return { looked: records.length, changed, done }
}

/** About how many records a job has yet to look at. */
export async function walkedBy(manager: EntityManager, job: RetentionJob, before?: number): Promise<number> {
  const lastId = await newestId(manager)
  const done = await startOf(manager, job, before, lastId)
  if (before === undefined) return lastId - done.seenId
  const late =
    done.seenId < lastId
      ? await manager.countBy(CdrRecord, {
          id: MoreThan(done.seenId),
          startTime: LessThan(new Date(Math.min(done.before, before)))
        })
      : 0
  if (done.before >= before) return late
  const startTime = And(MoreThanOrEqual(new Date(done.before)), LessThan(new Date(before)))
  return late + (await manager.countBy(CdrRecord, { startTime }))
}

async function newestId(manager: EntityManager): Promise<number> {
  const newest = await manager
    .createQueryBuilder(CdrRecord, 'r')
    .select('MAX(r.id)', 'id')
    .getRawOne<{ id: string | number | null }>()
  return Number(newest?.id ?? 0)
}

async function startOf(
  manager: EntityManager,
  job: RetentionJob,
  before: number | undefined,
  lastId: number
): Promise<Progress> {
  const done = await progressOf(manager, job)
  if (!done) {
    return before === undefined
      ? { before: ALWAYS.ends, seenId: 0 }
      : { before: ALWAYS.begins, seenId: lastId }
  }
  // Somebody has emptied the table, and ids begin again.
  return done.seenId > lastId ? { ...done, seenId: 0 } : done
}

/** SQLite compares text, and the Python tool left out a fraction of zero: “…:10” is before “…:10.000”. */
function justBefore(moment: number): Date {
  return new Date(Math.max(moment - 1, ALWAYS.begins))
}
