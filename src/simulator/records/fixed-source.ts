import dayjs from 'dayjs'
import utc from 'dayjs/plugin/utc.js'
import type { Delivery } from './delivery.js'
import type { FilterBy, RecordSource } from './source.js'

dayjs.extend(utc)

/**
 * Serves the given items as they are, visible from the beginning of time. They count as stored at their
 * Report time, or else at their Release time.
 */
export class FixedSource implements RecordSource {
  readonly locations: readonly string[]
  readonly #deliveries: readonly Delivery[]

  constructor(items: readonly Record<string, unknown>[]) {
    this.locations = [...new Set(items.map((item) => String(item.Location ?? '')))]
    this.#deliveries = items.map(deliveryOf)
  }

  /** None: what the given items are parts of, only their giver knows. */
  calls(): [] {
    return []
  }

  between(from: number, to: number, filterBy: FilterBy): Delivery[] {
    const time = (delivery: Delivery) => {
      const own = delivery[filterBy]
      return Number.isNaN(own) ? from : own
    }
    return this.#deliveries
      .filter((delivery) => time(delivery) >= from && time(delivery) < to)
      .sort((a, b) => time(a) - time(b))
  }
}

function deliveryOf(item: Record<string, unknown>): Delivery {
  const report = timeOf(item['Report time'])
  return {
    item,
    start: timeOf(item['Start time']),
    report,
    stored: Number.isNaN(report) ? timeOf(item['Release time']) : report,
    visibleAt: Number.NEGATIVE_INFINITY,
    hiddenFrom: Number.POSITIVE_INFINITY
  }
}

function timeOf(value: unknown): number {
  // dayjs(undefined) is now; and the reference writes one time without T and Z, which is UTC all the same.
  return typeof value === 'string' ? dayjs.utc(value).valueOf() : Number.NaN
}
