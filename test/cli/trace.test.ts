import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../../src/database/data-source.js'
import { storePages } from '../support/calls.js'
import { item } from '../support/live.js'
import { CORRELATION_ID, tracedCall } from '../support/traced-call.js'
import { expectOneLine, setUp } from './bench.js'

async function withCalls(...items: object[]) {
  const bench = await setUp({ records: [] })
  await bench.migrate()
  const dataSource = await connect({ type: 'sqlite', path: bench.file })
  await storePages(dataSource, [[...tracedCall(), ...items]])
  await dataSource.destroy()
  return bench
}

/** Of the same caller as the traced call. */
function second(changes: object = {}): object {
  return item(8, {
    'Correlation ID': '80000000-0000-4000-8000-000000000000',
    'Interaction ID': '',
    ...changes
  })
}

const SINCE = ['--since', '2026-09-01']

test('shows the call that README shows', async () => {
  const { run } = await withCalls()
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, shown] = /<!-- trace output.*?```text\n(.*?)```/s.exec(readme) ?? []
  const { code, stdout, stderr } = await run(['trace', CORRELATION_ID])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(shown)
})

test('lists calls, the newest first, with the time there', async () => {
  const { run } = await withCalls(
    second({ 'Site timezone': '-330', 'Start time': '2026-09-24T08:49:10.000Z' })
  )
  const { code, stdout } = await run(['trace', '+15555550199', ...SINCE])
  expect(code).toBe(0)
  const lines = stdout.split('\n')
  expect(lines[0]).toBe(
    '2 calls with the number +15555550199 since 2026-09-01 00:00:00 UTC, the newest first'
  )
  expect(lines[3]).toMatch(
    /^ {2}2026-09-24 08:49:10 {2}03:19:10 -05:30 Site1 +Agent-1 \(\+15555550199\) +Pod 0 \(\+15555550101\) .*refused|unreachable|no answer/
  )
  expect(lines[4]).toMatch(
    /^ {2}2026-09-24 07:59:10 {2}00:59:10 -07:00 Main Office +WIRELESS CALLER \(\+15555550199\) +Main Menu .* Main Menu \[2\] > Customer Care +answered +Bob Ray \(\+15555550112\) +1:20 min +7 {2}[0-9a-f-]{36}$/
  )
  const id = lines[4]?.split(' ').at(-1) ?? ''
  expect((await run(['trace', id])).stdout).toContain(`Journey ID ${id}`)
})

test('--json has the call, its legs and what was asked', async () => {
  const { run } = await withCalls()
  const trace = JSON.parse((await run(['trace', 'bob', ...SINCE, '--json'])).stdout)
  expect(trace).toMatchObject({
    asked: 'bob',
    kind: 'name',
    since: '2026-09-01T00:00:00.000Z',
    until: null,
    more: 0,
    calls: [{ callingNumber: '+15555550199', startUtc: '2026-09-24T07:59:10.000Z', outcome: 'answered' }],
    gaps: [],
    notes: []
  })
  expect(trace.journey).toHaveLength(4)
  expect(trace.journey[3]).toMatchObject({ position: 4, parent: 2, hungUpBy: { number: '+15555550199' } })
  expect(trace.journey[3].to).not.toHaveProperty('key')
})

test('says where it looked when it finds nothing', async () => {
  const { run } = await withCalls()
  expect(await run(['trace', '+1999999', ...SINCE])).toMatchObject({
    code: 0,
    stdout:
      'No call with the number +1999999 since 2026-09-01 00:00:00 UTC; an earlier --since looks further back\n'
  })
  const { stdout } = await run(['trace', '00000000-0000-4000-8000-00000000ffff'])
  expect(stdout).toMatch(/^No call with the ID 00000000-0000-4000-8000-00000000ffff since /)
  expect((await run(['trace', '5550199', ...SINCE])).stdout).toMatch(
    /^No call has exactly 5550199. Numbers that end in the same digits: \+15555550199\n/
  )
})

test('--html writes the page of one call for its owner alone', async () => {
  const { run, folder } = await withCalls(second())
  const ended = await run(['trace', CORRELATION_ID, '--html', 'call.html'])
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  expect(readFileSync(join(folder, 'call.html'), 'utf8')).toMatch(/^<!doctype html>.*<svg/s)
  if (process.platform !== 'win32') expect(statSync(join(folder, 'call.html')).mode & 0o777).toBe(0o600)
  const many = await run(['trace', '+15555550199', ...SINCE, '--html', 'many.html'])
  expect(many.code).toBe(2)
  expect(many.stdout).toContain('2 calls')
  expect(many.stderr).toMatch(/--html shows one call, and 2 match: give the Journey ID of one/)
  expectOneLine(await run(['trace', '+1999999', ...SINCE, '--html', 'none.html']), /and none matches/)
  expectOneLine(
    await run(['trace', CORRELATION_ID, '--html', 'no/such.html']),
    /cannot write --html no\/such.html: /
  )
})

test.each<[string[], RegExp]>([
  [[], /trace needs an argument: number, name, e-mail or ID/],
  [['  '], /trace needs a number, a name, an e-mail address or an ID/],
  [['Ann', 'Lee'], /unexpected argument “Lee”/],
  [['1', '--since', '2999-01-01'], /--since 2999-01-01 is in the future/],
  [['1', '--since', '2026-09-02', '--until', '2026-09-01'], /--until 2026-09-01 must be later than --since/]
])('%j exits 2 with one line', async (args, message) => {
  const { run } = await setUp({ records: [] })
  const ended = await run(['trace', ...args])
  expect(ended.code).toBe(2)
  expectOneLine(ended, message)
})

test('a name cannot write to the terminal', async () => {
  const hostile = 'Eve\u001b]0;owned\u0007\u001b[2J\u202e\r\nWARNING: all is well'
  const { run } = await withCalls(
    second({
      User: hostile,
      'Calling line ID': hostile,
      Location: hostile,
      Model: hostile,
      'Redirect reason': hostile,
      'Call ID': 'x'
    })
  )
  for (const asked of ['Eve', '+15555550199', hostile, `${hostile} who is not there`]) {
    const { stdout } = await run(['trace', asked, ...SINCE])
    expect(stdout).toContain('Eve')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(stdout).not.toMatch(/^WARNING/m)
  }
})
