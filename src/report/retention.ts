import { And, type EntityManager, LessThan, MoreThanOrEqual } from 'typeorm'
import { type Age, beginningOf, sayAge } from '../config/ages.js'
import type { RetentionPolicy } from '../config/retention.js'
import { CdrRecord, CdrSyncState } from '../entities/index.js'
import { progressOf } from '../store/retention-progress.js'

/** A part of the retention policy, and how far it has come. Times are ISO 8601 in UTC. */
export interface RetentionStats {
  part: 'records' | 'mask' | 'rawJson' | 'runs'
  /** “13 months” */
  after: string
  /** records and runs: the oldest that is stored. mask and rawJson: it is done for calls that began before. */
  reached: string | null
  /** Start time of the oldest record that waits for it longer than it should; null where none does. */
  overdueFrom: string | null
}

/** In ms: a machine may be off for a night. */
const GRACE = 2 * 86_400_000

/** Reads no more than a few index entries, however many records there are. Nothing without a policy. */
export async function retentionOf(
  manager: EntityManager,
  policy: RetentionPolicy,
  now: number
): Promise<RetentionStats[]> {
  const { records, mask, rawJson, runs } = policy
  const late = (age: Age) => new Date(beginningOf(age, now - GRACE))
  const parts: RetentionStats[] = []
  if (records) {
    const oldest = await oldestStart(manager)
    const overdue = oldest && oldest < late(records)
    parts.push(partOf('records', records, oldest, overdue ? oldest : undefined))
  }
  for (const [part, age] of [
    ['mask', mask],
    ['rawJson', rawJson]
  ] as const) {
    if (!age) continue
    const done = await progressOf(manager, part)
    const reached = done && new Date(done.before)
    parts.push(partOf(part, age, reached, await oldestStart(manager, reached, late(age))))
  }
  if (runs) {
    const [first] = await manager.find(CdrSyncState, { order: { id: 'ASC' }, take: 1 })
    parts.push(partOf('runs', runs, first?.createdAt ?? undefined, undefined))
  }
  return parts
}

function partOf(
  part: RetentionStats['part'],
  after: Age,
  reached: Date | undefined,
  overdue: Date | undefined
): RetentionStats {
  return {
    part,
    after: sayAge(after),
    reached: reached?.toISOString() ?? null,
    overdueFrom: overdue?.toISOString() ?? null
  }
}

/** Of the records in that range; start_time has an index. */
async function oldestStart(manager: EntityManager, from?: Date, before?: Date): Promise<Date | undefined> {
  const bounds = [...(from ? [MoreThanOrEqual(from)] : []), ...(before ? [LessThan(before)] : [])]
  const [record] = await manager.find(CdrRecord, {
    select: { startTime: true },
    where: bounds.length > 0 ? { startTime: And(...bounds) } : {},
    order: { startTime: 'ASC' },
    take: 1
  })
  return record?.startTime
}

const WORDS = {
  records: ['records', 'deleted', 'records from … on are still stored'],
  mask: ['records', 'masked', 'records from … on are not masked'],
  rawJson: ['raw_json', 'removed', 'raw_json of calls from … on is still stored'],
  runs: ['runs and errors', 'deleted', '']
} as const satisfies Record<RetentionStats['part'], readonly string[]>

/** “records masked after 30 days” */
export function sayPart({ part, after }: RetentionStats): string {
  const [what, done] = WORDS[part]
  return `${what} ${done} after ${after}`
}

/** One line with the remedy for each part that is overdue. */
export function sayOverdue(parts: readonly RetentionStats[]): string[] {
  return parts.flatMap(({ part, after, overdueFrom }) => {
    if (overdueFrom === null) return []
    const [, done, waiting] = WORDS[part]
    return `${waiting.replace('…', overdueFrom)}, and should be ${done} after ${after}: run \`npm run retain\`, and schedule it (\`npm run schedule -- --job retain\`)`
  })
}

export function retentionCells(parts: readonly RetentionStats[]): string[][] {
  return parts.map(({ part, after, reached }) => {
    const [what, done] = WORDS[part]
    return [what, `${done} after ${after}`, sayReached(part, reached)]
  })
}

function sayReached(part: RetentionStats['part'], reached: string | null): string {
  if (part === 'records' || part === 'runs')
    return reached === null ? 'none stored' : `the oldest: ${reached}`
  return reached === null ? 'not run yet' : `done for calls before ${reached}`
}
