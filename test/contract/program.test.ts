import { expect, test } from 'vitest'
import { CLI } from '../support/cli.js'
import { contract, contractOf, dialect } from '../support/contract.js'
import { programBench } from '../support/program.js'

const count = async (query: (sql: string) => Promise<unknown>, table: string) => {
  const [{ n }] = (await query(`SELECT COUNT(*) AS n FROM ${table}`)) as [{ n: number }]
  return Number(n)
}

contract('the program', () => {
  test('migrates, syncs, syncs again, shows what there is', async () => {
    const { run, migrate, query } = await programBench()
    expect((await run('sync')).stderr).toMatch(
      dialect === 'sqlite'
        ? /does not exist: .*`npm run migrate`\n$/
        : /lacks 10 migrations, from Predecessor\w+ on: run `npm run migrate`.*; if they are applied, this login lacks permission to see the tables/
    )
    await migrate()
    const first = await run('sync', '--json')
    expect(first.code, first.stderr).toBe(0)
    const { runs } = JSON.parse(first.stdout)
    expect(runs[0].inserted + runs[1].inserted).toBe(await count(query, 'cdr_records'))
    const second = await run('sync', '--json')
    expect(JSON.parse(second.stdout)).toMatchObject({
      status: 'succeeded',
      runs: [{ source: 'cdr_stream', updated: 0 }]
    })
    const stats = JSON.parse((await run('stats', '--json')).stdout)
    expect(stats.records.total).toBe(await count(query, 'cdr_records'))
    expect(stats.watermarks).toMatchObject([
      { source: 'cdr_feed', scope: 'all locations' },
      { source: 'cdr_stream', scope: 'all locations' }
    ])
    expect(stats.days.length).toBeGreaterThan(1)
    expect(stats.runs).toMatchObject([
      { status: 'succeeded', source: 'cdr_stream' },
      { status: 'succeeded', source: 'cdr_stream' },
      { status: 'succeeded', source: 'cdr_feed' }
    ])
    expect(stats.warnings).toEqual([])
    const shown = await run('stats')
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(shown.stdout).toMatch(/Watermarks\n {2}cdr_feed {4}all locations/)
    const again = await run('migrate')
    expect(again.stdout).toMatch(/No pending migrations\./)
  }, 120_000)

  test('of two syncs at once one works, and the other says who does', async () => {
    const { start, migrate } = await programBench({ recordsPerHour: 30 })
    await migrate()
    const both = await Promise.all([start('sync').ended, start('sync').ended])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(
      both.map(({ stdout }) => /Another sync is running: .*, process \d+, since/.test(stdout)).sort()
    ).toEqual([false, true])
  }, 120_000)

  test('killed in the middle is repeated by the next run, which loses and doubles nothing', async () => {
    const { start, run, migrate, query, sim } = await programBench({ recordsPerHour: 20, maxPageSize: 50 })
    await migrate()
    for (let kills = 1; kills <= 2; kills += 1) {
      const running = start('sync', '--source', 'feed')
      const before = await count(query, 'cdr_records')
      while ((await count(query, 'cdr_records')) <= before)
        await new Promise((resolve) => setTimeout(resolve, 5))
      running.child.kill('SIGKILL')
      expect((await running.ended).code).toBeNull()
    }
    const now = Date.now()
    const truth = sim.truth(now - 47 * 3_600_000, now - 400_000)
    const last = await run('sync', '--source', 'feed', '--since', '48h', '--json')
    expect(last.code, last.stderr).toBe(0)
    const ids = (await query<{ report_id: string }>('SELECT report_id FROM cdr_records')).map(
      ({ report_id }) => report_id.toLowerCase()
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect([...truth.keys()].filter((id) => !ids.includes(id))).toEqual([])
    const runs = await query<{ status: string }>('SELECT status FROM cdr_sync_state ORDER BY id')
    expect(runs.map(({ status }) => status)).toEqual(['interrupted', 'interrupted', 'succeeded'])
  }, 120_000)
})

contractOf('sqlite', 'a full disk', () => {
  test.skipIf(process.platform === 'win32')(
    'ends the run in one line; with room the next one makes it good',
    async () => {
      const { run, migrate, query, env, folder } = await programBench()
      await migrate()
      // No file of the process may grow beyond 2 MiB (4,096 blocks): the disk is full for it.
      const { execFile } = await import('node:child_process')
      const limited = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
        execFile(
          'sh',
          ['-c', 'ulimit -f 4096; exec "$0" "$@"', process.execPath, CLI, 'sync'],
          { env: { PATH: process.env.PATH, ...env, LOG_LEVEL: 'silent' }, cwd: folder },
          (error, _, stderr) => resolve({ code: error?.code, stderr })
        )
      })
      expect(limited.code).toBe(1)
      expect(limited.stderr).toMatch(
        /^webex-cdr: SQLite file .*(full|disk I\/O error); check that the disk has free space/
      )
      expect(limited.stderr.trim().split('\n')).toHaveLength(1)
      expect((await run('sync')).code).toBe(0)
      const runs = await query<{ status: string }>('SELECT status FROM cdr_sync_state ORDER BY id')
      expect(runs.at(-1)?.status).toBe('succeeded')
    },
    60_000
  )
})
