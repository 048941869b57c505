import { type EntityManager, IsNull, MoreThanOrEqual } from 'typeorm'
import { count } from '../count.js'
import { CdrCall, CdrRecord } from '../entities/index.js'

/** The calls of the last seven days of one class and outcome. */
export interface CallStats {
  class: string
  outcome: string
  calls: number
}

const WEEK = 7 * 86_400_000

export async function callStats(manager: EntityManager, now: number): Promise<CallStats[]> {
  const rows = await manager
    .createQueryBuilder(CdrCall, 'c')
    .select('c.callClass', 'class')
    .addSelect('c.outcome', 'outcome')
    .addSelect('COUNT(*)', 'calls')
    .where({ startUtc: MoreThanOrEqual(new Date(now - WEEK)) })
    .groupBy('c.callClass')
    .addGroupBy('c.outcome')
    .orderBy('c.callClass')
    .addOrderBy('COUNT(*)', 'DESC')
    .getRawMany<CallStats>()
  return rows.map(({ calls, ...row }) => ({ ...row, calls: Number(calls) }))
}

/** A line for the records that were stored before there were calls. */
export async function sayCallsMissing(manager: EntityManager): Promise<string[]> {
  const records = await manager.countBy(CdrRecord, { journeyId: IsNull() })
  if (records === 0) return []
  const are = records === 1 ? 'record is' : 'records are'
  return [`${count(records)} ${are} in no call yet: run \`npm run rebuild-calls\``]
}

/** A row for each class: how many calls, and how they ended. */
export function callCells(stats: readonly CallStats[]): string[][] {
  const classes = [...new Set(stats.map((row) => row.class))]
  return classes.map((callClass) => {
    const rows = stats.filter((row) => row.class === callClass)
    const ends = rows.map(({ outcome, calls }) => `${count(calls)} ${outcome.replace('_', ' ')}`)
    return [
      callClass.replace('_', ' '),
      count(rows.reduce((sum, { calls }) => sum + calls, 0)),
      ends.join(', ')
    ]
  })
}
