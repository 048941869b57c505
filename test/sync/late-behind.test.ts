import { describe, expect, test } from 'vitest'
import { live } from '../support/live.js'
import { DAY, HOUR, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const OPEN =
  'SELECT source, error_type, range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'
const DOWN = { kind: 'status', status: 400 } as const

function lateRecord(began: number) {
  const item = { ...live, 'Start time': new Date(began).toISOString() }
  return { kind: 'body' as const, body: JSON.stringify({ items: [item] }) }
}

describe('what came late behind the watermark', () => {
  test.each([
    ['--since', (now: number) => ({ since: now - 2 * DAY })],
    ['--lookback', () => ({ lookback: 47 * HOUR })]
  ])('is looked for from where the last look ended, whatever was read meanwhile', async (_, request) => {
    const { run, clock } = await setUp({ records: [] })
    const first = Date.parse((await run({ since: clock.now - 10 * DAY })).range.end)
    clock.now += 20 * HOUR
    await run(request(clock.now))
    clock.now += 5 * HOUR
    const { range } = await run()
    expect(Date.parse(range.start)).toBe(first - 48 * HOUR)
    clock.now += HOUR
    expect(Date.parse((await run()).range.start)).toBeGreaterThan(first)
  })

  test.each(['auto', 'feed'] as const)(
    'is looked for from where cdr_feed has shown all, though a backfill was the only run of it: %s',
    async (source) => {
      const { run, auto, start, clock, sim, all, lost } = await setUp({ recordsPerHour: 2 })
      await run({ source: 'stream' })
      const from = clock.now - 12 * HOUR + 5 * MINUTE
      clock.now += 11 * HOUR
      await run({ source: 'stream' })
      clock.now += HOUR
      sim.failNext(DOWN)
      await expect(start({ source: 'stream' })).rejects.toThrow(/400/)
      await auto({ fillGaps: true })
      clock.now += 6 * DAY
      const [fed] = await auto({ source })
      expect(Date.parse(fed?.range.start ?? '')).toBe(from)
      expect(lost(from, clock.now - HOUR)).toEqual([])
      expect(all(OPEN)).toEqual([])
    }
  )

  test.each(['feed', 'auto'] as const)('and went with the 30 days is a gap: %s', async (source) => {
    const { auto, clock, all } = await setUp({ records: [] })
    const [first] = await auto({ source })
    const watermark = Date.parse(first?.watermark ?? '')
    clock.now += 29 * DAY
    await auto({ source })
    const [gap] = all(OPEN)
    expect(gap).toMatchObject({
      source: 'cdr_feed',
      error_type: 'Gap',
      range_end_utc: sqlTime(clock.now - 30 * DAY + 5 * MINUTE)
    })
    const start = Date.parse(`${String(gap?.range_start_utc).replace(' ', 'T')}Z`)
    expect(Math.abs(start - (watermark - 2 * DAY))).toBeLessThan(10 * MINUTE)
  })

  test('by cdr_stream is known to the hand-over, which reads twice as far back', async () => {
    const { auto, clock, sim, all } = await setUp({ records: [] })
    await auto()
    clock.now += 6 * DAY
    await auto()
    clock.now += HOUR
    const [streamed] = await auto()
    const reached = Date.parse(streamed?.watermark ?? '')
    clock.now += HOUR
    sim.failNext(lateRecord(reached - 60 * HOUR))
    await auto()
    expect(
      all("SELECT latest_seconds FROM cdr_sync_state WHERE source = 'cdr_stream' ORDER BY id DESC LIMIT 1")
    ).toEqual([{ latest_seconds: 60 * 3_600 }])
    clock.now += 20 * HOUR
    const [fed] = await auto()
    expect(fed?.source).toBe('cdr_feed')
    expect(Date.parse(fed?.range.start ?? '')).toBeLessThanOrEqual(clock.now - 20 * HOUR - 120 * HOUR)
  })
})
