import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigurationError, messageOf } from '../errors.js'
import { replaceFile } from '../replace-file.js'
import type { DayState } from './days.js'
import type { DayFile } from './folder.js'

/** Engines take no notice of files whose names begin with an underscore. */
const NAME = '_export.json'

/** Of the file and of what it tells of; where it changes, everything is exported anew. */
const VERSION = 1

const SCHEMA = z.object({
  version: z.number(),
  what: z.string(),
  format: z.string(),
  columns: z.array(z.string()),
  days: z.record(
    z.string(),
    z.object({
      rows: z.number(),
      changes: z.record(z.string(), z.tuple([z.number(), z.string().nullable()])),
      bytes: z.number(),
      modified: z.string()
    })
  )
})

/** A day's file, and the rows that it was made of. */
export interface DayEntry extends DayState, DayFile {}

/** What an export is of. */
export interface Subject {
  what: string
  format: string
  columns: readonly string[]
}

/** Which rows the files of a folder have, kept beside them. */
export class Manifest {
  readonly days: Map<string, DayEntry>

  private constructor(
    private readonly path: string,
    private readonly subject: Subject,
    days: Record<string, DayEntry>
  ) {
    this.days = new Map(Object.entries(days))
  }

  /** @throws ConfigurationError where the folder has an export of something else */
  static open(folder: string, subject: Subject): Manifest {
    const path = join(folder, NAME)
    const found = read(path)
    if (!found) return new Manifest(path, subject, {})
    const { version, what, format, columns, days } = found
    if (what !== subject.what || format !== subject.format) {
      throw new ConfigurationError(
        `${folder} has an export of ${what} as ${format}: specify another folder with --output`
      )
    }
    const isOfTheSameKind = version === VERSION && columns.join() === subject.columns.join()
    return new Manifest(path, subject, isOfTheSameKind ? days : {})
  }

  save(): void {
    const days = Object.fromEntries([...this.days].sort(([a], [b]) => (a < b ? -1 : 1)))
    replaceFile(this.path, `${JSON.stringify({ version: VERSION, ...this.subject, days })}\n`)
  }
}

function read(path: string): z.infer<typeof SCHEMA> | undefined {
  try {
    return SCHEMA.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const reason = error instanceof z.ZodError ? 'it is not what an export writes' : messageOf(error)
    throw new ConfigurationError(`${path} cannot be read: ${reason}; delete it to export all days again`)
  }
}
