import { existsSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addCalls } from '../support/given-calls.js'
import { fillWithEverything, setUpReport } from './bench.js'

test('a file for its owner alone, told in one line', async () => {
  const bench = await setUpReport()
  await fillWithEverything(bench)
  const ended = await bench.report('--since', '10d')
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(ended.stdout).toBe(
    `239 calls: ${join(bench.folder, 'report.html')}\nThe period lacks data; the report says when.\n`
  )
  if (process.platform !== 'win32') {
    expect(statSync(join(bench.folder, 'report.html')).mode & 0o777).toBe(0o600)
  }
  expect(bench.html()).toMatch(/<dt>Calls<\/dt><dd><b>239<\/b>/)
})

test('webex-cdr-report.html where no other file is named', async () => {
  const { folder, run } = await setUpReport()
  expect((await run(['report'])).code).toBe(0)
  expect(existsSync(join(folder, 'webex-cdr-report.html'))).toBe(true)
})

test('without calls a page that says so', async () => {
  const { report, html } = await setUpReport()
  expect(await report('--locations', 'Berlin')).toMatchObject({ code: 0 })
  expect(html()).toContain('No calls in this period at these locations.')
  expect(html()).toMatch(/720 of 720 hours lack data \(100\.0 %\)/)
  expect(html()).not.toContain('<nav')
})

test('only calls of the period and the locations', async () => {
  const { dataSource, report, html } = await setUpReport()
  await addCalls(
    dataSource.manager,
    { at: '2026-01-01T00:00:00Z', locationName: 'Berlin' },
    { at: '2026-01-01T00:00:00Z', locationName: 'Paris' },
    { at: '2026-01-02T00:00:00Z', locationName: 'Berlin' }
  )
  const january = ['--since', '2026-01-01', '--until', '2026-01-02']
  expect((await report(...january)).stdout).toMatch(/^2 calls:/)
  expect((await report(...january, '--locations', 'Berlin', '"Rome"')).stdout).toMatch(/^1 call:/)
  expect(html()).toContain('<bdi>Berlin, &#34;Rome&#34;</bdi>')
})

test('masked calls stay masked, though their neighbours have names', async () => {
  const { dataSource, report, html } = await setUpReport()
  const ann = { userId: 'ann', name: 'Ann Lee', number: '+15555550100', locationName: 'Berlin' }
  await addCalls(
    dataSource.manager,
    { at: '2026-01-01T00:00:00Z', callClass: 'emergency', callingName: 'Ann Lee', parties: [ann] },
    {
      at: '2026-01-01T01:00:00Z',
      callClass: 'emergency',
      callingNumber: '+15555550xxx',
      maskedUtc: new Date(),
      parties: [{ ...ann, userId: null, name: null, number: '+15555550xxx' }]
    }
  )
  await report('--since', '2026-01-01', '--until', '2026-01-02')
  expect(html()).toMatch(/Masked calls<\/dt><dd>1 \(50\.0 %\)/)
  const users = html().slice(html().indexOf('id="users"'))
  expect(users).toMatch(/<bdi>Ann Lee<\/bdi><\/th>.*?data-value="1".*?data-value="1"/)
  expect(users).toMatch(/<bdi>\(no name\)<\/bdi>/)
})

test.each([
  [['--since', '2999-01-01'], 2, /--since 2999-01-01 is in the future/],
  [['--since', 'monday'], 2, /--since “monday” is not a time/],
  [['--since', '2d', '--until', '3d'], 2, /--until 3d must be later than --since 2d/],
  [['--locations', ' '], 2, /--locations has an empty name/]
])('%j is refused in one line', async (args, code, message) => {
  const { report, folder } = await setUpReport()
  const ended = await report(...args)
  expect(ended.code).toBe(code)
  expect(ended.stderr).toMatch(message)
  expect(ended.stderr.trim().split('\n')).toHaveLength(1)
  expect(existsSync(join(folder, 'report.html'))).toBe(false)
})

test('a file that cannot be written is told in one line', async () => {
  const { run, folder } = await setUpReport()
  const ended = await run(['report', '-o', 'no/such/folder/x.html'])
  expect(ended.code).toBe(2)
  expect(ended.stderr).toMatch(/^webex-cdr: cannot write --output \S.*x\.html: ENOENT.*\n$/)
  symlinkSync('target.html', join(folder, 'link.html'))
  expect((await run(['report', '-o', 'link.html'])).code).toBe(0)
  expect(existsSync(join(folder, 'target.html'))).toBe(true)
})
