import type { Kind, Row } from './columns.js'
import type { Format } from './format.js'

/** A line of JSON a row, in UTF-8. */
export const jsonl: Format = {
  withInternal: true,
  open(what, columns, write) {
    const lineOf = (row: Row) => {
      const object: Record<string, unknown> = {}
      for (const [index, { property, name, kind }] of columns.entries()) {
        if (what.lineOf) object[property] = row[index]
        else object[name] = jsonOf(row[index], kind)
      }
      return what.lineOf?.(object) ?? JSON.stringify(object)
    }
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
