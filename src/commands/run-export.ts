import { resolve } from 'node:path'
import { parseMoment } from '../config/moments.js'
import { count } from '../count.js'
import { ConfigurationError, messageOf, StoppedError, UsageError } from '../errors.js'
import type { ExportRequest, ExportResult, ExportTools } from '../export/export.js'
import type { Context } from './context.js'
import { readDatabase } from './read-database.js'
import { stopSignal } from './stop-signal.js'

interface ExportOptions {
  output: string | undefined
  format: ExportRequest['format'] | undefined
  since: string | undefined
  until: string | undefined
  json: boolean
}

/** How often the log tells how far it has come, in ms. */
const TELLING = 10_000

export async function runExport(context: Context, options: ExportOptions): Promise<number> {
  const { log, print, now } = context
  const { output, format = 'parquet', json } = options
  if (output === undefined) throw new UsageError('export needs --output <folder>')
  const folder = resolve(output)
  const { dayAt, nextDay } = await import('../export/days.js')
  const { since, until } = rangeOf(options, now())
  const range = {
    from: since === undefined ? undefined : dayAt(since),
    before: until === undefined ? undefined : nextDay(dayAt(until - 1))
  }
  const signal = stopSignal(log)
  const result = await readDatabase(context, async (dataSource) => {
    const { exportDays } = await import('../export/export.js')
    const { RECORDS } = await import('../export/what.js')
    const tools = { dataSource, signal, now, writing: tellerTo(context) }
    return exportDays({ what: RECORDS, format, folder, range }, tools).catch((error) => {
      throw signal.reason instanceof StoppedError ? signal.reason : fileError(folder, error)
    })
  })
  if (json) print(JSON.stringify({ status: 'succeeded', what: 'records', format, folder, ...result }))
  else for (const line of sayResult(result, folder)) print(line)
  return 0
}

/** @throws UsageError */
function rangeOf({ since, until }: ExportOptions, now: number): { since?: number; until?: number } {
  const range = {
    ...(since === undefined ? {} : { since: parseMoment(since, '--since', now) }),
    ...(until === undefined ? {} : { until: parseMoment(until, '--until', now) })
  }
  if (range.since !== undefined && range.until !== undefined && range.since >= range.until) {
    throw new UsageError(`--until ${until} must be later than --since ${since}`)
  }
  return range
}

function tellerTo({ log, now }: Context): ExportTools['writing'] {
  let told = now()
  return (day, done, days) => {
    if (now() - told < TELLING) return
    told = now()
    log.info(`writing ${day}, ${count(done)} of ${count(days)} days are done`)
  }
}

/** What the file system refuses, with the folder that it is about; any other error as it is. */
function fileError(folder: string, error: unknown): unknown {
  const { syscall } = error as NodeJS.ErrnoException
  const isOfFiles = /^(open|write|mkdir|rename|fsync|scandir|stat|unlink|rm)/.test(syscall ?? '')
  if (!isOfFiles) return error
  return new ConfigurationError(
    `cannot write to the folder ${folder}: ${messageOf(error)}; what was written before is complete, and the next export goes on from there`
  )
}

function sayResult(result: ExportResult, folder: string): string[] {
  const { daysWritten, daysUnchanged, daysRemoved, rows, bytes } = result
  return [
    `Exported to ${folder}: ${count(daysWritten)} days written, ${count(daysUnchanged)} unchanged, ${count(daysRemoved)} removed`,
    ...(daysWritten === 0 ? [] : [`  ${count(rows)} records, ${(bytes / 1_000_000).toFixed(1)} MB`])
  ]
}
