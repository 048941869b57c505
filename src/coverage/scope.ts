import { createHash } from 'node:crypto'
import type { SourceName } from '../webex/cdr-source.js'
import type { Track } from './watermark.js'

/** The track of a run of this version. */
export interface RunTrack extends Track {
  source: SourceName
}

/** The length of cdr_sync_state.scope. */
const LONGEST = 400

/** The scope of a run that asks for all locations. */
export const ALL_LOCATIONS = 'all locations'

export function trackOf(source: SourceName, locations: readonly string[]): RunTrack {
  return { source, scope: scopeOf(locations) }
}

/**
 * The name under which a location filter has its watermark: a JSON list of the sorted names, so that their
 * order on the command line does not matter, or its SHA-256 where that is too long for the column.
 */
export function scopeOf(locations: readonly string[]): string {
  if (locations.length === 0) return ALL_LOCATIONS
  const text = JSON.stringify([...new Set(locations)].sort())
  return text.length <= LONGEST ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** The location filter of a scope; undefined where its name is a hash. */
export function locationsOf(scope: string): string[] | undefined {
  if (scope === ALL_LOCATIONS) return []
  return scope.startsWith('[') ? JSON.parse(scope) : undefined
}
