import dayjs from 'dayjs'
import utc from 'dayjs/plugin/utc.js'

dayjs.extend(utc)

/** “13 months” */
export interface Age {
  count: number
  unit: 'day' | 'month' | 'year'
}

/** “400 days”, “13 months” or “2 years”; undefined for anything else, and for no time at all. */
export function parseAge(text: string): Age | undefined {
  const [, count, unit] = /^\s*(\d{1,4})\s*(day|month|year)s?\s*$/i.exec(text) ?? []
  if (!unit || Number(count) === 0) return undefined
  return { count: Number(count), unit: unit.toLowerCase() as Age['unit'] }
}

export function sayAge({ count, unit }: Age): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** What is older than an age began before this, in ms since 1970 UTC. */
export function beginningOf({ count, unit }: Age, now: number): number {
  return dayjs.utc(now).subtract(count, unit).valueOf()
}
