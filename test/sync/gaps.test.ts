import { describe, expect, test } from 'vitest'
import { syncAccepted } from '../../src/sync/sync.js'
import { killedAfter } from '../support/killed.js'
import { memoryLog } from '../support/log.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const ERRORS =
  'SELECT source, error_type, recovered, range_start_utc, range_end_utc FROM cdr_sync_errors ORDER BY id'

describe('--fill-gaps', () => {
  test('fetches from cdr_feed what cdr_stream alone has missed, with what came late in that time', async () => {
    const { start, auto, run, clock, all, lost } = await setUp({ recordsPerHour: 12 })
    await run({ source: 'stream' })
    const from = clock.now
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    expect(lost(from, clock.now - SETTLING).length).toBeGreaterThan(100)
    const outcome = await start({ source: 'auto', fillGaps: true })
    if (!('runs' in outcome)) throw new Error('busy')
    expect(outcome.runs).toHaveLength(1)
    expect(outcome.runs[0]).toMatchObject({ source: 'cdr_feed', watermark: null })
    expect(outcome.runs[0]?.inserted).toBeGreaterThan(100)
    clock.now -= 90_000
    expect(lost(from, clock.now - 12 * HOUR)).toEqual([])
    clock.now += 90_000
    expect(all(ERRORS)).toMatchObject([{ source: 'cdr_stream', error_type: 'Gap', recovered: 1 }])
    expect(await auto({ fillGaps: true })).toEqual([])
  })

  test('fetches what a failed and what a killed run left, and is not needed for it', async () => {
    const { start, run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 5 })
    await run()
    const since = clock.now - 8 * DAY
    sim.failNext({ kind: 'none' }, ...Array(3).fill({ kind: 'status', status: 400 }))
    await expect(start({ since })).rejects.toThrow()
    await killedAfter(1, () => run({ since: since - DAY, until: since + DAY }))
    expect(all(ERRORS)).toMatchObject([{ error_type: 'FatalError', recovered: 0 }])
    expect(lost(since - DAY, clock.now - SETTLING).length).toBeGreaterThan(100)
    expect(await auto({ fillGaps: true })).toHaveLength(1)
    expect(all(ERRORS)).toMatchObject([{ recovered: 1 }])
    expect(lost(since - DAY, clock.now - SETTLING)).toEqual([])
  })

  test('of a gap that the service has in part, the rest stays open and is told', async () => {
    const { run, start, auto, clock, sim, all, lines } = await setUp({ records: [] })
    await run()
    const since = clock.now - 25 * DAY
    sim.failNext({ kind: 'status', status: 400 })
    await expect(start({ since, until: since + 10 * HOUR })).rejects.toThrow()
    clock.now += 5 * DAY + 5 * HOUR
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    await run({ source: 'stream' })
    expect(all(ERRORS)[1]).toMatchObject({ error_type: 'Gap', range_start_utc: sqlTime(since) })
    await auto({ fillGaps: true })
    expect(lines.join('\n')).toContain(
      `cdr_feed no longer has the calls from ${new Date(since).toISOString()} to ${new Date(edge).toISOString()}`
    )
    const open = all(ERRORS).filter((row) => row.error_type === 'Gap' && row.recovered === 0)
    expect(open).toMatchObject([{ range_start_utc: sqlTime(since), range_end_utc: sqlTime(edge) }])
    expect(await auto({ fillGaps: true })).toEqual([])
  })

  test('that fails leaves the gap open', async () => {
    const { run, start, auto, clock, sim, all } = await setUp({ records: [] })
    await run({ source: 'stream' })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    sim.failNext(...Array(3).fill({ kind: 'status', status: 400 }))
    await expect(start({ source: 'auto', fillGaps: true })).rejects.toThrow()
    expect(all(ERRORS)[0]).toMatchObject({ error_type: 'Gap', recovered: 0 })
    await auto({ fillGaps: true })
    expect(all(`SELECT COUNT(*) AS n FROM cdr_sync_errors WHERE recovered = 0`)).toEqual([{ n: 0 }])
  })

  test('in a dry run says what there is and recovers nothing', async () => {
    const { run, auto, clock, all } = await setUp({ records: [] })
    await run({ source: 'stream' })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    expect(await auto({ fillGaps: true, dryRun: true })).toMatchObject([{ status: 'dry run' }])
    expect(all(ERRORS)).toMatchObject([{ error_type: 'Gap', recovered: 0 }])
  })

  test('without --locations fills the gaps of every filter whose names are known', async () => {
    const { run, auto, clock, all, lines, execute } = await setUp({ records: [] })
    const locations = ['Main Office']
    await run({ locations, source: 'stream' })
    clock.now += 30 * HOUR
    await run({ locations, source: 'stream' })
    execute(
      `INSERT INTO cdr_coverage (scope, source, start_utc) VALUES ('sha256:00', 'asked', '${sqlTime(clock.now - DAY)}')`
    )
    expect(await auto({ fillGaps: true })).toMatchObject([{ scope: '["Main Office"]' }])
    expect(all(ERRORS)).toMatchObject([{ recovered: 1 }])
    expect(lines.join()).toContain('the gaps of sha256:00 can only be filled with its --locations')
  })
})

describe('--accept-gap', () => {
  const NOT_TOLD =
    'SELECT range_start_utc, range_end_utc FROM cdr_sync_errors WHERE recovered = 0 ORDER BY id'

  test('closes what of a range is a gap, for good, and nothing else', async () => {
    const { run, clock, all, settings } = await setUp({ records: [] })
    const first = Date.parse((await run()).range.start)
    clock.now += 40 * DAY
    await run()
    const edge = clock.now - 30 * DAY + 5 * MINUTE
    const accept = (start: number, end: number) =>
      syncAccepted(settings, [], { start, end }, { log: memoryLog().log })
    expect(await accept(clock.now - DAY, clock.now)).toEqual({ result: [] })
    const part = { start: first, end: first + DAY }
    expect(await accept(first - DAY, first + DAY)).toEqual({ result: [part] })
    expect(all(NOT_TOLD)).toEqual([{ range_start_utc: sqlTime(part.end), range_end_utc: sqlTime(edge) }])
    const whole = { result: [{ start: first, end: edge }] }
    expect(await accept(first, clock.now)).toEqual(whole)
    // As it says where its answer was lost and it is done again.
    expect(await accept(first, clock.now)).toEqual(whole)
    expect(all(NOT_TOLD)).toEqual([])
    clock.now += 9 * DAY
    const { notes } = await run()
    expect(notes).toBe('')
    expect(all(NOT_TOLD)).toEqual([])
  })

  test('may be done in SQL: the next sync closes the gap', async () => {
    const { run, clock, all, execute } = await setUp({ records: [] })
    await run()
    clock.now += 40 * DAY
    await run()
    execute(`INSERT INTO cdr_coverage (scope, source, start_utc, end_utc)
      SELECT scope, 'accepted', range_start_utc, range_end_utc FROM cdr_sync_errors WHERE error_type = 'Gap'`)
    await run()
    expect(all(NOT_TOLD)).toEqual([])
  })
})

test('what was complete a week ago is one row of coverage, and rows are used again', async () => {
  const { run, clock, all } = await setUp({ records: [] })
  const first = Date.parse((await run()).range.start)
  for (let day = 0; day < 12; day += 1) {
    clock.now += DAY
    await run()
  }
  const settled = all("SELECT start_utc, end_utc FROM cdr_coverage WHERE source = 'settled'")
  const end = Math.floor((clock.now - SETTLING) / DAY - 7) * DAY
  expect(settled).toEqual([{ start_utc: sqlTime(first), end_utc: sqlTime(end) }])
  expect(all('SELECT COUNT(*) AS n FROM cdr_coverage')[0]?.n).toBeLessThan(20)
})
