import { writeFileSync } from 'node:fs'
import type { DataSource, EntityManager } from 'typeorm'
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
 * @returns undefined where the day has no rows any more
 */
export async function writeDay(job: DayJob, day: string): Promise<DayEntry | undefined> {
  for (let reading = 1; ; reading += 1) {
    const draft = job.folder.draftOf(day)
    try {
      const [before, after] = await readInto(draft.file, job, day)
      if (!before) return undefined
      if (JSON.stringify(before) !== JSON.stringify(after) && reading < READINGS) continue
      draft.replace()
      const file = job.folder.fileOf(day)
      // Somebody has removed it already: it is written again.
      return { ...before, bytes: 0, modified: '', ...file }
    } finally {
      draft.discard()
    }
  }
}

/** @returns what the day was before and after, which in SQLite is the same */
function readInto(
  file: number,
  { what, format, columns, dataSource, signal }: DayJob,
  day: string
): Promise<[before: DayState | undefined, after: DayState | undefined]> {
  const { withInternal } = format
  const stateOf = (manager: EntityManager) => dayOf(manager, { what, withInternal }, day)
  return dataSource.transaction(async (manager) => {
    const before = await stateOf(manager)
    const writer = format.open(what, columns, (part) => writeFileSync(file, part))
    const pages = pagesOf(manager, what, columns, day, { size: format.rowsAtOnce, signal })
    for await (const rows of pages) writer.add(rows)
    writer.end()
    return [before, await stateOf(manager)]
  })
}
