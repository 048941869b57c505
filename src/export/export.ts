import { ConfigurationError } from '../errors.js'
import { columnsOf } from './columns.js'
import { type DayRange, type DayState, daysOf } from './days.js'
import { DayFolder } from './folder.js'
import { FORMATS, type FormatName } from './formats.js'
import { Manifest } from './manifest.js'
import type { What } from './what.js'
import { type DayJob, writeDay } from './write-day.js'

export interface ExportRequest {
  what: What
  format: FormatName
  folder: string
  /** Only these days are looked at. */
  range: DayRange
}

export interface ExportTools extends Pick<DayJob, 'dataSource' | 'signal'> {
  now: () => number
  /** Told before each file that is written. */
  writing(day: string, done: number, days: number): void
}

export interface ExportResult {
  daysWritten: number
  daysUnchanged: number
  daysRemoved: number
  /** In the files that were written. */
  rows: number
  bytes: number
}

/**
 * Brings a folder up to date: writes the days whose rows have changed since, and removes the files of days that have no
 * rows any more. Each file is replaced in one step and noted then, so that an export may be killed at any moment.
 * @throws ConfigurationError where the folder has an export of something else, or the database nothing
 */
export async function exportDays(request: ExportRequest, tools: ExportTools): Promise<ExportResult> {
  const { what, format: suffix, range } = request
  const { dataSource, signal, now, writing } = tools
  const { manager } = dataSource
  const format = FORMATS[suffix]
  const columns = columnsOf(manager, what, format.withInternal)
  const folder = new DayFolder(request.folder, `${what.name}.${suffix}`)
  folder.prepare(now())
  const names = columns.map(({ name }) => name)
  const manifest = Manifest.open(request.folder, { what: what.name, format: suffix, columns: names })

  const stored = await daysOf(manager, { what, withInternal: format.withInternal }, range, signal)
  const gone = folder.days().filter((day) => isWithin(day, range) && !stored.has(day))
  if (gone.length > 0 && stored.size === 0 && !(await manager.exists(what.entity))) {
    throw new ConfigurationError(
      `the database has no ${what.name}, but ${request.folder} has files of them: check DATABASE_URL, or delete these files`
    )
  }
  const remove = (day: string) => {
    folder.remove(day)
    manifest.days.delete(day)
  }
  gone.forEach(remove)
  if (gone.length > 0) manifest.save()

  const changed = [...stored].filter(([day, state]) => !isCurrent(day, state, folder, manifest))
  const result = {
    daysWritten: 0,
    daysUnchanged: stored.size - changed.length,
    daysRemoved: gone.length,
    rows: 0,
    bytes: 0
  }
  for (const [index, [day, state]] of changed.entries()) {
    writing(day, index, changed.length)
    const entry = await writeDay({ ...tools, what, format, columns, folder }, day, state)
    if (entry) manifest.days.set(day, entry)
    else remove(day)
    manifest.save()
    result[entry ? 'daysWritten' : 'daysRemoved'] += 1
    result.rows += entry?.rows ?? 0
    result.bytes += entry?.bytes ?? 0
  }
  return result
}

function isWithin(day: string, { from, before }: DayRange): boolean {
  return (from === undefined || day >= from) && (before === undefined || day < before)
}

/** Whether the file is the one that was written of just these rows: another export, or somebody, may have replaced it. */
function isCurrent(day: string, { rows, changes }: DayState, folder: DayFolder, { days }: Manifest): boolean {
  const entry = days.get(day)
  const file = folder.fileOf(day)
  return (
    entry !== undefined &&
    file?.bytes === entry.bytes &&
    file.modified === entry.modified &&
    rows === entry.rows &&
    JSON.stringify(changes) === JSON.stringify(entry.changes)
  )
}
