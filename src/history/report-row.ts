import { FileError, UsageError } from '../errors.js'
import { legible } from '../legible.js'
import { COLUMNS, type Field, fieldOf, folded, knownField } from '../record/fields.js'
import { fieldValue, saysNothing } from '../record/values.js'
import type { TimeZone } from './time-zone.js'

/** A column of a report, by the name that its header gives it. */
interface Column {
  /** The key that cdr_feed has for it; a name that no field stands for as it is. */
  key: string
  /** @returns what cdr_feed would send */
  read(text: string): unknown
}

/** The service has 87 fields. */
export const MOST_COLUMNS = 1_000

/** Without one of them a row cannot be told from others, or is no call. */
const NEEDED = ['Report ID', 'Start time'].map(knownField)

/**
 * Turns the rows of a report “Calling Detailed Call History” into items as cdr_feed sends them. Columns are known by
 * name, whatever their order and letter case: the service has added some at the end and some between others.
 */
export class ReportHeader {
  private readonly columns: readonly Column[]
  /** An item's shape from the start: growing one key by key costs as much as all the rest. */
  private readonly empty: Readonly<Record<string, unknown>>

  /**
   * @param cells the first row
   * @param file its name, for errors
   * @param zone in which times without an offset are; undefined where nobody has told
   * @throws FileError where it is the header of something else
   */
  constructor(
    cells: readonly string[],
    private readonly file: string,
    private readonly zone: TimeZone | undefined
  ) {
    if (cells.length > MOST_COLUMNS)
      throw new FileError(`${file} has ${cells.length} columns: it is no report`)
    const names = cells.map((name) => name.trim())
    for (const { key, folded } of NEEDED) {
      if (!names.some((name) => fieldOf(name)?.folded === folded)) throw notThis(file, key, names)
    }
    if (names.some((name) => name.includes('\r'))) throw notInLines(file)
    this.columns = eachOnce(names).map((name) => this.column(name))
    this.empty = Object.fromEntries(this.columns.map(({ key }) => [key, undefined]))
  }

  /** How many cells a row has. */
  get length(): number {
    return this.columns.length
  }

  /**
   * An item as cdr_feed sends it; what the row says nothing of is undefined.
   * @throws UsageError where a time is local and nobody has told the zone
   */
  itemOf(cells: readonly string[]): Record<string, unknown> {
    const item = { ...this.empty }
    for (let index = 0; index < this.columns.length; index += 1) {
      const text = cells[index] ?? ''
      const column = this.columns[index]
      if (column && !saysNothing(text)) item[column.key] = column.read(text)
    }
    return item
  }

  private column(name: string): Column {
    const field = fieldOf(name)
    if (!field) return { key: name, read: (text) => text }
    if (TIMES.has(field)) return { key: field.key, read: (text) => this.time(field.key, text) }
    const isNumber = field.types[0] === 'number'
    return { key: field.key, read: isNumber ? numberIn : (text) => text }
  }

  /** What is no time stays as it is: it is kept and told of later. */
  private time(key: string, text: string): string {
    if (AS_THE_API_HAS_IT.test(text)) return text
    const [, local, offset] = TIME.exec(text) ?? []
    if (local === undefined) return text
    if (offset === undefined && !this.zone) {
      throw new UsageError(
        `${this.file}: the times have no time zone (${key} “${local}”): tell that of the report, such as --time-zone UTC or --time-zone Europe/Berlin`
      )
    }
    const inUtc = offset === undefined ? this.zone?.toUtc(local) : text
    const { value } = fieldValue(inUtc, 'time', 0)
    return value instanceof Date ? value.toISOString() : text
  }
}

/** A name that stands there again, or is empty, is told from the others by its place. */
function eachOnce(names: readonly string[]): string[] {
  const seen = new Set([''])
  return names.map((name, index) => {
    const isAgain = seen.has(folded(name))
    seen.add(folded(name))
    return isAgain ? `${name} (column ${index + 1})`.trim() : name
  })
}

const TIMES: ReadonlySet<Field> = new Set(
  COLUMNS.filter(({ kind }) => kind === 'time').map(({ field }) => field)
)

/** Nearly all are. */
const AS_THE_API_HAS_IT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const TIME = /^\s*(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)\s*(Z|[+-]\d\d:?\d\d)?\s*$/i

function numberIn(text: string): string | number {
  return /^\s*\d{1,12}\s*$/.test(text) ? Number(text) : text
}

/** Of a Macintosh before OS X, which a spreadsheet still offers. */
function notInLines(file: string): FileError {
  return new FileError(
    `${file} ends its lines by CR alone: a spreadsheet has probably saved it; import the file as it was downloaded`
  )
}

function notThis(file: string, key: string, names: readonly string[]): FileError {
  const [first = ''] = names
  if (names.length === 1 && /[;\t]/.test(first)) {
    return new FileError(
      `${file} does not separate its columns by commas: a spreadsheet has probably saved it; import the file as it was downloaded`
    )
  }
  const shown = legible(first).slice(0, 40)
  return new FileError(
    `${file} has no column “${key}” (its first one is “${shown}”): it is not the report “Calling Detailed Call History” of Control Hub`
  )
}
