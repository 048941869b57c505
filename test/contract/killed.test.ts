import { expect, test } from 'vitest'
import { cli, standInEnvironment } from '../support/cli.js'
import { contract } from '../support/contract.js'
import { programBench } from '../support/program.js'

const HOUR = 3_600_000

/** Where a run of cdr_feed is killed, as test/support/kill-point.js reads it; its windows have two pages or more. */
const MOMENTS: [what: string, point: string][] = [
  ['before it has begun', '1 BEGIN'],
  ['when a page was fetched, before its transaction', '2 BEGIN'],
  ['among the rows of a page', '2 INSERT cdr_records'],
  ['behind the rows of a page, before its counters', '2 UPDATE cdr_sync_state'],
  ['before a page is committed', '3 COMMIT'],
  ['when a page is committed, before the checkpoint of its window', '2 after COMMIT'],
  ['in the second window', '5 COMMIT'],
  ['when all is stored, before it gives back the lease', '1 RELEASE']
]

async function isHeld(query: (sql: string) => Promise<{ expires: string | Date }[]>): Promise<boolean> {
  const [{ expires } = { expires: 'never' }] = await query(
    'SELECT expires_utc AS expires FROM cdr_sync_lease'
  )
  const moment = typeof expires === 'string' ? new Date(`${expires.replace(' ', 'T')}Z`) : expires
  return moment.getTime() > Date.now()
}

contract('a run that is killed', () => {
  test.each(MOMENTS)(
    '%s: the next one makes it good',
    async (_, point) => {
      const { env, folder, sim, migrate, run, query } = await programBench({
        recordsPerHour: 5,
        maxPageSize: 36
      })
      await migrate()
      const preload = new URL('../support/kill-point.js', import.meta.url).href
      const options = [standInEnvironment().NODE_OPTIONS, `--import ${preload}`].filter(Boolean).join(' ')
      const killed = await cli(
        ['sync', '--source', 'feed'],
        { ...env, KILL_AT: point, NODE_OPTIONS: options },
        folder
      )
      expect(killed.code, killed.stderr).toBeNull()
      if (point !== '1 BEGIN') expect(await isHeld(query)).toBe(true)
      const now = Date.now()
      const truth = sim.truth(now - 48 * HOUR, now - 400_000)
      expect(truth.size).toBeGreaterThan(150)

      const next = await run('sync', '--source', 'feed', '--json')
      expect(next.code, next.stderr).toBe(0)
      const rows = await query<{ id: string; json: string }>(
        'SELECT report_id AS id, raw_json AS json FROM cdr_records'
      )
      const stored = new Map(rows.map(({ id, json }) => [id.toLowerCase(), json]))
      expect(stored.size).toBe(rows.length)
      expect([...truth].filter(([id, item]) => stored.get(id) !== JSON.stringify(item))).toEqual([])
      const runs = await query<{ status: string; sum: number }>(
        `SELECT status, records_fetched - records_inserted - records_updated - records_duplicate - records_quarantined AS sum
       FROM cdr_sync_state ORDER BY id`
      )
      expect(runs.at(-1)).toMatchObject({ status: 'succeeded' })
      expect(runs.filter(({ status }) => status === 'running')).toEqual([])
      expect(runs.every(({ sum }) => Number(sum) === 0)).toBe(true)
      expect(await isHeld(query)).toBe(false)
    },
    60_000
  )
})

contract('a run that is told to stop', () => {
  test.skipIf(process.platform === 'win32')(
    'by SIGINT finishes its page, gives back the lease and exits with 130',
    async () => {
      const { start, sim, migrate, run, query } = await programBench({ recordsPerHour: 20, maxPageSize: 50 })
      await migrate()
      const running = start('sync', '--source', 'feed')
      while ((await query('SELECT id FROM cdr_records')).length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      running.child.kill('SIGINT')
      // As npm does, which passes on what the terminal has sent already.
      running.child.kill('SIGINT')
      const ended = await running.ended
      expect(ended.code).toBe(130)
      expect(ended.stderr).toMatch(
        /webex-cdr: stopped by SIGINT; stored data is kept, and the next run continues from there\n$/
      )
      const [state] = await query<{ status: string; fetched: number }>(
        'SELECT status, records_fetched AS fetched FROM cdr_sync_state'
      )
      expect(state?.status).toBe('interrupted')
      const [{ n } = { n: 0 }] = await query<{ n: number }>('SELECT COUNT(*) AS n FROM cdr_records')
      expect(Number(n)).toBeGreaterThan(0)
      expect(Number(state?.fetched)).toBeGreaterThanOrEqual(Number(n))
      expect(await isHeld(query)).toBe(false)
      expect(await query('SELECT error_type FROM cdr_sync_errors')).toEqual([])
      const now = Date.now()
      const truth = sim.truth(now - 47 * HOUR, now - 400_000)
      expect((await run('sync', '--source', 'feed')).code).toBe(0)
      const ids = new Set(
        (await query<{ id: string }>('SELECT report_id AS id FROM cdr_records')).map(({ id }) =>
          id.toLowerCase()
        )
      )
      expect([...truth.keys()].filter((id) => !ids.has(id))).toEqual([])
    },
    60_000
  )

  test.skipIf(process.platform === 'win32')(
    'while it waits for its turn ends at once',
    async () => {
      const { start, migrate, query, sim, env } = await programBench({ recordsPerHour: 10 })
      await migrate()
      env.WEBEX_REQUESTS_PER_MINUTE = '1'
      const running = start('sync', '--source', 'feed')
      while (sim.requests.filter(({ path }) => path === '/v1/cdr_feed').length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await new Promise((resolve) => setTimeout(resolve, 300))
      running.child.kill('SIGTERM')
      expect((await running.ended).code).toBe(143)
      expect(await query('SELECT status FROM cdr_sync_state')).toEqual([{ status: 'interrupted' }])
    },
    60_000
  )
})
