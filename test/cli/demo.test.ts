import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../support/until.js'
import { setUp } from './bench.js'

test('demo: two syncs and the stats, as README shows them; again, it goes on', async () => {
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
  expectAsInReadme(first.stdout.replaceAll(folder, '/home/ann'))
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

/** A line … stands for lines left out. */
function expectAsInReadme(stdout: string): void {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const shown = /<!-- demo output.*?```text\n(.*?)```/s.exec(readme)?.[1] ?? ''
  const parts = shown.split(/^…$/m).map(shapeOf)
  expect(parts.length).toBeGreaterThan(1)
  const real = shapeOf(stdout)
  expect(parts[0]?.[0]).toBe(real[0])
  expect(parts.at(-1)?.at(-1)).toBe(real.at(-1))
  let from = 0
  for (const part of parts) {
    const at = real.findIndex(
      (_, index) => index >= from && part.every((line, offset) => real[index + offset] === line)
    )
    expect(at, part.join('\n')).not.toBe(-1)
    from = at + part.length
  }
}

/** The lines without what differs from run to run: numbers, times, paths, widths, and how many rows are alike. */
function shapeOf(text: string): string[] {
  const lines = text
    .trim()
    .split('\n')
    .map((line) =>
      line
        .replace(/\S*webex-cdr-demo(\.db|-report\.html)/, 'FILE')
        .replace(/http:\S+/, 'URL')
        .replace(/\d[\d:.,TZ-]*/g, '#')
        .replace(/\s+/g, ' ')
    )
  return lines.filter((line, index) => line !== lines[index - 1])
}
