import { execFileSync, spawnSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { cron } from '../../src/schedule/cron.js'
import type { Job } from '../../src/schedule/job.js'
import { HOSTILE, isInstalled, JOB, RETAIN, type SyncJob } from './support.js'

const lineOf = (job: Job) => cron(job).split('\n').at(-1) ?? ''

test('a line that a person can read', () => {
  expect(lineOf(JOB)).toBe(
    '*/15 * * * * cd /opt/webex-cdr && /usr/bin/node /opt/webex-cdr/dist/src/cli.js sync >> /opt/webex-cdr/webex-cdr.log 2>&1'
  )
})

test.each([
  [5, '*/5 * * * *'],
  [30, '*/30 * * * *'],
  [60, '0 * * * *'],
  [120, '0 */2 * * *'],
  [720, '0 */12 * * *'],
  [1_440, '0 0 * * *']
])('every %i minutes', (every, times) => {
  expect(lineOf({ ...JOB, every })).toMatch(`${times} cd `)
})

test.each([
  [7, '--every 7m cannot be scheduled by cron: use 6m or 10m'],
  [45, '--every 45m cannot be scheduled by cron: use 30m or 1h'],
  [90, '--every 90m cannot be scheduled by cron: use 1h or 2h'],
  [300, '--every 5h cannot be scheduled by cron: use 4h or 6h']
])('every %i minutes is refused', (every, message) => {
  expect(() => cron({ ...JOB, every })).toThrow(UsageError)
  expect(() => cron({ ...JOB, every })).toThrow(message)
})

test.each([
  ['env', undefined, 'The secrets must be in .env'],
  ['file', '/etc/webex-cdr.key', 'SECRET_KEY_FILE in webex-cdr.json or .env names its key'],
  ['file', undefined, 'its key must be set by SECRET_KEY_FILE or SECRET_KEY'],
  ['keyring', undefined, 'first run `npm run credentials -- move --to file`']
] as const)('the store %s, key %s', (store, keyFile, note) => {
  const [, ...lines] = cron({ ...JOB, store, keyFile })
    .split('\n')
    .reverse()
  expect(lines.every((line) => line.startsWith('# '))).toBe(true)
  expect(lines.join('\n')).toContain(note)
})

describe.skipIf(process.platform === 'win32')('with hostile names', () => {
  // \\ and \% inside, as some crons take backslashes away.
  test.each([HOSTILE, 'a\\\\b', 'a\\%b', "'", '%', '\\', '-n', '~', '*', 'a #b', '`id`', '!!'])(
    '%s',
    (name) => {
      const job = hostileJob(name)
      const command = lineOf(job).replace('*/15 * * * * ', '')
      const readings = [{ stdin: '', command }, asVixieCron(command, /[%\\]/), asVixieCron(command, /%/)]
      for (const reading of readings) {
        expect(reading.stdin).toBe('')
        const { status } = spawnSync('/bin/sh', ['-c', reading.command], { cwd: '/', env: {} })
        expect(status).toBe(7)
      }
      const ran = { cwd: realpathSync(job.folder), argv: ['sync'], variables: ['PWD'] }
      const log = readFileSync(join(job.folder, 'webex-cdr.log'), 'utf8')
      expect(
        log
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      ).toEqual(readings.flatMap(() => [ran, ran]))
    }
  )

  test.each([HOSTILE, 'a=b', '%'])('retain is given the variables of its login: %s', (name) => {
    const { folder, node, script } = hostileJob(name)
    const envFile = join(folder, 'webex-cdr-retain.env')
    writeFileSync(envFile, 'DATABASE_URL=mssql://webex_cdr_retain@sql01/calls\nDATABASE_PASSWORD="a # b"')
    const line = lineOf({ ...RETAIN, folder, node, script, envFile })
    expect(line).toMatch(/^30 3 \* \* \* cd /)
    const { command } = asVixieCron(line.replace('30 3 * * * ', ''), /%/)
    const { status } = spawnSync('/bin/sh', ['-c', command], { cwd: '/', env: {} })
    expect(status).toBe(7)
    const [ran = ''] = readFileSync(join(folder, 'webex-cdr-retain.log'), 'utf8').split('\n')
    expect(JSON.parse(ran)).toMatchObject({
      argv: ['retain'],
      variables: expect.arrayContaining(['DATABASE_URL', 'DATABASE_PASSWORD'])
    })
  })

  test.runIf(isInstalled('crontab'))('crontab accepts it', () => {
    const job = hostileJob(HOSTILE)
    const file = join(job.folder, 'crontab')
    writeFileSync(file, `${cron(job)}\n`)
    const debian = spawnSync('crontab', ['-n', file], { encoding: 'utf8' })
    const checked = /invalid option/.test(debian.stderr)
      ? spawnSync('crontab', ['-T', file], { encoding: 'utf8' })
      : debian
    expect(checked).toMatchObject({ status: 0 })
    writeFileSync(file, `${cron(job)}\n*/15 * * cd /\n`)
    expect(() =>
      execFileSync('crontab', [/invalid option/.test(debian.stderr) ? '-T' : '-n', file], { stdio: 'pipe' })
    ).toThrow()
  })
})

/** A job below a folder of that name; its script tells how it was run, on both outputs, and ends with exit code 7. */
function hostileJob(name: string): SyncJob {
  const root = mkdtempSync(join(tmpdir(), 'webex-cdr-cron-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const folder = join(root, name)
  mkdirSync(folder)
  const node = join(folder, `node ${name}`)
  symlinkSync(process.execPath, node)
  const script = join(folder, `cli ${name}.cjs`)
  writeFileSync(
    script,
    `const ran = { cwd: process.cwd(), argv: process.argv.slice(2), variables: Object.keys(process.env).filter((name) => !/^(OLDPWD|_|SHLVL)$/.test(name)) }
     console.log(JSON.stringify(ran))
     console.error(JSON.stringify(ran))
     process.exitCode = 7`
  )
  return { ...JOB, node, script, folder }
}

/** What cron gives to the shell: a % ends the command and begins its input, unless a backslash stands before it. */
function asVixieCron(line: string, unescapes: RegExp): { command: string; stdin: string } {
  let command = ''
  for (let index = 0; index < line.length; index += 1) {
    const [character = '', next = ''] = line.slice(index, index + 2)
    if (character === '%') return { command, stdin: line.slice(index + 1) }
    if (character !== '\\') command += character
    else {
      command += unescapes.test(next) ? next : character + next
      index += 1
    }
  }
  return { command, stdin: '' }
}
