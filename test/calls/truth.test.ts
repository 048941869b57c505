import { expect, test } from 'vitest'
import { chooseDialect } from '../../src/entities/dialect.js'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import { stored, told } from '../support/call-truth.js'
import { amount } from '../support/long.js'

chooseDialect('sqlite')
const { callOf } = await import('../../src/calls/call.js')
const { journeysOf } = await import('../../src/calls/journeys.js')
const { preparePage } = await import('../../src/record/page.js')

const HOUR = 3_600_000
/** The clocks of München are set back in the night that follows, those of New York a week later. */
const FIRST = Date.UTC(2026, 9, 24, 12)
const calls = amount('TRUTH_CALLS', 2_000, 100_000)
const seed = amount('TRUTH_SEED', 1, Math.floor(Date.now() / 1_000))

test(
  `${calls} calls are what those who drew them know of them, TRUTH_SEED=${seed}`,
  () => {
    const source = new GeneratedSource(seed, 400)
    const found = { calls: 0, outcomes: new Set<string>(), kinds: new Set<string>() }
    for (let from = FIRST; found.calls < calls; from += 12 * HOUR) {
      const to = from + 12 * HOUR
      // Legs of a call may begin hours after it.
      const rows = [
        ...preparePage(source.between(from - 6 * HOUR, to + 6 * HOUR, 'start').map(({ item }) => item)).rows()
      ]
      const byLegs = new Map(
        journeysOf(rows).map((journey) => [legsOf(journey.legs.map(({ reportId }) => reportId)), journey])
      )
      const truths = source.calls(from, to, Number.POSITIVE_INFINITY)
      const made = truths.map(({ reportIds }) => {
        const journey = byLegs.get(legsOf(reportIds))
        return [reportIds[0], journey && stored(callOf(journey))]
      })
      expect(made).toEqual(truths.map((truth) => [truth.reportIds[0], told(truth)]))
      found.calls += truths.length
      for (const { outcome, parties } of truths) {
        found.outcomes.add(outcome)
        for (const { kind } of parties) found.kinds.add(kind)
      }
    }
    expect([...found.outcomes].sort()).toEqual(OUTCOMES)
    expect([...found.kinds].sort()).toEqual(KINDS)
  },
  30_000 + calls * 5
)

const OUTCOMES = ['abandoned', 'answered', 'blocked', 'busy', 'failed', 'no_answer', 'refused', 'voicemail']
const KINDS = [
  'ai_receptionist',
  'attendant',
  'callback',
  'hunt_group',
  'outside',
  'place',
  'queue',
  'user',
  'virtual_line',
  'voicemail'
]

function legsOf(reportIds: readonly string[]): string {
  return [...reportIds].sort().join()
}
