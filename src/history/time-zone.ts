import dayjs from 'dayjs'
import timezone from 'dayjs/plugin/timezone.js'
import utc from 'dayjs/plugin/utc.js'
import { UsageError } from '../errors.js'

dayjs.extend(utc)
dayjs.extend(timezone)

/** The rows of a report are in order of time, more or less. */
const MOST_REMEMBERED = 10_000

/** Local times of a place. */
export class TimeZone {
  /** By the same minute in UTC: a text would keep the part of the file that it was cut from. */
  private readonly minutes = new Map<number, string>()

  /**
   * @param name as in the IANA database: Europe/Berlin, UTC
   * @throws UsageError
   */
  constructor(readonly name: string) {
    try {
      new Intl.DateTimeFormat('en', { timeZone: name })
    } catch {
      throw new UsageError(
        `--time-zone “${name}” is not a time zone: use a name such as UTC, Europe/Berlin or America/New_York`
      )
    }
  }

  /**
   * @param local such as 2026-05-01T10:00:00.123. Of an hour that a clock shows twice, the second one is meant: nothing
   * tells them apart.
   * @returns ISO 8601 in UTC with milliseconds; undefined where it is no time
   */
  toUtc(local: string): string | undefined {
    const [minute, rest] = [local.slice(0, 16).replace(' ', 'T'), local.slice(16)]
    const key = Date.parse(`${minute}Z`)
    // A day or an hour that does not exist would roll over into another.
    if (Number.isNaN(key) || !new Date(key).toISOString().startsWith(minute)) return undefined
    let start = this.minutes.get(key)
    if (start === undefined) {
      start = dayjs.tz(minute, this.name).toISOString().slice(0, 16)
      if (this.minutes.size >= MOST_REMEMBERED) this.minutes.clear()
      this.minutes.set(key, start)
    }
    return `${start}${rest}Z`
  }
}
