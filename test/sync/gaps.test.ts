import { describe, expect, test } from 'vitest'
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

  test('fetches what a failed and what a killed run left', async () => {
    const { start, run, auto, clock, sim, all, execute, lost } = await setUp({ recordsPerHour: 20 })
    await run()
    const since = clock.now - 8 * DAY
    sim.failNext({ kind: 'none' }, { kind: 'status', status: 400 })
    await expect(start({ since })).rejects.toThrow()
    execute(`INSERT INTO cdr_sync_state (source, scope, status, range_start_utc, range_end_utc, last_successful_end_time_utc,
        records_fetched, sync_duration_seconds, api_calls_made)
      SELECT source, scope, 'running', '${sqlTime(since - DAY)}', '${sqlTime(since + DAY)}', MAX(last_successful_end_time_utc), 0, 0, 0
      FROM cdr_sync_state`)
    await run()
    expect(all(ERRORS)).toMatchObject([{ recovered: 0 }, { error_type: 'KilledRun', recovered: 0 }])
    // The two touch: one run does for both.
    expect(await auto({ fillGaps: true })).toHaveLength(1)
    expect(all(ERRORS)).toMatchObject([{ recovered: 1 }, { error_type: 'KilledRun', recovered: 1 }])
    expect(lost(since - DAY, clock.now - SETTLING)).toEqual([])
  })

  test.each(['Gap', 'TemporaryError'])(
    'of a %s that the service has in part, the rest stays open and is told',
    async (type) => {
      const { run, auto, clock, all, lines, execute } = await setUp({ recordsPerHour: 2 })
      await run()
      const edge = clock.now - 30 * DAY + 5 * MINUTE
      execute(`INSERT INTO cdr_sync_errors (source, scope, error_type, error_message, recovered, range_start_utc, range_end_utc)
      VALUES ('cdr_feed', 'all locations', '${type}', 'by hand', 0, '${sqlTime(edge - DAY)}', '${sqlTime(edge + 2 * DAY)}')`)
      expect(await auto({ fillGaps: true })).toHaveLength(1)
      expect(lines.join('\n')).toContain(
        `calls from ${new Date(edge - DAY).toISOString()} to ${new Date(edge).toISOString()} are no longer at the service`
      )
      expect(all(ERRORS)).toEqual([
        {
          source: 'cdr_feed',
          error_type: type,
          recovered: 0,
          range_start_utc: sqlTime(edge - DAY),
          range_end_utc: sqlTime(edge)
        }
      ])
      expect(await auto({ fillGaps: true })).toEqual([])
    }
  )

  test('that fails leaves the gap open', async () => {
    const { run, start, auto, clock, sim, all } = await setUp({ recordsPerHour: 5 })
    await run({ source: 'stream' })
    clock.now += 30 * HOUR
    await run({ source: 'stream' })
    sim.failNext({ kind: 'none' }, { kind: 'status', status: 400 })
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
    execute(`INSERT INTO cdr_sync_errors (source, scope, error_type, recovered, range_start_utc, range_end_utc)
      VALUES ('cdr_feed', 'sha256:00', 'Gap', 0, '${sqlTime(clock.now - DAY)}', '${sqlTime(clock.now - HOUR)}')`)
    expect(await auto({ fillGaps: true })).toMatchObject([{ scope: '["Main Office"]' }])
    expect(all(ERRORS)).toMatchObject([{ recovered: 1 }, { recovered: 0 }])
    expect(lines.join()).toContain('the gaps of sha256:00 are filled only with the --locations')
  })
})
