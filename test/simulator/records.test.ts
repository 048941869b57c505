import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Delivery } from '../../src/simulator/records/delivery.js'
import { HOUR, hourRecords, LONGEST_SPILL } from '../../src/simulator/records/hour.js'
import { ITEM_KEYS } from '../../src/simulator/records/item.js'
import { PEOPLE } from '../../src/simulator/records/organisation.js'
import { grouped } from './grouped.js'

const FIRST_HOUR = 490_000
const live = JSON.parse(readFileSync('test/fixtures/live-2026-09.json', 'utf8')).items[0] as Record<
  string,
  unknown
>
const day = Array.from({ length: 24 }, (_, i) => hourRecords(1, FIRST_HOUR + i, 1_000))
const deliveries = day.flat()
const items = deliveries.map((delivery) => delivery.item)

const first = grouped(deliveries, (delivery) => delivery.item['Report ID']).map((versions) =>
  versions.reduce((a, b) => (b.report < a.report ? b : a))
)

/** Its keys in order, each with the type of its value. */
function shapeOf(item: object): string {
  return Object.entries(item)
    .map(([key, value]) => `${key}: ${typeof value}`)
    .join()
}

const share = (list: readonly unknown[], of: readonly unknown[]) => list.length / of.length

describe('generated records', () => {
  it('are the same for the same seed and hour, in every process', () => {
    const hour = JSON.stringify(hourRecords(1, FIRST_HOUR, 60))
    expect(createHash('sha256').update(hour).digest('hex').slice(0, 16)).toBe('d367fbb0e945ee52')
    expect(JSON.stringify(hourRecords(1, FIRST_HOUR, 60))).toBe(hour)
    expect(JSON.stringify(hourRecords(2, FIRST_HOUR, 60))).not.toBe(hour)
  })

  it('have the keys of the live record in its order, and its types', () => {
    expect(ITEM_KEYS).toEqual(Object.keys(live))
    const shapes = new Set(items.map(shapeOf))
    expect([...shapes]).toEqual([shapeOf(live)])
  })

  it('come at the rate asked for, on the average of a day', () => {
    expect(first.length).toBeGreaterThan(24_000 * 0.97)
    expect(first.length).toBeLessThan(24_000 * 1.03)
  })

  it('carry name-based Report IDs that differ from record to record', () => {
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-3[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    expect(items.filter((item) => !uuid.test(String(item['Report ID'])))).toEqual([])
    const moments = grouped(deliveries, (delivery) => delivery.item['Report ID'])
    expect(
      moments.filter((versions) => new Set(versions.map((v) => v.item['Correlation ID'])).size > 1)
    ).toEqual([])
  })

  it('have times in order, of which the fields agree', () => {
    const inItems = deliveries.map(({ item }) => ({
      start: Date.parse(String(item['Start time'])),
      report: Date.parse(String(item['Report time']))
    }))
    expect(inItems).toEqual(deliveries.map(({ start, report }) => ({ start, report })))
    const disagreeing = deliveries.filter(({ item, start, report }) => {
      const release = Date.parse(String(item['Release time']))
      const answer = item['Answer time'] === '' ? release : Date.parse(String(item['Answer time']))
      const inOrder = start <= answer && answer <= release && release <= report
      // Whoever answered after a redirection has the talk in a record of their own.
      const isOwn = item['Answer indicator'] !== 'Yes-PostRedirection'
      const talk = isOwn ? Math.floor((release - answer) / 1000) : 0
      return !inOrder || item.Duration !== talk || item.Answered !== String(item['Answer time'] !== '')
    })
    expect(disagreeing).toEqual([])
  })

  it('stay within the spill of their hour and are sorted', () => {
    day.forEach((hour, i) => {
      const starts = hour.map((delivery) => delivery.start)
      expect(starts).toEqual(starts.toSorted((a, b) => a - b))
      expect(starts[0]).toBeGreaterThanOrEqual((FIRST_HOUR + i) * HOUR)
      expect(starts.at(-1)).toBeLessThan((FIRST_HOUR + i + 1) * HOUR + LONGEST_SPILL)
    })
  })

  it('tell of one leg twice: same Network call ID, crossed call IDs, own Report ID and Call ID', () => {
    const legs = first.map((delivery) => delivery.item).filter((item) => item['Remote call ID'] !== '')
    const pairs = grouped(legs, (item) => item['Network call ID'])
    expect(pairs.length).toBeGreaterThan(1_000)
    const wrong = pairs.filter(
      ([near, far, ...more]) =>
        more.length > 0 ||
        near?.['Local call ID'] !== far?.['Remote call ID'] ||
        near?.['Remote call ID'] !== far?.['Local call ID'] ||
        near?.['Correlation ID'] !== far?.['Correlation ID'] ||
        near?.['Call ID'] === far?.['Call ID'] ||
        near?.Direction === far?.Direction
    )
    expect(wrong).toEqual([])
  })

  it('show agents nobody could reach: several empty Call IDs with one Start time', () => {
    const empty = first.map((delivery) => delivery.item).filter((item) => item['Call ID'] === '')
    expect(new Set(empty.map((item) => item['Call outcome reason']))).toEqual(
      new Set(['TemporarilyUnavailable'])
    )
    const clashes = grouped(empty, (item) => item['Start time']).filter((together) => together.length > 1)
    expect(clashes.length).toBeGreaterThan(100)
  })

  it('let one agent win a simultaneous ring', () => {
    const rings = first
      .map((delivery) => delivery.item)
      .filter((item) => item['Related reason'] === 'HuntGroup')
    const calls = grouped(rings, (item) => item['Correlation ID'])
    const winners = calls.map(
      (legs) => legs.filter((leg) => leg.Direction === 'TERMINATING' && leg.Answered === 'true').length
    )
    expect(new Set(winners)).toEqual(new Set([0, 1]))
    expect(rings.some((leg) => leg['Answered elsewhere'] === 'Yes')).toBe(true)
  })

  it('contain calls of hours and a few of nearly a day', () => {
    const longer = (hours: number) => first.filter(({ item }) => Number(item.Duration) >= hours * 3_600)
    expect(share(longer(1), first)).toBeGreaterThan(0.01)
    expect(share(longer(1), first)).toBeLessThan(0.03)
    expect(longer(15).length).toBeGreaterThan(5)
    expect(longer(20.01)).toEqual([])
  })

  it('contain every kind of call and the awkward names', () => {
    const seen = (key: string) => new Set(items.map((item) => item[key]))
    for (const type of [
      'SIP_ENTERPRISE',
      'SIP_INBOUND',
      'SIP_NATIONAL',
      'SIP_INTERNATIONAL',
      'SIP_EMERGENCY',
      'SIP_TOLLFREE',
      'SIP_MOBILE',
      'SIP_MEETING'
    ]) {
      expect(seen('Call type')).toContain(type)
    }
    for (const type of [
      'User',
      'Place',
      'VirtualLine',
      'VirtuaLline',
      'HuntGroup',
      'CallCenterStandard',
      'CallCenterPremium',
      'AutomatedAttendantVideo',
      'VoiceMailGroup',
      'VoiceMailRetrieval',
      'LocalGateway'
    ]) {
      expect(seen('User type')).toContain(type)
    }
    for (const place of ['Main Office', 'Branch 1', 'Springfield, IL'])
      expect(seen('Location')).toContain(place)
    const users = [...seen('User')].join('\n')
    for (const part of ["O'Brien", 'Smith, Robert', '🎧', 'amy.chen@example.com'])
      expect(users).toContain(part)
    expect(items.some((item) => item['Call transfer time'] !== '')).toBe(true)
    expect(items.some((item) => /^[1-9]$/.test(String(item['Auto Attendant Key Pressed'])))).toBe(true)
    expect(new Set(PEOPLE.map((person) => person.name)).size).toBe(PEOPLE.length)
  })
})

describe('deliveries', () => {
  const delay = (d: Delivery) => d.visibleAt - Date.parse(String(d.item['Release time']))

  it('are late in two of a hundred cases, a few by more than 5 h', () => {
    const late = first.filter((delivery) => delay(delivery) > 280_000)
    expect(share(late, first)).toBeGreaterThan(0.015)
    expect(share(late, first)).toBeLessThan(0.025)
    expect(late.filter((delivery) => delay(delivery) > 5 * HOUR).length).toBeGreaterThan(5)
    expect(Math.min(...deliveries.map(delay))).toBeGreaterThanOrEqual(60_000)
  })

  it('are complete 40 h after the Start time', () => {
    expect(Math.max(...deliveries.map((delivery) => delivery.visibleAt - delivery.start))).toBeLessThan(
      40 * HOUR
    )
  })

  it('bring one record of a hundred in a second version, beside the first or in its place', () => {
    const versions = grouped([...new Set(deliveries)], (delivery) => delivery.item['Report ID'])
      .filter((list) => list.length > 1)
      .map((list) => list.toSorted((a, b) => a.report - b.report) as [Delivery, Delivery])
    expect(share(versions, first)).toBeGreaterThan(0.007)
    expect(share(versions, first)).toBeLessThan(0.013)
    for (const [older, newer] of versions) {
      expect(newer.report).toBeGreaterThan(older.report)
      expect(newer.visibleAt).toBeGreaterThan(older.visibleAt)
      const changed = ITEM_KEYS.filter((key) => older.item[key] !== newer.item[key])
      expect(changed).toContain('Report time')
      expect(changed.length).toBeGreaterThan(1)
    }
    const replaced = versions.filter(([older, newer]) => older.hiddenFrom === newer.visibleAt)
    expect(share(replaced, versions)).toBeGreaterThan(0.35)
    expect(share(replaced, versions)).toBeLessThan(0.65)
  })

  it('come twice, word for word, in one case of two hundred', () => {
    const repeats = deliveries.length - new Set(deliveries).size
    expect(repeats / first.length).toBeGreaterThan(0.003)
    expect(repeats / first.length).toBeLessThan(0.007)
  })
})
