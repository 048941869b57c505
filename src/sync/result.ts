import type { Range } from '../coverage/intervals.js'
import type { Plan } from '../coverage/plan.js'
import { RULES } from '../coverage/rules.js'
import type { RunTrack } from '../coverage/scope.js'
import type { Track } from '../coverage/watermark.js'
import type { Log } from '../log.js'
import type { FlawCount } from '../record/flaw-count.js'
import type { Counters } from '../store/counters.js'

/** What a run did. Times are ISO 8601 in UTC. */
export interface SyncResult extends Track, Counters {
  status: 'succeeded' | 'dry run'
  /** From the beginning of the first window to the end of the last one. */
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
export function announce(log: Log, { source, scope }: RunTrack, { windows, clamped }: Plan): void {
  const { start, end } = rangeOf(windows)
  log.info(`${source}, ${scope}: ${isoTime(start)} to ${isoTime(end)}, ${plural(windows.length, 'window')}`)
  if (clamped) log.warn(`${source} keeps ${RULES[source].keptFor}: this run starts at ${isoTime(start)}`)
}

/** From the beginning of the first window to the end of the last one. */
export function rangeOf(windows: readonly Range[]): Range {
  return { start: windows[0]?.start ?? 0, end: windows.at(-1)?.end ?? 0 }
}

/** What no run fetches by itself. */
export function sayGap({ start, end }: Range): string {
  return `GAP: calls that began from ${isoTime(start)} to ${isoTime(end)} are missing; \`npm run stats\` shows what can be done`
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
  { backfill, clamped }: Pick<Plan, 'backfill' | 'clamped'>,
  remarks: readonly string[],
  flaws: FlawCount,
  rateLimitWait: number
): string {
  return [
    backfill && 'backfill',
    clamped && 'started with the oldest records that Webex has',
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
