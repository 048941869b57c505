import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import { type Range, RULES } from '../coverage/windows.js'
import type { Log } from '../log.js'
import type { FlawCount } from '../record/flaw-count.js'
import type { Counters } from '../store/counters.js'
import type { RunPlan } from './plan-run.js'

/** What a run did. Times are ISO 8601 in UTC. */
export interface SyncResult extends Track, Counters {
  status: 'succeeded' | 'dry run'
  range: { start: string; end: string }
  windows: number
  /** Of these, those of which the service did not send all that it has. */
  incomplete: number
  apiCalls: number
  durationSeconds: number
  /** null after a backfill or a dry run of a scope that has none yet. */
  watermark: string | null
  notes: string
}

/** Tells the log what a run is about to do. */
export function announce(log: Log, { source, scope }: RunTrack, plan: RunPlan, windows: number): void {
  const { range, clamped, predecessor, watermark, backfill } = plan
  log.info(
    `${source}, ${scope}: ${isoTime(range.start)} to ${isoTime(range.end)}, ${plural(windows, 'window')}`
  )
  if (predecessor !== undefined && watermark === undefined && !backfill) {
    log.info('the first sync after the Python tool asks for all that the service has: about an hour')
  }
  if (clamped) log.warn(`${source} has ${RULES[source].keptFor}: this run starts at ${isoTime(range.start)}`)
}

/** What is lost to a source. */
export function sayGap({ source }: RunTrack, { start, end }: Range): string {
  return `GAP: calls from ${isoTime(start)} to ${isoTime(end)} are no longer at ${source} (${RULES[source].keptFor}) and were not all fetched; see \`npm run stats\``
}

/** A line for the log once a window is read, with what became of its records unless it was a dry run. */
export function sayWindow({ start, end }: Range, pages: number, counters: Counters, dryRun: boolean): string {
  const { fetched, inserted, updated, duplicate, quarantined } = counters
  const read = `${isoTime(start)} to ${isoTime(end)}: ${plural(pages, 'page')}, ${plural(fetched, 'record')}`
  return dryRun
    ? read
    : `${read}: ${inserted} new, ${updated} updated, ${duplicate} known, ${quarantined} quarantined`
}

/** cdr_sync_state.notes: what is worth knowing of a run beyond its counters. */
export function notesOf(
  { backfill, clamped }: RunPlan,
  remarks: readonly string[],
  flaws: FlawCount,
  rateLimitWait: number
): string {
  return [
    backfill && 'backfill',
    clamped && 'began with the oldest that the service has',
    ...remarks,
    flaws.toString(),
    rateLimitWait > 0 && `waited ${Math.round(rateLimitWait / 1_000)} s for the rate limit`
  ]
    .filter(Boolean)
    .join('; ')
}

export function isoTime(moment: number): string {
  return new Date(moment).toISOString()
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
