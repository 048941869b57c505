import { parseMoment } from '../config/moments.js'
import { count } from '../count.js'
import { DAY, LATENESS } from '../coverage/rules.js'
import { UsageError } from '../errors.js'
import { inTemporaryFile, type ReportFile, reportFiles } from '../history/report-files.js'
import { TimeZone } from '../history/time-zone.js'
import type { Covers } from '../sync/calls-of-report.js'
import { onceFree } from '../sync/holding-lease.js'
import type { ImportParts, ImportResult } from '../sync/import-run.js'
import { importReports } from '../sync/sync.js'
import { tightenHeap } from '../tight-heap.js'
import type { Context } from './context.js'
import { stopSignal } from './stop-signal.js'

interface ImportOptions {
  covers: string | undefined
  timeZone: string | undefined
  dryRun: boolean
  json: boolean
}

/** How often the log tells how far it has come, in ms. */
const TELLING = 10_000

export async function runImport(context: Context, path: string, options: ImportOptions): Promise<number> {
  const zone = options.timeZone === undefined ? undefined : new TimeZone(options.timeZone)
  const covers = options.covers === undefined ? undefined : coveredBy(options.covers, zone, context.now())
  tightenHeap()
  const signal = stopSignal(context.log)
  const store = async (from: string) =>
    importFiles(context, await reportFiles(from), { zone, covers }, options, signal)
  return path === '-' ? inTemporaryFile(process.stdin, signal, store) : store(path)
}

async function importFiles(
  context: Context,
  files: readonly ReportFile[],
  asked: { zone: TimeZone | undefined; covers: Covers | undefined },
  { dryRun, json }: ImportOptions,
  signal: AbortSignal
): Promise<number> {
  const { settings, log, print, now } = context
  warnOfEarly(context, files, asked.covers)
  const tools = { log, now, signal, looked: tellerTo(context) }
  const request = { files, ...asked, dryRun }
  const result = await onceFree(() => importReports(settings, request, tools), { log, signal })
  if (json) print(JSON.stringify(result))
  else for (const line of sayImported(result)) print(line)
  return 0
}

/**
 * @param typed “2026-01-01..2026-01-31”, whole days of the report's time zone
 * @throws UsageError
 */
function coveredBy(typed: string, zone: TimeZone | undefined, now: number): Covers {
  const [, first, last = first] = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/.exec(typed) ?? []
  if (!first || !last) {
    throw new UsageError(`--covers “${typed}” is not a range of days: write it as 2026-01-01..2026-01-31`)
  }
  const [start, end] = [first, last].map((day) => parseMoment(day, '--covers', now)) as [number, number]
  if (end < start) throw new UsageError(`--covers ${typed} ends before it begins`)
  const midnight = (day: number) =>
    zone ? Date.parse(zone.toUtc(new Date(day).toISOString().slice(0, -1)) ?? '') : day
  const range = { start: midnight(start), end: midnight(end + DAY) }
  if (Number.isNaN(range.start + range.end)) throw new UsageError(`--covers ${typed}: no call was then`)
  if (range.end > now) throw new UsageError(`--covers ${typed}: the last day is not over yet`)
  return { ...range, read: now, isClaimed: true }
}

/** A record comes to the service up to two days late, as far as is known. */
function warnOfEarly({ log }: Context, files: readonly ReportFile[], covers: Covers | undefined): void {
  const early = covers && files.find(({ written }) => written < covers.end + LATENESS.least)
  if (!early) return
  log.warn(
    `${early.name} was made less than two days after the last day of --covers: calls that were recorded late may not be in it`
  )
}

export function tellerTo({ log, now }: Context): ImportParts['looked'] {
  let told = now()
  return ({ name, bytes: all }, bytes, rows) => {
    if (now() - told < TELLING) return
    told = now()
    log.info(`${name}: ${count(rows)} rows, ${Math.floor((100 * bytes) / Math.max(all, 1))} %`)
  }
}

export function sayImported(result: ImportResult): string[] {
  const { status, files, range, fetched, inserted, updated, duplicate, quarantined, notes } = result
  const isDry = status === 'dry run'
  const from = range ? `, calls that began from ${range.start} to ${range.end}` : ''
  return [
    `${isDry ? 'Dry run, nothing stored' : 'Imported'}: ${count(files)} ${files === 1 ? 'file' : 'files'}${from}`,
    `  ${count(fetched)} rows: ${count(inserted)} new, ${count(updated)} completed, ${count(duplicate)} known, ${count(quarantined)} quarantined, ${result.durationSeconds.toFixed(1)} s`,
    ...result.closed.map(({ start, end }) => `  gap closed: ${start} to ${end}`),
    ...(notes ? [`  note: ${notes}`] : [])
  ]
}
