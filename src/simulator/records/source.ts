import type { CallTruth } from './call-truth.js'
import type { Delivery } from './delivery.js'

/** The time of a delivery that startTime and endTime filter on. */
export type FilterBy = 'start' | 'report' | 'stored'

/** Where cdr_feed and cdr_stream take their records from. */
export interface RecordSource {
  /** Names of all locations, for reading the `locations` parameter. */
  readonly locations: readonly string[]
  /**
   * All deliveries, visible or not, whose filter time lies in [from, to), sorted by it. An item without such
   * a time counts as one of the moment `from`, so that clients meet it at all.
   */
  between(from: number, to: number, filterBy: FilterBy): Delivery[]
  /** The truth of the calls that began in [from, to) and of which all records are visible at `now`, by start. */
  calls(from: number, to: number, now: number): CallTruth[]
}
