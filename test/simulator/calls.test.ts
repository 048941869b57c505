import { describe, expect, it } from 'vitest'
import type { CallTruth } from '../../src/simulator/records/call-truth.js'
import { GeneratedSource } from '../../src/simulator/records/generated-source.js'
import { HOUR } from '../../src/simulator/records/hour.js'
import { grouped } from './grouped.js'

type Item = Record<string, string | number>

const FROM = 490_000 * HOUR
const TO = FROM + 36 * HOUR
const LATER = TO + 100 * HOUR
const source = new GeneratedSource(1, 1_000)
const calls = source.calls(FROM, TO, LATER)

const newest = new Map<string, Item>()
for (const { item } of source.between(FROM - HOUR, TO + HOUR, 'start')) {
  const known = newest.get(String(item['Report ID']))
  if (known && String(known['Report time']) > String(item['Report time'])) continue
  newest.set(String(item['Report ID']), item as Item)
}
const recordsOf = (call: CallTruth) => call.reportIds.map((id) => newest.get(id) as Item)
const talked = (call: CallTruth) =>
  recordsOf(call).filter((item) => item['Related reason'] !== 'PushNotificationRetrieval')
const time = (item: Item, key: string) => Date.parse(String(item[key]))

describe('the truth of calls', () => {
  it('has each record in one call', () => {
    const told = calls.flatMap((call) => call.reportIds)
    expect(new Set(told).size).toBe(told.length)
    const within = [...newest].filter(
      ([, item]) => time(item, 'Start time') >= FROM + HOUR && time(item, 'Start time') < TO
    )
    const unknown = new Set(told)
    expect(within.filter(([id]) => !unknown.has(id))).toEqual([])
    expect(told.length / calls.length).toBeGreaterThan(1.95)
    expect(told.length / calls.length).toBeLessThan(2.25)
  })

  it('is what the IDs of the records tie together', () => {
    const callOf = new Map(calls.flatMap((call) => call.reportIds.map((id) => [id, call] as const)))
    const items = calls.flatMap(recordsOf)
    const local = new Map(items.map((item) => [item['Local call ID'], callOf.get(String(item['Report ID']))]))
    for (const key of ['Correlation ID', 'Interaction ID']) {
      const apart = grouped(items, (item) => item[key]).filter(
        (tied) => new Set(tied.map((item) => callOf.get(String(item['Report ID'])))).size > 1
      )
      expect(apart).toEqual([])
    }
    const astray = items.filter((item) => {
      const other = item['Transfer related call ID']
      return other !== '' && local.get(other) !== callOf.get(String(item['Report ID']))
    })
    expect(astray).toEqual([])
    // And in each call they tie every record to every other.
    const untied = calls.filter((call) => {
      const records = recordsOf(call)
      const reached = new Set([records[0] as Item])
      for (const from of reached) {
        for (const to of records) {
          const isTied =
            from['Correlation ID'] === to['Correlation ID'] ||
            from['Interaction ID'] === to['Interaction ID'] ||
            from['Transfer related call ID'] === to['Local call ID'] ||
            to['Transfer related call ID'] === from['Local call ID']
          if (isTied) reached.add(to)
        }
      }
      return reached.size !== records.length
    })
    expect(untied).toEqual([])
  })

  it('agrees with the times in the records', () => {
    const disagreeing = calls.filter((call) => {
      const items = talked(call)
      const transfers = items.map((item) => item['Call transfer time']).filter((moment) => moment !== '')
      return (
        call.start !== Math.min(...items.map((item) => time(item, 'Start time'))) ||
        call.end !== Math.max(...items.map((item) => time(item, 'Release time'))) ||
        call.legs !== recordsOf(call).length ||
        call.transfers !== new Set(transfers).size
      )
    })
    expect(disagreeing).toEqual([])
    const answered = calls.filter((call) => call.answered !== null)
    const answeredOtherwise = answered.filter(
      (call) => !talked(call).some((item) => time(item, 'Answer time') === call.answered)
    )
    expect(answeredOtherwise).toEqual([])
    const tooLong = answered.filter(
      ({ start, end, waitSeconds, talkSeconds }) => waitSeconds + talkSeconds > (end - start) / 1_000
    )
    expect(tooLong).toEqual([])
  })

  it('has one party for each leg, in order of time', () => {
    const disagreeing = calls.filter((call) => {
      const legs = grouped(talked(call), (item) => item['Network call ID'])
      const holds = legs.map((records) => Math.max(...records.map((item) => Number(item['Hold duration']))))
      const reasons = legs
        .map((records) => records.find((item) => item.Direction === 'TERMINATING') ?? records[0])
        .map((item) => String(item?.['Call outcome reason']))
      return (
        call.holdSeconds !== holds.reduce((sum, hold) => sum + hold, 0) ||
        call.parties
          .map(({ outcomeReason }) => outcomeReason)
          .toSorted()
          .join() !== reasons.toSorted().join()
      )
    })
    expect(disagreeing).toEqual([])
    const unordered = calls.filter(({ parties }) =>
      parties.some(({ presented }, index) => presented < (parties[index - 1]?.presented ?? 0))
    )
    expect(unordered).toEqual([])
  })

  it('has parties that are answered after they were called, and before they left', () => {
    // Who is called back has left the queue before an agent answers.
    const isCallback = (call: CallTruth) => call.parties.some((party) => party.kind === 'callback')
    const others = calls.filter((call) => !isCallback(call))
    const unordered = others
      .flatMap((call) => call.parties)
      .filter(
        ({ presented, answered, left }) =>
          presented > (answered ?? presented) || (answered ?? presented) > left
      )
    expect(unordered).toEqual([])
  })

  it('has a first leg that nothing else began with', () => {
    const ambiguous = calls.filter(({ parties }) => parties[1]?.presented === parties[0]?.presented)
    expect(ambiguous).toEqual([])
  })

  it('waits for the last record of a call, and follows corrections', () => {
    const early = source.calls(FROM, TO, TO)
    expect(early.length).toBeLessThan(calls.length)
    const later = new Map(calls.map((call) => [call.reportIds[0], call]))
    const corrected = early.filter((call) => {
      const { holdSeconds, outcomeReason, recording } = later.get(call.reportIds[0]) as CallTruth
      return (
        holdSeconds !== call.holdSeconds ||
        outcomeReason !== call.outcomeReason ||
        recording !== call.recording
      )
    })
    expect(corrected.length).toBeGreaterThan(4)
  })

  it('knows every kind of call, often enough', () => {
    const count = (is: (call: CallTruth) => unknown) => calls.filter(is).length
    for (const outcome of [
      'answered',
      'voicemail',
      'blocked',
      'abandoned',
      'busy',
      'refused',
      'no_answer',
      'failed'
    ]) {
      expect(count((call) => call.outcome === outcome)).toBeGreaterThan(5)
    }
    for (const kind of ['emergency', 'toll_free', 'meeting', 'inbound', 'outbound', 'internal']) {
      expect(count((call) => call.class === kind)).toBeGreaterThan(5)
    }
    const kinds = new Set(calls.flatMap((call) => call.parties.map((party) => party.kind)))
    expect(kinds.size).toBe(10)
    const outcomes = new Set(calls.flatMap((call) => call.parties.map((party) => party.outcome)))
    expect(outcomes.size).toBe(10)
    expect(count((call) => call.transfers === 2)).toBeGreaterThan(5)
    expect(count((call) => call.forwards > 2)).toBeGreaterThan(5)
    expect(count((call) => call.offsetMinutes === null)).toBeGreaterThan(5)
    expect(count((call) => call.services?.includes(' > '))).toBeGreaterThan(20)
    expect(count((call) => call.outcomeReason === 'RouteListCalls')).toBeGreaterThan(3)
    expect(new Set(calls.map((call) => call.vendor)).size).toBe(3)
    expect(new Set(calls.map((call) => call.outboundTrunk)).size).toBe(3)
    expect(new Set(calls.map((call) => call.recording)).size).toBe(4)
    expect(new Set(calls.map((call) => call.spam)).size).toBe(5)
  })

  it('follows the clocks of the locations through the change to summer time', () => {
    const quiet = new GeneratedSource(1, 100)
    const day = (date: string) => {
      const begin = Date.parse(date)
      const found = quiet.calls(begin, begin + 24 * HOUR, begin + 200 * HOUR)
      return [
        ...new Set(found.filter((call) => call.location === 'München').map((call) => call.offsetMinutes))
      ]
    }
    expect(day('2026-03-28T00:00:00Z').toSorted()).toEqual([60])
    expect(day('2026-03-29T00:00:00Z').toSorted((a, b) => Number(a) - Number(b))).toEqual([60, 120])
    expect(day('2026-03-30T00:00:00Z').toSorted()).toEqual([120])
  })
})
