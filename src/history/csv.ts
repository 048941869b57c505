import Papa from 'papaparse'
import { FileError } from '../errors.js'

/** A row as it stands in the file. */
export interface CsvRow {
  cells: string[]
  /** Its quotes do not match: where its cells end is a guess. */
  isTorn: boolean
  /** Of the last row: the quotation mark of a value may end it; or nothing does, and that value may be cut. */
  end: 'line' | 'quote' | 'nothing'
}

/** In UTF-16 units. A record of the service has about 2,000. */
const LONGEST_ROW = 100_000

/**
 * The rows of a CSV text (RFC 4180, a line may end with LF alone), as they come in; blank lines left out.
 * @param name of the file, for errors
 * @throws FileError where the text is cut off inside a quoted value, or a row has no end
 */
export async function* csvRows(
  chunks: AsyncIterable<string>,
  name: string
): AsyncGenerator<CsvRow[], void, undefined> {
  const parser = new Papa.Parser({ delimiter: ',', newline: '\n' })
  let rest = ''
  // A row that goes on through many chunks is not read again with each of them.
  let enough = 0
  for await (const chunk of chunks) {
    rest += chunk
    if (rest.length < enough) continue
    const { rows, end } = parsed(parser, rest, false)
    rest = rest.slice(end)
    enough = 2 * rest.length
    if (rest.length > LONGEST_ROW) {
      throw new FileError(`${name}: a row does not end: a quotation mark is missing, or it is no CSV file`)
    }
    if (rows.length > 0) yield rows
  }
  const { rows, isCut } = parsed(parser, rest, true)
  if (isCut) throw cutOff(name)
  if (rows.length > 0) yield rows
}

export function cutOff(name: string): FileError {
  return new FileError(`${name} ends within a row, without a line end: it was cut off; download it again`)
}

interface Parsed {
  rows: CsvRow[]
  /** Where the first row begins that is not among them, in UTF-16 units. */
  end: number
  /** The text ends in a quoted value. */
  isCut: boolean
}

function parsed(parser: Papa.Parser, text: string, isLast: boolean): Parsed {
  const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(text, 0, !isLast)
  const torn = new Set(errors.map(({ row }) => row))
  const last = isLast ? data.length - 1 : undefined
  const rows = data.map((cells, index) => ({
    cells: withoutCarriageReturn(cells),
    isTorn: torn.has(index),
    end: index === last ? endOf(text) : ('line' as const)
  }))
  return {
    rows: rows.filter(({ cells }) => cells.length > 1 || cells[0] !== ''),
    end: meta.cursor,
    isCut: errors.some(({ code }) => code === 'MissingQuotes')
  }
}

function endOf(text: string): CsvRow['end'] {
  return text.endsWith('\n') ? 'line' : text.endsWith('"') ? 'quote' : 'nothing'
}

/** Of lines that end with CR LF. */
function withoutCarriageReturn(cells: string[]): string[] {
  const last = cells.length - 1
  if (cells[last]?.endsWith('\r')) cells[last] = cells[last].slice(0, -1)
  return cells
}
