import type { Delivery } from './delivery.js'

/** The field that startTime and endTime filter on: Start time or Report time. */
export type FilterBy = 'start' | 'report'

/** Where the feed takes its records from. */
export interface RecordSource {
  /** Names of all locations, for reading the `locations` parameter. */
  readonly locations: readonly string[]
  /**
   * All deliveries, visible or not, whose filter time lies in [from, to), sorted by it. An item without such
   * a time counts as one of the moment `from`, so that clients meet it at all.
   */
  between(from: number, to: number, filterBy: FilterBy): Delivery[]
}

/** The time a delivery is filtered and paged by, where it has one. */
export function filterTime(delivery: Delivery, filterBy: FilterBy): number {
  return filterBy === 'start' ? delivery.start : delivery.report
}
