import type { EntityManager } from 'typeorm'
import { CdrApiDrift } from '../entities/index.js'
import { fieldOf, isKnownSpelling, isKnownValue } from '../record/fields.js'

/** What the service sends and this program does not know: a row of cdr_api_drift. Times are ISO 8601 in UTC. */
export interface DriftStats {
  kind: string
  name: string
  value: string
  occurrences: number
  firstSeen: string
  lastSeen: string
}

/** The newest first, without what an older version counted and this one knows. */
export async function driftOf(manager: EntityManager): Promise<DriftStats[]> {
  const rows = await manager.find(CdrApiDrift, { order: { firstSeenUtc: 'DESC', id: 'DESC' } })
  return rows
    .filter((row) => !isKnown(row))
    .map(({ kind, name, value, occurrences, firstSeenUtc, lastSeenUtc }) => ({
      kind,
      name,
      value,
      occurrences: Number(occurrences),
      firstSeen: firstSeenUtc.toISOString(),
      lastSeen: lastSeenUtc.toISOString()
    }))
}

/** More would hide what else `stats` shows. */
const MOST = 20

/** Cells for people. */
export function driftCells(drift: readonly DriftStats[]): string[][] {
  if (drift.length === 0) return []
  const rows = drift
    .slice(0, MOST)
    .map(({ kind, name, value, occurrences, firstSeen, lastSeen }) => [
      kind,
      name,
      value,
      occurrences.toLocaleString('en-US'),
      firstSeen.slice(0, 19),
      lastSeen.slice(0, 19)
    ])
  const rest = drift.length - rows.length
  return [
    ['kind', 'name', 'value', 'occurrences', 'first seen', 'last seen'],
    ...rows,
    ...(rest > 0 ? [['…', `${rest} more in cdr_api_drift`]] : [])
  ]
}

function isKnown({ kind, name, value }: CdrApiDrift): boolean {
  const field = fieldOf(name)
  switch (kind) {
    case 'key':
      return field !== undefined
    case 'spelling':
      return isKnownSpelling(value)
    case 'type':
      return field?.types.some((type) => type === value) ?? false
    case 'value':
      return field !== undefined && isKnownValue(field, value)
    case 'more':
      return false
  }
}
