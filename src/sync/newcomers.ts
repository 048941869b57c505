import { Between, type EntityManager, LessThan, MoreThan } from 'typeorm'
import type { Track } from '../database/watermark.js'
import { CdrRecord } from '../entities/index.js'
import { coverageStart } from './coverage.js'

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
  static async from(manager: EntityManager, track: Track, rangeStart: number): Promise<Newcomers> {
    const [newest] = await manager.find(CdrRecord, { select: { id: true }, order: { id: 'DESC' }, take: 1 })
    const feed = { ...track, source: 'cdr_feed' }
    const readFrom = (await coverageStart(manager, feed)) ?? (await coverageStart(manager, track))
    // By time of storage a range tells nothing of when its calls began.
    const from = track.source === 'cdr_feed' ? rangeStart : Number.NEGATIVE_INFINITY
    return new Newcomers(newest?.id ?? 0, Math.max(readFrom ?? Number.POSITIVE_INFINITY, from))
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

  /** How many of them were reported before a moment, in ms since 1970 UTC. */
  reportedBefore(manager: EntityManager, moment: number): Promise<number> {
    return manager.countBy(CdrRecord, {
      ...this.startedBefore(moment),
      reportTime: LessThan(new Date(moment))
    })
  }

  private startedBefore(moment: number) {
    const { newest, readFrom } = this
    return {
      id: MoreThan(newest),
      startTime: Between(new Date(Math.min(readFrom, moment)), new Date(moment))
    }
  }
}
