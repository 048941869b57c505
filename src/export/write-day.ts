import { writeFileSync } from 'node:fs'
import type { DataSource } from 'typeorm'
import type { Column } from './columns.js'
import { type DayState, dayOf } from './days.js'
import type { DayFolder } from './folder.js'
import type { Format } from './format.js'
import type { DayEntry } from './manifest.js'
import { pagesOf } from './rows.js'
import type { What } from './what.js'

export interface DayJob {
  what: What
  format: Format
  columns: readonly Column[]
  folder: DayFolder
  dataSource: DataSource
  signal: AbortSignal
}

/** How often a day is read if its rows change meanwhile, as SQL Server lets them. */
const READINGS = 3

/**
 * Writes a day's file and puts it in its place. If the rows changed while they were read, each time, the entry is of the
 * rows before, so that the next export writes the day again.
 * @param before the day as it was when last looked at
 * @returns undefined where the day has no rows any more
 */
export async function writeDay(
  job: DayJob,
  day: string,
  before: DayState | undefined
): Promise<DayEntry | undefined> {
  for (let reading = 1; ; reading += 1) {
    const draft = job.folder.draftOf(day)
    try {
      const after = await readInto(draft.file, job, day)
      if (JSON.stringify(before) !== JSON.stringify(after) && reading < READINGS) {
        before = after
        continue
      }
      if (!before) return undefined
      draft.replace()
      const file = job.folder.fileOf(day)
      // Somebody has removed it already: it is written again.
      return { ...before, bytes: 0, modified: '', ...file }
    } finally {
      draft.discard()
    }
  }
}

/** @returns what the day is then */
function readInto(
  file: number,
  { what, format, columns, dataSource, signal }: DayJob,
  day: string
): Promise<DayState | undefined> {
  return dataSource.transaction(async (manager) => {
    const writer = format.open(what, columns, (part) => writeFileSync(file, part))
    for await (const rows of pagesOf(manager, { what, columns, day }, signal)) writer.add(rows)
    writer.end()
    return dayOf(manager, { what, withInternal: format.withInternal }, day)
  })
}
