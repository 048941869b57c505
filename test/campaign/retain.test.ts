import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { contract } from '../support/contract.js'
import { amount } from '../support/long.js'
import { programBench } from '../support/program.js'

const DAY = 86_400_000
const recordsPerHour = amount('RETAIN_RECORDS_PER_HOUR', 12, 60)

contract('retain, killed six times while syncs run,', () => {
  test(
    `deletes, masks and converts ${recordsPerHour * 720} records all the same, and no sync brings anything back`,
    async () => {
      const { run, start, migrate, query, env, sim } = await programBench({ recordsPerHour })
      env.WEBEX_MAX_PER_PAGE = '5000'
      await migrate()
      expect(await run('sync', '--source', 'feed', '--since', '30d')).toMatchObject({ code: 0 })
      const [{ n: all } = { n: 0 }] = await query<{ n: number }>(counted('1 = 1'))

      Object.assign(env, { RETAIN_RECORDS: '20 days', MASK_AFTER: '5 days', RAW_JSON: 'rest' })
      const began = Date.now()
      let killed = 0
      for (let nth = 0; nth < 6; nth += 1) {
        const { child, ended } = start('retain', '--pause', '20')
        const syncing = run('sync', '--source', 'feed', '--since', '12h')
        await delay(700 + nth * 150)
        child.kill('SIGKILL')
        const { code, stderr } = await ended
        expect([null, 0], stderr).toContain(code)
        killed += code === null ? 1 : 0
        expect(await syncing).toMatchObject({ code: 0 })
      }
      expect(killed).toBeGreaterThan(2)
      const { code, stdout, stderr } = await run('retain', '--json')
      expect(code, stderr).toBe(0)
      expect(JSON.parse(stdout).recordsMasked + JSON.parse(stdout).rawJsonConverted).toBeLessThan(2 * all)

      const before = (days: number) => `start_time < '${sqlTime(began - days * DAY)}'`
      await expectAs(query, before)
      const [{ n: left } = { n: 0 }] = await query<{ n: number }>(counted('1 = 1'))
      const kept = sim.truth(began - 19.9 * DAY, began - 2 * DAY).size
      expect(left).toBeGreaterThan(kept)
      expect(left).toBeLessThan(all)

      expect(await run('sync', '--source', 'feed', '--since', '30d')).toMatchObject({ code: 0 })
      await expectAs(query, before)
      const missing = [...sim.truth(began - 19.9 * DAY, began - 2 * DAY).keys()]
      const stored = await query<{ id: string }>('SELECT report_id AS id FROM cdr_records')
      const ids = new Set(stored.map(({ id }) => id.toLowerCase()))
      expect(missing.filter((id) => !ids.has(id))).toEqual([])
    },
    // In ms: a stand-in for SQL Server writes some thousand rows a second.
    120_000 + recordsPerHour * 5_000
  )
})

const counted = (where: string) => `SELECT COUNT(*) AS n FROM cdr_records WHERE ${where}`

/** What the policy asks for: nothing older than 20 days, nobody older than 5, and nowhere what the columns say. */
async function expectAs(
  query: <Row>(sql: string) => Promise<Row[]>,
  before: (days: number) => string
): Promise<void> {
  for (const wrong of [
    before(20),
    `${before(5)} AND masked_utc IS NULL`,
    `${before(5)} AND (user_name IS NOT NULL OR user_id IS NOT NULL OR calling_number NOT LIKE '%x' AND calling_number <> 'NA')`,
    'raw_json IS NOT NULL'
  ]) {
    expect(await query(counted(wrong)), wrong).toEqual([{ n: 0 }])
  }
}

function sqlTime(moment: number): string {
  return new Date(moment).toISOString().replace('T', ' ').replace('Z', '')
}
