import { attendantCall, receptionistCall } from './attendants.js'
import { inboundCall, internalCall, unwantedCall } from './direct-calls.js'
import type { Draw } from './draw.js'
import { parkedCall, pickedUpCall, rungTwice, sharedLineCall } from './features.js'
import { forwardedCall, mailboxCall, voicemailCall } from './forwards.js'
import { huntGroupCall } from './groups.js'
import { outboundCall, trunkCall, trunkRush } from './outside-calls.js'
import { queueCall } from './queues.js'
import type { Story } from './story.js'
import { attendedTransfer, blindTransfer, consultation } from './transfers.js'

/** Makes up one call that begins at `start`, or a few that have to do with each other. */
type Scenario = (draw: Draw, start: number) => Story[]

/** How many of a thousand calls are of which kind. */
const SCENARIOS: readonly (readonly [number, Scenario])[] = [
  [285, internalCall],
  [270, inboundCall],
  [215, outboundCall],
  [40, voicemailCall],
  [35, attendantCall],
  [36, huntGroupCall],
  [32, queueCall],
  [20, trunkCall],
  [16, forwardedCall],
  [14, attendedTransfer],
  [10, mailboxCall],
  [8, blindTransfer],
  [8, sharedLineCall],
  [6, consultation],
  [4, receptionistCall],
  [4, parkedCall],
  [4, pickedUpCall],
  [4, rungTwice],
  [3, unwantedCall],
  [0.5, trunkRush]
]
const ALL = SCENARIOS.reduce((sum, [share]) => sum + share, 0)

/** One of the scenarios, the plain ones most often. */
export function scenario(draw: Draw): Scenario {
  let left = draw.fraction() * ALL
  for (const [share, tell] of SCENARIOS) {
    left -= share
    if (left < 0) return tell
  }
  return internalCall
}
