import type { Format } from './format.js'

/** A line of JSON a row, in UTF-8. */
export const jsonl: Format = {
  rowsAtOnce: 2_000,
  withInternal: true,
  open(what, columns, write) {
    const properties = columns.map(({ property }) => property)
    return {
      add(rows) {
        const lines = rows.map((row) =>
          what.lineOf(Object.fromEntries(properties.map((property, index) => [property, row[index]])))
        )
        write(`${lines.join('\n')}\n`)
      },
      end() {}
    }
  }
}
