import { stringify } from 'csv-stringify/sync'
import type { Format } from './format.js'

/** What is no number to whom it belongs, but is one to a spreadsheet, which would show another: 0049, 20 digits, 12e5. */
const NUMBER_LIKE = /^(0\d+|\d{16,}|\d+e\d+)$/i

/**
 * RFC 4180 in UTF-8 with a byte order mark, as spreadsheets open it. Text that one of them would take for a formula or
 * for another number has an apostrophe before it.
 */
export const csv: Format = {
  withInternal: false,
  open(_, columns, write) {
    write(`\ufeff${columns.map(({ name }) => name).join(',')}\r\n`)
    return {
      add(rows) {
        write(
          stringify(rows as unknown[][], {
            record_delimiter: 'windows',
            // Also a lone CR or LF: whoever reads the file may take it for the end of a row.
            quote_record_delimiter: true,
            escape_formulas: true,
            cast: { boolean: String, date: timeOf, string: guarded }
          })
        )
      },
      end() {}
    }
  }
}

/** As spreadsheets read times. */
function timeOf(time: Date): string {
  const iso = time.toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 23)}`
}

function guarded(text: string): string {
  // The library guards all other beginnings of formulas.
  return text.startsWith('\n') || NUMBER_LIKE.test(text) ? `'${text}` : text
}
