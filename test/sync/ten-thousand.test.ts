import { expect, test } from 'vitest'
import { HOUR, SETTLING, setUp } from '../support/sync.js'

test('10,000 records with paging, repeats, late arrivals and random faults: none lost, none twice, none stale', async () => {
  const { start, sim, clock, all, lost, lines } = await setUp({
    recordsPerHour: 115,
    faultRate: 0.3,
    seed: 20_261_123
  })
  const from = clock.now - 48 * HOUR
  const run = async () => {
    // As a scheduler would: what fails is tried again with the next run.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await start()
      } catch (error) {
        if (attempt === 10) throw error
      }
    }
  }
  await run()
  for (let hours = 0; hours < 24; hours += 8) {
    clock.now += 8 * HOUR
    await run()
  }

  const newest = clock.now - SETTLING
  expect(sim.truth(from, newest).size).toBeGreaterThan(7_000)
  const settled = clock.now - 12 * HOUR
  expect(lost(settled, newest)).toEqual([])
  // What comes later than half a day waits for the run of a day that looks back 48 hours.
  clock.now += 24 * HOUR
  await run()
  const truth = sim.truth(from, clock.now - SETTLING)
  expect(truth.size).toBeGreaterThan(10_000)
  expect(lost(from, clock.now - SETTLING)).toEqual([])
  expect(all('SELECT report_id FROM cdr_records GROUP BY report_id HAVING COUNT(*) > 1')).toEqual([])
  const stale = all('SELECT report_id, raw_json FROM cdr_records').filter(({ report_id, raw_json }) => {
    const newestVersion = truth.get(String(report_id))
    return newestVersion && JSON.stringify(newestVersion) !== raw_json
  })
  expect(stale).toEqual([])
  const [{ total } = {}] = all('SELECT COUNT(*) AS total FROM cdr_records')
  expect(Number(total)).toBeGreaterThan(10_000)
  expect(
    all(
      'SELECT * FROM cdr_sync_state WHERE records_fetched <> records_inserted + records_updated + records_duplicate + records_quarantined'
    )
  ).toEqual([])
  expect(lines.filter((line) => line.includes('attempt')).length).toBeGreaterThan(5)
}, 60_000)
