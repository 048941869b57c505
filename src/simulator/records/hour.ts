import { type Delivery, deliveriesOf } from './delivery.js'
import { Draw, namedUuid } from './draw.js'
import { scenario } from './scenarios.js'
import type { Story } from './story.js'

/** Milliseconds. */
export const HOUR = 3_600_000

/** No leg starts later than this after the end of the hour in which its call began (milliseconds). */
export const LONGEST_SPILL = HOUR / 2

/** A call, and how each of its records is delivered. */
export interface DrawnCall {
  story: Story
  deliveries: Delivery[][]
}

/**
 * The records of the calls that begin in one hour, sorted by Start time; equal arguments give equal records,
 * in any process.
 *
 * @param hour hours since 1970-01-01T00:00Z
 * @param perHour records per hour on the average of a day; the middle of the day is busier than the night
 */
export function hourRecords(seed: number, hour: number, perHour: number): Delivery[] {
  const deliveries: Delivery[] = []
  for (const call of hourCalls(seed, hour, perHour)) {
    for (const versions of call.deliveries) deliveries.push(...versions)
  }
  return deliveries.sort((a, b) => a.start - b.start)
}

/** The calls that `hourRecords` has the records of. */
export function* hourCalls(seed: number, hour: number, perHour: number): Generator<DrawnCall> {
  const identity = `${seed}:${hour}`
  const draw = new Draw(identity)
  const wanted = Math.floor(perHour * business(hour) + draw.fraction())
  for (let made = 0; made < wanted; ) {
    const begin = hour * HOUR + draw.whole(0, HOUR - 1)
    for (const story of scenario(draw)(draw, begin)) {
      const deliveries = story.records.map((record) => {
        record.item['Report ID'] = namedUuid(`${identity}:${made++}`)
        return deliveriesOf(draw, record)
      })
      yield { story, deliveries }
    }
  }
}

/** How busy an hour of the day is (UTC; peaks at 16:00); 1 on the average of 24 h. */
function business(hour: number): number {
  return 1 + 0.6 * Math.cos(((hour - 16) * 2 * Math.PI) / 24)
}
