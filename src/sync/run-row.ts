import { type EntityManager, IsNull, Not } from 'typeorm'
import type { Range } from '../coverage/intervals.js'
import type { Track } from '../coverage/watermark.js'
import { NOW } from '../entities/columns.js'
import { CdrSyncState, type RunStatus } from '../entities/index.js'
import { type Counters, NOTHING } from '../store/counters.js'
import { rangeColumns } from './failures.js'
import type { Lateness } from './newcomers.js'

/** What a run's row is to say now. */
export interface Progress {
  counters: Counters
  apiCalls: number
  /** In ms. */
  duration: number
  notes: string
  /** The scope's watermark; undefined while there is none. */
  watermark: number | undefined
  /** Known once the run has ended: what Webex had stored before this moment is here, gaps apart. */
  completeUntil?: number | undefined
  /** Known once the run has read it all. */
  late?: Lateness | undefined
}

/** The row of this run in cdr_sync_state. */
export class RunRow {
  private constructor(readonly id: number) {}

  /**
   * Opens the row, and closes that of a run that died: whoever has the lease runs alone.
   * @param range undefined where nobody knows it yet
   * @param watermark the track's
   * @param again the connection broke while it was being committed
   */
  static async open(
    manager: EntityManager,
    track: Track,
    range: Range | undefined,
    watermark: number | undefined,
    again: boolean
  ): Promise<RunRow> {
    const [previous] = await manager.find(CdrSyncState, {
      where: { source: Not(IsNull()) },
      order: { id: 'DESC' },
      take: 1
    })
    if (again && previous?.status === 'running' && isOf(previous, track, range)) {
      return new RunRow(previous.id)
    }
    if (previous?.status === 'running') {
      await manager.update(CdrSyncState, { id: previous.id }, { status: 'interrupted' })
    }
    const mark = { ...track, status: 'running' } as const
    await manager
      .createQueryBuilder()
      .insert()
      .into(CdrSyncState)
      .values({
        ...mark,
        ...(range ? rangeColumns(range) : {}),
        ...columnsOf({ counters: NOTHING, apiCalls: 0, duration: 0, notes: '', watermark })
      })
      .updateEntity(false)
      .execute()
    // Looked up, as a trigger on the table may give results of its own before the id of the new row.
    const { id } = await manager.findOneOrFail(CdrSyncState, {
      select: { id: true },
      where: mark,
      order: { id: 'DESC' }
    })
    return new RunRow(id)
  }

  async isOpen(manager: EntityManager): Promise<boolean> {
    return manager.existsBy(CdrSyncState, { id: this.id, status: 'running' })
  }

  /** The counters as they were last committed. */
  async counters(manager: EntityManager): Promise<Counters> {
    const row = await manager.findOneByOrFail(CdrSyncState, { id: this.id })
    return {
      fetched: row.recordsFetched,
      inserted: row.recordsInserted ?? 0,
      updated: row.recordsUpdated ?? 0,
      duplicate: row.recordsDuplicate ?? 0,
      quarantined: row.recordsQuarantined ?? 0
    }
  }

  /** With a page: in its transaction. */
  async save(manager: EntityManager, progress: Progress): Promise<void> {
    await manager.update(CdrSyncState, { id: this.id }, columnsOf(progress))
  }

  /** @param range where it was not known before */
  async close(manager: EntityManager, status: RunStatus, progress: Progress, range?: Range): Promise<void> {
    await manager.update(
      CdrSyncState,
      { id: this.id },
      {
        ...columnsOf(progress),
        ...(range ? rangeColumns(range) : {}),
        status,
        ...(status === 'succeeded' ? { lastSuccessfulRunUtc: () => NOW } : {})
      }
    )
  }
}

function isOf(run: CdrSyncState, { source, scope }: Track, range: Range | undefined): boolean {
  const hasRange = run.rangeStartUtc?.getTime() === range?.start && run.rangeEndUtc?.getTime() === range?.end
  return hasRange && run.source === source && run.scope === scope
}

function columnsOf({ counters, apiCalls, duration, notes, watermark, completeUntil, late }: Progress) {
  return {
    recordsLate: late?.records ?? null,
    latestSeconds: late ? Math.min(Math.round(late.most / 1_000), 2 ** 31 - 1) : null,
    recordsFetched: counters.fetched,
    recordsInserted: counters.inserted,
    recordsUpdated: counters.updated,
    recordsDuplicate: counters.duplicate,
    recordsQuarantined: counters.quarantined,
    apiCallsMade: apiCalls,
    syncDurationSeconds: Math.round(duration / 1_000),
    notes: notes.slice(0, 500) || null,
    lastSuccessfulEndTimeUtc: watermark === undefined ? null : new Date(watermark),
    completeUntilUtc: completeUntil === undefined ? null : new Date(completeUntil)
  }
}
