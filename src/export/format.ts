import type { Column, Row } from './columns.js'
import type { What } from './what.js'

/** Takes a part of a file. */
export type Write = (part: string | Uint8Array) => void

export interface FileWriter {
  add(rows: readonly Row[]): void
  /** Writes what a file ends with. */
  end(): void
}

/** A kind of file. */
export interface Format {
  /** Whether it needs what is no column of a file. */
  withInternal: boolean
  open(what: What, columns: readonly Column[], write: Write): FileWriter
}
