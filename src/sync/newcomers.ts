import { Between, type EntityManager, LessThan, MoreThan } from 'typeorm'
import { type Coverage, latestRead } from '../coverage/coverage.js'
import { CdrRecord } from '../entities/index.js'

/** How long cdr_stream is given to show what cdr_feed shows, in ms. */
const STREAM_DELAY = 15 * 60_000
/** Less than this is no sign of a source that leaves out records. */
const FEW = 2
const SHARE = 0.005

export interface Lateness {
  records: number
  /** How far before the watermark the first of them began, in ms. */
  most: number
}

/**
 * The records that a run stored for the first time though earlier runs had read the time of their calls: rows are
 * numbered in the order in which they come.
 */
export class Newcomers {
  private constructor(
    private readonly newest: number | string,
    private readonly readFrom: number
  ) {}

  /** From now on. */
  static async from(manager: EntityManager, coverage: Coverage): Promise<Newcomers> {
    const [newest] = await manager.find(CdrRecord, { select: { id: true }, order: { id: 'DESC' }, take: 1 })
    return new Newcomers(newest?.id ?? 0, latestRead(coverage)?.start ?? Number.POSITIVE_INFINITY)
  }

  /** Those whose calls began before the watermark, which had passed them. */
  async late(manager: EntityManager, watermark: number): Promise<Lateness> {
    const where = this.startedBefore(watermark)
    const [first] = await manager.find(CdrRecord, {
      select: { startTime: true },
      where,
      order: { startTime: 'ASC' },
      take: 1
    })
    const records = first ? await manager.countBy(CdrRecord, where) : 0
    return { records, most: first ? watermark - first.startTime.getTime() : 0 }
  }

  /**
   * How many of them cdr_stream should have brought before a run that began at a moment, in ms since 1970 UTC; a few
   * may have come between the two, and are none.
   */
  async missed(manager: EntityManager, began: number, fetched: number): Promise<number> {
    const before = began - STREAM_DELAY
    const missed = await manager.countBy(CdrRecord, {
      ...this.startedBefore(before),
      reportTime: LessThan(new Date(before))
    })
    return missed > FEW && missed > fetched * SHARE ? missed : 0
  }

  private startedBefore(moment: number) {
    const { newest, readFrom } = this
    return {
      id: MoreThan(newest),
      startTime: Between(new Date(Math.min(readFrom, moment)), new Date(moment))
    }
  }
}
