import dayjs from 'dayjs'
import utc from 'dayjs/plugin/utc.js'
import { UsageError } from '../errors.js'

dayjs.extend(utc)

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * “30m”, “12h” or “30d” in ms.
 * @throws UsageError that names the flag
 */
export function parseDuration(text: string, flag: string): number {
  const milliseconds = durationOf(text)
  if (milliseconds === undefined) {
    throw new UsageError(
      `${flag} “${text}” is not a duration: use a number with m, h or d, such as 30m, 12h or 2d`
    )
  }
  return milliseconds
}

/**
 * A moment in ms since 1970 UTC: a duration before now (“30d”), a day (“2026-11-01”, its beginning) or a
 * time (“2026-11-01T08:30:00Z”), all UTC.
 * @throws UsageError that names the flag
 */
export function parseMoment(text: string, flag: string, now: number): number {
  const ago = durationOf(text)
  if (ago !== undefined) return now - ago
  const match = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?Z?)?$/.exec(text)
  if (match) {
    const [, day, clock = '00:00', seconds = ':00'] = match
    const moment = dayjs.utc(`${day}T${clock}${seconds}Z`)
    if (moment.isValid() && moment.format('YYYY-MM-DDTHH:mm') === `${day}T${clock}`) return moment.valueOf()
  }
  throw new UsageError(
    `${flag} “${text}” is not a time: use a UTC date or time (2026-11-01, 2026-11-01T08:30:00Z) or how long ago (30d, 12h, 90m)`
  )
}

/** What `--since` and `--until` say, in ms since 1970 UTC. */
export interface AskedRange {
  since: number | undefined
  until: number | undefined
}

/**
 * @param typed `--since` and `--until`
 * @throws UsageError that names the flag
 */
export function parseRange(
  typed: { since?: string | undefined; until?: string | undefined },
  now: number
): AskedRange {
  const since = typed.since === undefined ? undefined : parseMoment(typed.since, '--since', now)
  const until = typed.until === undefined ? undefined : parseMoment(typed.until, '--until', now)
  if (since !== undefined && since > now) throw new UsageError(`--since ${typed.since} is in the future`)
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UsageError(`--until ${typed.until} must be later than --since ${typed.since}`)
  }
  return { since, until }
}

function durationOf(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? []
  const milliseconds = Number(count) * (UNITS[unit] ?? 0)
  return milliseconds > 0 ? milliseconds : undefined
}
