const HALF_HOUR = 1_800_000
const KEPT = 10_000

/** A time zone of the IANA database, as its clocks show it. */
export class Zone {
  readonly #format: Intl.DateTimeFormat
  /** By the half hour since 1970: no zone here changes its clocks at another moment. */
  readonly #known = new Map<number, number>()

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  /** Minutes from UTC at a time (milliseconds since 1970), summer time included. */
  offsetAt(time: number): number {
    const halfHour = Math.floor(time / HALF_HOUR)
    const known = this.#known.get(halfHour)
    if (known !== undefined) return known
    if (this.#known.size === KEPT) this.#known.clear()
    const offset = this.#read(time)
    this.#known.set(halfHour, offset)
    return offset
  }

  #read(time: number): number {
    // “GMT-03:30”, or “GMT” alone.
    const [, sign, hours, minutes] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(this.#format.format(time)) ?? []
    if (sign === undefined) return 0
    return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  }
}
