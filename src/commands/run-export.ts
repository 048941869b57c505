import { resolve } from 'node:path'
import { parseRange } from '../config/moments.js'
import { count } from '../count.js'
import { ConfigurationError, messageOf, StoppedError, UsageError } from '../errors.js'
import type { ExportRequest, ExportResult, ExportTools } from '../export/export.js'
import type { WhatName } from '../export/what.js'
import { tightenOldSpace } from '../tight-heap.js'
import type { Context } from './context.js'
import { readDatabase } from './read-database.js'
import { stopSignal } from './stop-signal.js'

interface ExportOptions {
  what: WhatName | undefined
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
  const { output, what = 'records', format = 'parquet', json } = options
  if (output === undefined) throw new UsageError('export needs --output <folder>')
  const folder = resolve(output)
  const { dayAt, nextDay } = await import('../export/days.js')
  const { since, until } = parseRange(options, now())
  const range = {
    from: since === undefined ? undefined : dayAt(since),
    before: until === undefined ? undefined : nextDay(dayAt(until - 1))
  }
  tightenOldSpace()
  const signal = stopSignal(log)
  const result = await readDatabase(context, async (dataSource) => {
    const { exportDays } = await import('../export/export.js')
    const { WHATS } = await import('../export/what.js')
    const tools = { dataSource, signal, now, writing: tellerTo(context) }
    return exportDays({ what: WHATS[what], format, folder, range }, tools).catch((error) => {
      throw signal.reason instanceof StoppedError ? signal.reason : fileError(folder, error)
    })
  })
  if (json) print(JSON.stringify({ status: 'succeeded', what, format, folder, ...result }))
  else for (const line of sayResult(result, what, folder)) print(line)
  return 0
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

function sayResult(result: ExportResult, what: WhatName, folder: string): string[] {
  const { daysWritten, daysUnchanged, daysRemoved, rows, bytes } = result
  return [
    `Exported to ${folder}: ${count(daysWritten)} days written, ${count(daysUnchanged)} unchanged, ${count(daysRemoved)} removed`,
    ...(daysWritten === 0 ? [] : [`  ${count(rows)} ${what}, ${(bytes / 1_000_000).toFixed(1)} MB`])
  ]
}
