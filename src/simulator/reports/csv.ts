import { Zone } from '../records/local-time.js'
import type { RecordSource } from '../records/source.js'
import { truthOf } from '../truth.js'
import { DAY, startOf } from './days.js'
import { HEADERS, keysOf } from './forms.js'
import type { ReportForm } from './options.js'

const HOUR = 3_600_000

const TIMES = ['Start time', 'Answer time', 'Call transfer time', 'Release time', 'Report time']

/** What is written where there is nothing to say, but for NA. */
const NOTHING: Readonly<Record<string, string>> = { 'OS type': 'na', Model: '' }

/** What a CSV is to hold. */
export interface CsvRequest {
  form: ReportForm
  /** The first and last day, YYYY-MM-DD, inclusive: days of UTC, whatever the time zone. */
  from: string
  to: string
  /** IANA name; in any zone but UTC the times are local. */
  timeZone: string
  /** When the report was made (milliseconds since 1970): what became visible later is not in it. */
  made: number
}

/**
 * The CSV of Calling Detailed Call History, an hour of records at a time: the newest version of each, by start.
 *
 * @throws RangeError when a day or the time zone is none
 */
export function* csvOf(
  source: RecordSource,
  { form, from, to, timeZone, made }: CsvRequest
): Generator<Buffer> {
  const line = lineWriter(keysOf(form), timeZone)
  const [first, last] = [startOf(from), startOf(to)]
  yield Buffer.from(`\ufeff${HEADERS[form]}\r\n`)
  for (let hour = first; hour < last + DAY; hour += HOUR) {
    const records = truthOf(source, hour, hour + HOUR, made)
    if (records.size > 0) yield Buffer.from([...records.values()].map(line).join(''))
  }
}

function lineWriter(keys: readonly string[], timeZone: string): (item: Record<string, unknown>) => string {
  const columns = keys.map((key) => {
    const nothing = NOTHING[key] ?? 'NA'
    const shown =
      TIMES.includes(key) && timeZone !== 'UTC' ? localTime(new Zone(timeZone)) : (text: string) => text
    return { key, nothing, shown }
  })
  return (item) => {
    const values = columns.map(({ key, nothing, shown }) => quoted(shown(textOf(item[key])) || nothing))
    return `${values.join(',')}\r\n`
  }
}

/**
 * How a local time is written is not documented. Here it has no offset, so that a client which takes it for UTC is
 * found out.
 */
function localTime(zone: Zone): (text: string) => string {
  return (text) => {
    const time = Date.parse(text)
    // Given records may have what is no such time.
    if (!text.endsWith('Z') || Number.isNaN(time)) return text
    return new Date(time + zone.offsetAt(time) * 60_000).toISOString().slice(0, -1)
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined || value === null ? '' : JSON.stringify(value)
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
