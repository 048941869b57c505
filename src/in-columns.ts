import { legible } from './legible.js'

/** Cells in columns as wide as their widest; numbers stand to the right. Some come from the service, and this is somebody's terminal. */
export function inColumns(raw: readonly (readonly string[])[]): string[] {
  const rows = raw.map((row) => row.map((cell) => legible(cell)))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) =>
        /^[\d,]+$/.test(cell) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
      )
      .join('  ')
      .trimEnd()
  )
}
