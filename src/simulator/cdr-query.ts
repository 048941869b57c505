import { analyticsError, Refusal } from './answer.js'
import type { Rules } from './rules.js'

const UNITS = [
  { name: 'day', length: 86_400_000 },
  { name: 'hour', length: 3_600_000 },
  { name: 'minute', length: 60_000 }
]
const MOST_LOCATIONS = 10

/** A request for records, checked. Times are milliseconds since 1970. */
export interface CdrQuery {
  start: number
  end: number
  /** Where this page begins; only in requests for a further page. */
  cursor?: number
  /** Rows wanted per page, within the service's limits. */
  max: number
  /** Location names; none means all. */
  locations: string[]
}

/**
 * Reads the parameters of cdr_feed or cdr_stream and applies the service's rules to them.
 *
 * @param now milliseconds since 1970
 * @param pageSize the lowest and the highest `max` that are honoured
 * @param known names of locations, for telling a comma within one from a comma between two
 * @throws Refusal with a 400
 */
export function readCdrQuery(
  query: URLSearchParams,
  rules: Rules,
  now: number,
  pageSize: readonly [lowest: number, highest: number],
  known: readonly string[]
): CdrQuery {
  const start = readTime(query, 'startTime')
  const end = readTime(query, 'endTime')
  if (end <= start) refuse('endTime must be later than startTime')
  if (end - start > rules.longestWindow) {
    refuse(`startTime and endTime must be at most ${say(rules.longestWindow)} apart`)
  }
  if (end > now - rules.newest) refuse(`endTime must be at least ${say(rules.newest)} ago`)
  const isPage = query.has('startTimeForNextFetch')
  const cursor = isPage ? readTime(query, 'startTimeForNextFetch') : undefined
  if (cursor !== undefined && (cursor < start || cursor >= end))
    refuse('startTimeForNextFetch is out of range')
  // A link stays good while it is followed, though its start may have aged past the limit meanwhile.
  if (!isPage && start < now - rules.oldest) {
    refuse(`startTime must be within the last ${say(rules.oldest)}`)
  }
  return { start, end, cursor, max: readMax(query, pageSize), locations: readLocations(query, known) }
}

function readTime(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? refuse(`${name} is required`)
  const time = Date.parse(text)
  // Comparing with the canonical form leaves exactly one way to write a moment, and no 31st of February.
  if (Number.isNaN(time) || new Date(time).toISOString() !== text) {
    refuse(`${name} must be written as YYYY-MM-DDTHH:MM:SS.mmmZ`)
  }
  return time
}

function readMax(query: URLSearchParams, [lowest, highest]: readonly [number, number]): number {
  const text = query.get('max') ?? String(highest)
  if (!/^\d+$/.test(text)) refuse('max must be a number')
  return Math.min(Math.max(Number(text), lowest), highest)
}

function readLocations(query: URLSearchParams, known: readonly string[]): string[] {
  const locations: string[] = []
  for (let rest = query.get('locations') ?? ''; rest !== ''; ) {
    // The longest known name wins, so that "Springfield, IL" is one location and not two.
    const name =
      longestOf(known.filter((name) => rest === name || rest.startsWith(`${name},`))) ?? upToComma(rest)
    locations.push(name)
    rest = rest.slice(name.length + 1)
  }
  if (locations.length > MOST_LOCATIONS) refuse(`locations must name at most ${MOST_LOCATIONS} locations`)
  return locations
}

function longestOf(names: string[]): string | undefined {
  return names.sort((a, b) => b.length - a.length)[0]
}

function upToComma(text: string): string {
  return text.split(',', 1)[0] as string
}

/** A duration in the largest unit that it is a multiple of: “12 hours”, not “720 minutes”. */
function say(duration: number): string {
  const { name, length } = UNITS.find((unit) => duration % unit.length === 0) as (typeof UNITS)[number]
  const count = duration / length
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

function refuse(message: string): never {
  throw new Refusal(analyticsError(400, message))
}
