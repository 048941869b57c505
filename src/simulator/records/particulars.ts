import type { PartyTruth } from './call-truth.js'
import type { Item } from './item.js'
import type { Leg, Session } from './leg.js'
import type { Owner } from './organisation.js'

/** What one leg has of its own. */
export interface Particulars {
  /** What each of its records says besides. */
  more?: Partial<Item>
  /** What only the called side's record says, or only the calling side's. */
  calledMore?: Partial<Item>
  callingMore?: Partial<Item>
  /** The service that put the call through. */
  sentBy?: Owner
  /** Instead of the call's own. */
  session?: Session
  /** When the calling side left, if that is not when the leg was released (milliseconds since 1970). */
  callerLeft?: number
}

export interface OutsideParticulars extends Particulars {
  /** Call type. */
  type: string
  /** The trunk of one's own that it takes; otherwise the location's vendor carries it. */
  trunk?: string
  /** The gateway at the end of that trunk, where it has a record of its own. */
  gateway?: Owner
}

/** A leg that was told: the party that it was put to, and the Local call ID of the record that judges it. */
export interface ToldLeg {
  party: PartyTruth
  id: string
}

/** A record, and the party that its leg was put to; none where it only wakes up a device. */
export interface ToldRecord extends Leg {
  party?: PartyTruth
  /** Whether the party is judged by this record: of the two of a leg, by that of the called side. */
  judges: boolean
  /** Call outcome reason. */
  reason: string
}
