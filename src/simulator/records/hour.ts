import { type Delivery, deliveriesOf } from './delivery.js'
import { inboundCall, internalCall, outboundCall } from './direct-calls.js'
import { Draw, namedUuid } from './draw.js'
import type { Leg } from './leg.js'
import { attendantCall, huntGroupCall, queueCall, transferredCall } from './service-calls.js'

/** Milliseconds. */
export const HOUR = 3_600_000

/** No leg starts later than this after the end of the hour in which its call began (milliseconds). */
export const LONGEST_SPILL = HOUR / 2

const SCENARIOS: readonly { share: number; make: (draw: Draw, start: number) => Leg[] }[] = [
  { share: 0.3, make: internalCall },
  { share: 0.29, make: inboundCall },
  { share: 0.25, make: outboundCall },
  { share: 0.04, make: huntGroupCall },
  { share: 0.03, make: queueCall },
  { share: 0.05, make: attendantCall },
  { share: 0.04, make: transferredCall }
]

/**
 * The records of the calls that begin in one hour, sorted by Start time; equal arguments give equal records,
 * in any process.
 *
 * @param hour hours since 1970-01-01T00:00Z
 * @param perHour records per hour on the average of a day; the middle of the day is busier than the night
 */
export function hourRecords(seed: number, hour: number, perHour: number): Delivery[] {
  const identity = `${seed}:${hour}`
  const draw = new Draw(identity)
  const wanted = Math.floor(perHour * business(hour) + draw.fraction())
  const deliveries: Delivery[] = []
  for (let made = 0; made < wanted; ) {
    const begin = hour * HOUR + draw.whole(0, HOUR - 1)
    for (const leg of scenario(draw)(draw, begin)) {
      leg.item['Report ID'] = namedUuid(`${identity}:${made++}`)
      deliveries.push(...deliveriesOf(draw, leg))
    }
  }
  return deliveries.sort((a, b) => a.start - b.start)
}

/** How busy an hour of the day is (UTC; peaks at 16:00); 1 on the average of 24 h. */
function business(hour: number): number {
  return 1 + 0.6 * Math.cos(((hour - 16) * 2 * Math.PI) / 24)
}

function scenario(draw: Draw): (draw: Draw, start: number) => Leg[] {
  let left = draw.fraction()
  for (const { share, make } of SCENARIOS) {
    left -= share
    if (left < 0) return make
  }
  return internalCall
}
