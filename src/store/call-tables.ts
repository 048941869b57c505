import type { Call } from '../calls/call.js'
import type { CallLeg } from '../calls/leg.js'

/** What calls need of a database beside the records. Use it inside a transaction. */
export interface CallTables {
  /** Until the end of the transaction nobody else makes calls: two at once could each miss a leg of the other's. */
  lock(): Promise<void>
  /**
   * Report IDs of the records that may belong to a call of these legs, the legs themselves aside. Some may not: the
   * database is asked for equal IDs only.
   * @param legs each once
   * @param known Report IDs that are not asked for
   */
  related(legs: readonly CallLeg[], known: ReadonlyMap<string, CallLeg>): Promise<string[]>
  /**
   * Writes calls in place of what is there of them.
   * @param gone IDs of journeys whose calls go
   */
  replace(gone: ReadonlySet<string>, calls: Iterable<Call>): Promise<void>
}
