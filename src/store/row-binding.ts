import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js'

/** What SQLite takes for a value. */
export type Bound = string | number | Buffer | null

/**
 * Turns rows into the values of these columns, all into one array: what it gave before is gone then. It runs for every
 * value of every row, and so knows beforehand which columns need more than a copy. Rows whose properties come in the
 * order of the columns take a third of the time.
 */
export function binder<Property extends string>(
  columns: readonly { property: Property; metadata: Pick<ColumnMetadata, 'type'> }[]
): (row: Readonly<Record<Property, unknown>>) => readonly Bound[] {
  const properties = columns.map(({ property }) => property)
  const placesOf = (type: string) =>
    columns.flatMap(({ metadata }, place) => (metadata.type === type ? [place] : []))
  const times = placesOf('datetime')
  const flags = placesOf('boolean')
  const values: unknown[] = properties.map(() => null)
  return (row) => {
    let next = 0
    for (const property in row) if (property === properties[next]) values[next++] = row[property]
    for (; next < properties.length; next += 1) values[next] = row[properties[next]!]
    for (const place of times) {
      const time = values[place]
      if (time) values[place] = timeText(time as Date)
    }
    for (const place of flags) {
      const flag = values[place]
      if (flag !== null) values[place] = flag ? 1 : 0
    }
    return values as Bound[]
  }
}

const DAY = 86_400_000

const padded = (count: number, digits: number) =>
  Array.from({ length: count }, (_, number) => String(number).padStart(digits, '0'))
const TWO_DIGITS = padded(60, 2)
const THREE_DIGITS = padded(1_000, 3)

/** Of the days of which times were written lately. */
const dates = new Map<number, string>()
const MOST_DATES = 100

/** A UTC time as TypeORM writes it to SQLite: 2026-09-24 09:30:00.000. Date's own way takes three times as long. */
export function timeText(time: Date): string {
  const moment = time.getTime()
  const day = Math.floor(moment / DAY)
  const inDay = moment - day * DAY
  const seconds = Math.floor(inDay / 1_000)
  const minutes = Math.floor(seconds / 60)
  const clock = `${TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[seconds % 60]}`
  return `${dateText(day)}${clock}.${THREE_DIGITS[inDay % 1_000]}`
}

/** With a blank behind it. @param day in days since 1970 UTC */
function dateText(day: number): string {
  let date = dates.get(day)
  if (date === undefined) {
    if (dates.size === MOST_DATES) dates.clear()
    date = `${new Date(day * DAY).toISOString().slice(0, 10)} `
    dates.set(day, date)
  }
  return date
}
