import { UsageError } from '../errors.js'

/** The rows of a report are in order of time, more or less. */
const MOST_REMEMBERED = 10_000
/** In ms: clocks change less often. */
const DAY = 86_400_000
/** Nor before 1970. */
const NO_CALL_WAS = Date.UTC(9998)

/** Local times of a place. dayjs takes the first of two hours in some time zones and the second in others. */
export class TimeZone {
  /** By the same minute in UTC: a text would keep the part of the file that it was cut from. */
  private readonly minutes = new Map<number, string>()
  /** Shows 2026-05-01 10:00. */
  private readonly clock: Intl.DateTimeFormat

  /**
   * @param name as in the IANA database: Europe/Berlin, UTC
   * @throws UsageError
   */
  constructor(readonly name: string) {
    try {
      this.clock = new Intl.DateTimeFormat('sv', { timeZone: name, dateStyle: 'short', timeStyle: 'short' })
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
    if (!(key >= 0 && key < NO_CALL_WAS) || !new Date(key).toISOString().startsWith(minute)) return undefined
    let start = this.minutes.get(key)
    if (start === undefined) {
      start = new Date(this.momentOf(key)).toISOString().slice(0, 16)
      if (this.minutes.size >= MOST_REMEMBERED) this.minutes.clear()
      this.minutes.set(key, start)
    }
    return `${start}${rest}Z`
  }

  /** @param local as it would be in UTC, in ms since 1970; of an hour that clocks skip, as if they went on as before */
  private momentOf(local: number): number {
    const [before, after] = [local - this.offsetAt(local - DAY), local - this.offsetAt(local + DAY)]
    return (
      [after, before].toSorted((a, b) => b - a).find((moment) => local - moment === this.offsetAt(moment)) ??
      before
    )
  }

  /** By how many ms clocks are ahead of UTC. */
  private offsetAt(moment: number): number {
    const minute = Math.floor(moment / 60_000) * 60_000
    return Date.parse(`${this.clock.format(minute).replace(' ', 'T')}Z`) - minute
  }
}
