import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Draft, randomName } from '../replace-file.js'

const TEMPORARY = /^_export\..*\.tmp$/
/** In ms: another export writes its file all the time. */
const ABANDONED = 3_600_000

export interface DayFile {
  bytes: number
  /** When it was written, ISO 8601. */
  modified: string
}

/** A folder with a file for each UTC day, as Hive lays them out: `day=2026-11-28/records.parquet`. */
export class DayFolder {
  /** @param fileName of each day's file */
  constructor(
    private readonly path: string,
    private readonly fileName: string
  ) {}

  /** Makes it, for its owner alone, if it is not there; what an export that was killed has left is removed. */
  prepare(now: number): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(this.path).filter((name) => TEMPORARY.test(name))) {
      const file = join(this.path, name)
      if (now - statSync(file).mtimeMs > ABANDONED) rmSync(file, { force: true })
    }
  }

  /** The days that have a file, in order. */
  days(): string[] {
    return readdirSync(this.path)
      .flatMap((name) => /^day=(\d{4}-\d\d-\d\d)$/.exec(name)?.[1] ?? [])
      .filter((day) => this.fileOf(day))
      .sort()
  }

  fileOf(day: string): DayFile | undefined {
    const file = statSync(this.pathOf(day), { throwIfNoEntry: false })
    return file && { bytes: file.size, modified: file.mtime.toISOString() }
  }

  /** A new file for a day, which takes its place when it is complete. */
  draftOf(day: string): Draft {
    mkdirSync(join(this.path, `day=${day}`), { recursive: true })
    // Not beside its target, where an engine could read it.
    return new Draft(this.pathOf(day), join(this.path, `_export.${randomName()}.tmp`))
  }

  remove(day: string): void {
    rmSync(this.pathOf(day), { force: true })
    try {
      rmdirSync(join(this.path, `day=${day}`))
    } catch {
      // Somebody has put something else there.
    }
  }

  private pathOf(day: string): string {
    return join(this.path, `day=${day}`, this.fileName)
  }
}
