import type { Kind, Row } from './columns.js'
import type { Format } from './format.js'

/** A line of JSON a row, in UTF-8. */
export const jsonl: Format = {
  rowsAtOnce: 2_000,
  withInternal: true,
  open(what, columns, write) {
    const lineOf = (row: Row) =>
      what.lineOf
        ? what.lineOf(Object.fromEntries(columns.map(({ property }, index) => [property, row[index]])))
        : JSON.stringify(
            Object.fromEntries(columns.map(({ name, kind }, index) => [name, jsonOf(row[index], kind)]))
          )
    return {
      add(rows) {
        const lines = rows.map(lineOf)
        write(`${lines.join('\n')}\n`)
      },
      end() {}
    }
  }
}

/** Only times of UTC end in Z. */
function jsonOf(value: unknown, kind: Kind): unknown {
  return kind === 'local time' && value instanceof Date ? value.toISOString().slice(0, -1) : value
}
