import { describe, expect, test } from 'vitest'
import { killedAfter } from '../support/killed.js'
import { DAY, HOUR, SETTLING, setUp, sqlTime } from '../support/sync.js'

const MINUTE = 60_000
const ERRORS =
  'SELECT source, error_type, recovered, range_start_utc, range_end_utc FROM cdr_sync_errors ORDER BY id'

describe('--fill-gaps', () => {
  test('fetches from cdr_feed what cdr_stream alone has missed, with what came late in that time', async () => {
    const { start, auto, run, clock, all, lost } = await setUp({ recordsPerHour: 60 })
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
    const { start, run, auto, clock, sim, all, lost } = await setUp({ recordsPerHour: 20 })
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
    const { run, start, auto, clock, sim, all, lines } = await setUp({ recordsPerHour: 2 })
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
      `calls from ${new Date(since).toISOString()} to ${new Date(edge).toISOString()} are no longer at the service`
    )
    const open = all(ERRORS).filter((row) => row.error_type === 'Gap' && row.recovered === 0)
    expect(open).toMatchObject([{ range_start_utc: sqlTime(since), range_end_utc: sqlTime(edge) }])
    expect(await auto({ fillGaps: true })).toEqual([])
  })

  test('that fails leaves the gap open', async () => {
    const { run, start, auto, clock, sim, all } = await setUp({ recordsPerHour: 5 })
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
    const { run, auto, clock, all } = await setUp({ recordsPerHour: 5 })
    await run({ source: 'stream' })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    expect(await auto({ fillGaps: true, dryRun: true })).toMatchObject([{ status: 'dry run' }])
    expect(all(ERRORS)).toMatchObject([{ error_type: 'Gap', recovered: 0 }])
  })

  test('without --locations fills the gaps of every filter whose names are known', async () => {
    const { run, auto, clock, all, lines, execute } = await setUp({ recordsPerHour: 20 })
    const locations = ['Main Office']
    await run({ locations, source: 'stream' })
    clock.now += 30 * HOUR
    await run({ locations, source: 'stream' })
    execute(
      `INSERT INTO cdr_coverage (scope, source, start_utc) VALUES ('sha256:00', 'asked', '${sqlTime(clock.now - DAY)}')`
    )
    expect(await auto({ fillGaps: true })).toMatchObject([{ scope: '["Main Office"]' }])
    expect(all(ERRORS)).toMatchObject([{ recovered: 1 }])
    expect(lines.join()).toContain('the gaps of sha256:00 are filled only with the --locations')
  })
})
