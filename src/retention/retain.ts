import { type DataSource, type EntityManager, In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm'
import { beginningOf } from '../config/ages.js'
import { hasPolicy, type RetentionPolicy } from '../config/retention.js'
import type { RetryTools } from '../database/transaction.js'
import {
  CdrApiDrift,
  CdrRecord,
  CdrRetention,
  CdrSyncError,
  CdrSyncState,
  type RawJson
} from '../entities/index.js'
import { createLoader } from '../store/create-loader.js'
import { keepCalls } from '../store/keep-calls.js'
import { progressOf, saveProgress } from '../store/retention-progress.js'
import { writingTransaction } from '../store/writing-transaction.js'
import { conversion, emptying, type JobContext, masking } from './jobs.js'
import type { NumberMask } from './mask.js'
import {
  errorsToDelete,
  examplesToMask,
  MASKED_EXAMPLE,
  maskedError,
  payloadsToMask,
  recordsToDelete,
  runsToDelete
} from './rows.js'
import { BATCH, type Walk, walk, walkedBy } from './walk.js'

export interface RetainTools extends RetryTools {
  dataSource: DataSource
  now: () => number
  /** Between two batches, in ms. */
  pause: number
  progress: RetainProgress
}

export interface RetainProgress {
  /** @param rows how many it will look at, about */
  begins(what: Retained, rows: number): void
  looked(rows: number): void
}

/** What becomes of rows, in this order. */
export const RETAINED = [
  'recordsDeleted',
  'recordsMasked',
  'rawJsonRemoved',
  'rawJsonConverted',
  'errorsMasked',
  'examplesMasked',
  'errorsDeleted',
  'runsDeleted'
] as const
export type Retained = (typeof RETAINED)[number]
export type RetainResult = Record<Retained, number>

export interface RetainSettings {
  policy: RetentionPolicy
  rawJson: RawJson
  /** With which numbers are hashed, where the policy asks for that. */
  key?: string | undefined
}

/** Whether the policy asks for anything, or records are to be brought back to RAW_JSON=all. */
export async function hasWork({ policy, rawJson }: RetainSettings, manager: EntityManager): Promise<boolean> {
  return hasPolicy(policy) || rawJson === 'rest' || (await progressOf(manager, 'rest')) !== undefined
}

/**
 * Does what the policy asks for, in batches, so that it may be interrupted at any moment.
 * @returns of how many rows became what
 */
export async function retain(settings: RetainSettings, tools: RetainTools): Promise<RetainResult> {
  const run = new Retention(settings, tools, await createLoader(tools.dataSource.manager))
  return run.execute()
}

class Retention {
  private readonly result = Object.fromEntries(RETAINED.map((name) => [name, 0])) as RetainResult
  private readonly now: number

  constructor(
    private readonly settings: RetainSettings,
    private readonly tools: RetainTools,
    private readonly loader: JobContext['loader']
  ) {
    this.now = tools.now()
  }

  async execute(): Promise<RetainResult> {
    const { settings, loader, now } = this
    const { policy, rawJson } = settings
    const context: JobContext = { policy, rawJson, loader, now }
    const before = beforeOf(policy, now)
    if (before.records) await this.deleteRecords(before.records)
    if (policy.mask) await this.walk('recordsMasked', masking(context, policy.mask, maskOf(settings)))
    if (policy.rawJson) await this.walk('rawJsonRemoved', emptying(context, policy.rawJson))
    await this.convert(conversion(context))
    const { payloads, runs } = before
    if (payloads) {
      await this.each(
        'errorsMasked',
        (manager) => payloadsToMask(manager, payloads),
        (manager, id) => manager.update(CdrSyncError, { id }, maskedError(new Date(now)))
      )
      await this.each(
        'examplesMasked',
        (manager) => examplesToMask(manager, payloads),
        (manager, id) => manager.update(CdrApiDrift, { id }, MASKED_EXAMPLE)
      )
    }
    if (runs) {
      await this.each(
        'errorsDeleted',
        (manager) => errorsToDelete(manager, runs),
        (manager, id) => manager.delete(CdrSyncError, { id })
      )
      await this.each(
        'runsDeleted',
        (manager) => runsToDelete(manager, runs),
        (manager, id) => manager.delete(CdrSyncState, { id })
      )
    }
    return this.result
  }

  private async deleteRecords(before: Date): Promise<void> {
    // From here on `sync` stores none of them, nor of what a stricter policy has deleted.
    await this.transaction(async (manager) => {
      const deleted = await progressOf(manager, 'delete')
      const latest = Math.max(before.getTime(), deleted?.before ?? Number.NEGATIVE_INFINITY)
      await saveProgress(manager, 'delete', { before: latest, seenId: 0 }, this.now)
    })
    await this.each(
      'recordsDeleted',
      (manager) => recordsToDelete(manager, before),
      async (manager, id) => {
        const records = await manager.find(CdrRecord, {
          select: { id: true, journeyId: true },
          where: { id }
        })
        await manager.delete(CdrRecord, { id })
        const bereft = new Set(records.flatMap(({ journeyId }) => journeyId?.toLowerCase() ?? []))
        await keepCalls(manager, this.loader, [], [...bereft])
      }
    )
  }

  /** All records are looked at once, then those that were stored since. */
  private async convert(job: Walk): Promise<void> {
    const other = job.job === 'all' ? 'rest' : 'all'
    const wasOther = await progressOf(this.tools.dataSource.manager, other)
    if (job.job === 'all' && !wasOther) return
    if (wasOther) {
      await this.transaction((manager) => manager.update(CdrRetention, { job: other }, { seenId: 0 }))
    }
    await this.walk('rawJsonConverted', job)
  }

  private async walk(what: Retained, job: Walk): Promise<void> {
    const { dataSource, progress } = this.tools
    progress.begins(what, await walkedBy(dataSource.manager, job.job, job.before))
    this.result[what] = await walk({ ...this.tools, looked: progress.looked }, job)
  }

  /** Changes rows that the change makes disappear from the query. */
  private async each<Row extends ObjectLiteral & { id: string | number }>(
    what: Retained,
    rows: (manager: EntityManager) => SelectQueryBuilder<Row>,
    change: (manager: EntityManager, id: ReturnType<typeof In<number>>) => Promise<unknown>
  ): Promise<void> {
    const { dataSource, progress, pause, signal, sleep } = this.tools
    progress.begins(what, await rows(dataSource.manager).getCount())
    for (;;) {
      signal?.throwIfAborted()
      const changed = await this.transaction(async (manager) => {
        const query = rows(manager)
        const found = await query.select(`${query.alias}.id`).limit(BATCH).getMany()
        if (found.length > 0) await change(manager, In(found.map(({ id }) => Number(id))))
        return found.length
      })
      this.result[what] += changed
      progress.looked(changed)
      if (changed < BATCH) return
      await sleep(pause, signal)
    }
  }

  private transaction<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return writingTransaction(this.tools, work)
  }
}

/** Before which moments what is done; payloads and examples as soon as records are deleted or masked. */
export function beforeOf(policy: RetentionPolicy, now: number) {
  const date = (age: RetentionPolicy['records']) => age && new Date(beginningOf(age, now))
  const [records, mask, rawJson, runs] = [policy.records, policy.mask, policy.rawJson, policy.runs].map(date)
  const payloads = records && mask ? new Date(Math.max(records.getTime(), mask.getTime())) : (records ?? mask)
  return { records, mask, rawJson, runs, payloads }
}

function maskOf({ policy: { numbers }, key }: RetainSettings): NumberMask {
  if (numbers !== 'hash') return { digits: numbers }
  if (key === undefined) throw new Error('numbers cannot be hashed without a key')
  return { key }
}
