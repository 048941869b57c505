import { inboundCall, internalCall, outboundCall } from './direct-calls.js'
import type { Draw } from './draw.js'
import { attendantCall, huntGroupCall, queueCall, transferredCall } from './service-calls.js'
import type { Story } from './story.js'

/** Makes up one call that begins at `start`, or a few that have to do with each other. */
type Scenario = (draw: Draw, start: number) => Story[]

const SCENARIOS: readonly { share: number; tell: Scenario }[] = [
  { share: 0.3, tell: internalCall },
  { share: 0.29, tell: inboundCall },
  { share: 0.25, tell: outboundCall },
  { share: 0.04, tell: huntGroupCall },
  { share: 0.03, tell: queueCall },
  { share: 0.05, tell: attendantCall },
  { share: 0.04, tell: transferredCall }
]

/** One of the scenarios, the plain ones most often. */
export function scenario(draw: Draw): Scenario {
  let left = draw.fraction()
  for (const { share, tell } of SCENARIOS) {
    left -= share
    if (left < 0) return tell
  }
  return internalCall
}
