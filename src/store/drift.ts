import { type EntityManager, Not } from 'typeorm'
import { NOW } from '../entities/columns.js'
import { CdrApiDrift } from '../entities/index.js'
import type { Drift, DriftCount } from '../record/drift.js'

/** A service that made up keys would fill the table: what is beyond is counted in one row. */
const MOST_ROWS = 1_000
const BEYOND = { kind: 'more', name: '(more)', value: '' } as const

/** Adds the counts of a page to those of cdr_api_drift. Part of the page's transaction. */
export async function saveDrift(manager: EntityManager, drift: DriftCount): Promise<void> {
  let room: number | undefined
  let { more } = drift
  for (const counted of drift.counts.values()) {
    if (await update(manager, counted)) continue
    room ??= await roomIn(manager)
    room -= 1
    if (room < 0) more += counted.occurrences
    else await insert(manager, counted)
  }
  const beyond = { ...BEYOND, occurrences: more, example: null }
  if (more > 0 && !(await update(manager, beyond))) await insert(manager, beyond)
}

/** For how many rows there is room, but for the one for what is beyond. */
async function roomIn(manager: EntityManager): Promise<number> {
  return MOST_ROWS - 1 - (await manager.countBy(CdrApiDrift, { kind: Not(BEYOND.kind) }))
}

/** @returns false where there is no such row */
async function update(manager: EntityManager, { kind, name, value, ...counted }: Drift): Promise<boolean> {
  const row = { kind, name, value }
  if (!(await manager.existsBy(CdrApiDrift, row))) return false
  await manager
    .createQueryBuilder()
    .update(CdrApiDrift)
    .set({
      occurrences: () => `occurrences + ${counted.occurrences}`,
      lastSeenUtc: () => NOW,
      ...(counted.example === null ? {} : { example: () => 'COALESCE(example, :example)' })
    })
    .where(row)
    .setParameter('example', counted.example)
    .execute()
  return true
}

async function insert(manager: EntityManager, counted: Drift): Promise<void> {
  await manager
    .createQueryBuilder()
    .insert()
    .into(CdrApiDrift)
    .values({ ...counted, firstSeenUtc: () => NOW, lastSeenUtc: () => NOW })
    .updateEntity(false)
    .execute()
}
