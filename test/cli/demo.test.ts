import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/until.js'
import { setUp } from './bench.js'

test('demo: two syncs and the stats; again, it goes on', async () => {
  const { run, folder } = await setUp()
  const first = await run(['demo'])
  expect(first.code, first.stderr).toBe(0)
  expect(first.stdout).toMatch(
    /The first sync.*An incremental sync.*Newest runs.*The database is .*webex-cdr-demo\.db/s
  )
  expect(first.stdout).toContain(join(folder, 'webex-cdr-demo.db'))
  expect(first.stdout).toMatch(/One of its calls.*Journey ID.*The report of all calls/s)
  expect(readFileSync(join(folder, 'webex-cdr-demo-report.html'), 'utf8')).toMatch(
    /<svg.*Queues and hunt groups/s
  )
  expect(first.stdout).toMatch(/run the demo again and it goes on from here\.\nTo trace another call: .+\n$/)
  expect(first.stderr).toMatch(/4 windows/)
  expect(first.stderr).toMatch(/: [3-9] pages/)
  const second = await run(['demo'])
  expect(second.stdout).toContain('No pending migrations.')
  expect(second.stdout).not.toContain('The first sync')
  expect(second.stdout).toMatch(/ \d new/)
}, 60_000)

test('simulate prints the settings with which sync reaches it, and ends when asked', async () => {
  const { start, run, migrate } = await setUp()
  const simulator = start(['simulate', '--port', '0', '--records-per-hour', '5'])
  let told = ''
  simulator.child.stdout?.on('data', (chunk) => (told += chunk))
  await until(() => told.includes('Ctrl-C'))
  const env = Object.fromEntries(
    [...told.matchAll(/^(WEBEX_\w+)=(.+)$/gm)].map(([, name, value]) => [name, value])
  )
  await migrate()
  expect(await run(['sync'], env)).toMatchObject({ code: 0 })
  simulator.child.kill('SIGINT')
  expect((await simulator.ended).code).toBe(0)
})
