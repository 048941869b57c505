import { count } from '../count.js'
import { inColumns } from '../in-columns.js'
import { callCells } from './calls.js'
import { driftCells } from './drift.js'
import type { LatenessStats } from './lateness.js'
import { retentionCells } from './retention.js'
import type { RunStats, Stats } from './stats.js'

/** The lines of `stats` for people. */
export function sayStats(stats: Stats): string[] {
  const {
    records,
    days,
    directions,
    calls,
    watermarks,
    runs,
    openErrors,
    lateness,
    drift,
    retention,
    warnings
  } = stats
  return [
    `${count(records.total)} records${records.total > 0 ? `, Start time ${records.oldestStart} to ${records.newestStart}` : ''}`,
    ...section(
      'Watermarks',
      watermarks.map(({ source, scope, watermark, lagSeconds }) => [
        source,
        scope,
        watermark,
        `${sayLag(lagSeconds)} ago`
      ])
    ),
    ...section(
      'Records by day, 14 days',
      days.map(({ day, records }) => [day, count(records)])
    ),
    ...section(
      'Directions, 7 days',
      directions.map(({ direction, records }) => [direction ?? '(none)', count(records)])
    ),
    ...section('Calls, 7 days', callCells(calls)),
    ...section('Newest runs', runs.length === 0 ? [] : [RUN_COLUMNS, ...runs.map(runCells)]),
    ...section(
      'Notes of these runs',
      runs.flatMap(({ id, notes }) => (notes ? [[String(id), notes]] : []))
    ),
    ...section(
      'Open errors',
      openErrors.map(({ type, count: errors, newest }) => [type, count(errors), `newest ${newest}`])
    ),
    ...section('Delay from the end of a call to its record here, 7 days', latenessCells(lateness)),
    ...section('Sent by the service but unknown to this version', driftCells(drift)),
    ...(retention.length === 0 ? ['', 'Retention: everything is kept for ever'] : []),
    ...section('Retention', retentionCells(retention)),
    ...warnings.map((warning) => `WARNING: ${warning}`)
  ]
}

const RUN_COLUMNS = [
  ...[
    'id',
    'started',
    'status',
    'fetched',
    'new',
    'updated',
    'known',
    'quarantined',
    'calls',
    'seconds',
    'source',
    'scope'
  ]
]

function runCells(run: RunStats): string[] {
  const { fetched, inserted, updated, duplicate, quarantined, apiCalls, durationSeconds } = run
  return [
    String(run.id),
    run.started?.slice(0, 19) ?? '',
    run.status ?? 'predecessor',
    ...[fetched, inserted, updated, duplicate, quarantined, apiCalls, durationSeconds].map((n) =>
      n === null ? '' : count(n)
    ),
    run.source ?? '',
    run.scope ?? ''
  ]
}

function latenessCells({ records, p50, p90, p99, max, latest, lookback }: LatenessStats): string[][] {
  if (records === 0) return []
  const within = (seconds: number | null) => `within ${sayLag(seconds ?? 0)}`
  return [
    ['half', within(p50)],
    ['90 %', within(p90)],
    ['99 %', within(p99)],
    [`all ${count(records)}`, within(max)],
    ['read again', `${sayLag(lookback)} once a day; the latest began ${sayLag(latest)} before what was read`]
  ]
}

function section(title: string, rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', title, ...inColumns(rows).map((line) => `  ${line}`)]
}

function sayLag(seconds: number): string {
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} d`
}
