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
      for (const tied of grouped(items, (item) => item[key])) {
        expect(new Set(tied.map((item) => callOf.get(String(item['Report ID'])))).size).toBe(1)
      }
    }
    for (const item of items) {
      const other = item['Transfer related call ID']
      if (other !== '') expect(local.get(other)).toBe(callOf.get(String(item['Report ID'])))
    }
    // And in each call they tie every record to every other.
    for (const call of calls) {
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
      expect(reached.size).toBe(records.length)
    }
  })

  it('agrees with the times in the records', () => {
    for (const call of calls) {
      const items = talked(call)
      expect(call.start).toBe(Math.min(...items.map((item) => time(item, 'Start time'))))
      expect(call.end).toBe(Math.max(...items.map((item) => time(item, 'Release time'))))
      expect(call.legs).toBe(recordsOf(call).length)
      const transfers = new Set(
        items.map((item) => item['Call transfer time']).filter((moment) => moment !== '')
      )
      expect(call.transfers).toBe(transfers.size)
      if (call.answered !== null) {
        expect(items.some((item) => time(item, 'Answer time') === call.answered)).toBe(true)
        expect(call.waitSeconds + call.talkSeconds).toBeLessThanOrEqual((call.end - call.start) / 1_000)
      }
    }
  })

  it('has one party for each leg, in order of time', () => {
    for (const call of calls) {
      const legs = grouped(talked(call), (item) => item['Network call ID'])
      expect(call.parties.length).toBe(legs.length)
      const holds = legs.map((records) => Math.max(...records.map((item) => Number(item['Hold duration']))))
      expect(call.holdSeconds).toBe(holds.reduce((sum, hold) => sum + hold, 0))
      const presented = call.parties.map((party) => party.presented)
      expect(presented).toEqual(presented.toSorted((a, b) => a - b))
      expect(call.parties.map((party) => party.outcomeReason).toSorted()).toEqual(
        legs
          .map((records) => records.find((item) => item.Direction === 'TERMINATING') ?? records[0])
          .map((item) => String(item?.['Call outcome reason']))
          .toSorted()
      )
    }
  })

  it('has parties that are answered after they were called, and before they left', () => {
    // Who is called back has left the queue before an agent answers.
    const isCallback = (call: CallTruth) => call.parties.some((party) => party.kind === 'callback')
    const others = calls.filter((call) => !isCallback(call))
    for (const { presented, answered, left } of others.flatMap((call) => call.parties)) {
      expect(presented <= (answered ?? presented) && (answered ?? presented) <= left).toBe(true)
    }
  })

  it('has a first leg that nothing else began with', () => {
    for (const { parties } of calls) {
      expect(parties.filter((party) => party.presented === parties[0]?.presented)).toHaveLength(1)
    }
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
