import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { scheduleCommand, usualFormat } from '../../src/commands/schedule.js'
import { loadSettings } from '../../src/config/settings.js'
import { ConfigurationError, UsageError } from '../../src/errors.js'
import { jobHere } from '../../src/schedule/job.js'

function printed(flags: { every?: string; print?: string }, env: NodeJS.ProcessEnv = {}): string {
  const lines: string[] = []
  const context = { settings: loadSettings(env), print: (line: string) => void lines.push(line) }
  expect(scheduleCommand(context, { every: undefined, print: undefined, ...flags })).toBe(0)
  return lines.join('\n')
}

test.each([
  ['cron', '*/15 * * * * cd '],
  ['systemd', 'OnUnitActiveSec=15min'],
  ['launchd', '<integer>900</integer>'],
  ['windows', '-RepetitionInterval (New-TimeSpan -Minutes 15)']
])('prints for %s, every 15 minutes unless told otherwise', (print, expected) => {
  expect(printed({ print })).toContain(expected)
  expect(printed({ print, every: '1h' })).not.toContain(expected)
})

test('the format is that of the machine unless told otherwise', () => {
  expect(usualFormat('linux', true)).toBe('systemd')
  expect(usualFormat('linux', false)).toBe('cron')
  expect(usualFormat('freebsd', false)).toBe('cron')
  expect(usualFormat('darwin', false)).toBe('launchd')
  expect(usualFormat('win32', false)).toBe('windows')
  expect(printed({}).length).toBeGreaterThan(100)
})

test.each(['crontab', '', 'toString'])('refuses --print “%s”', (print) => {
  expect(() => printed({ print })).toThrow(UsageError)
  expect(() => printed({ print })).toThrow(
    `--print “${print}” is unknown: write cron, systemd, launchd, windows`
  )
})

test('the job has the paths of this machine', () => {
  const folder = process.cwd()
  expect(jobHere(loadSettings({}), 15)).toEqual({
    node: process.execPath,
    script: resolve('src/cli.js'),
    folder,
    writes: [folder],
    user: userInfo().username,
    every: 15,
    store: 'env',
    keyFile: undefined
  })
})

test('a run writes where its SQLite file and its file of secrets are', () => {
  const env = {
    DATABASE_URL: 'sqlite:/var/lib/calls/cdr.db',
    SECRET_STORE: 'file:/var/lib/secrets/webex-cdr.secrets',
    SECRET_KEY_FILE: 'keys/webex-cdr.key'
  }
  expect(jobHere(loadSettings(env), 15)).toMatchObject({
    writes: [process.cwd(), '/var/lib/calls', '/var/lib/secrets'],
    store: 'file',
    keyFile: resolve('keys/webex-cdr.key')
  })
  const elsewhere = {
    DATABASE_URL: 'mssql://cdr@sql01.example.com/calls',
    SECRET_STORE: 'keyring:webex-cdr-1'
  }
  expect(jobHere(loadSettings(elsewhere), 15)).toMatchObject({ writes: [process.cwd()], store: 'keyring' })
})

test('refuses a path that would end its line', () => {
  const secretKey = { file: '/etc/a\nExecStartPre=/bin/b' }
  const settings = { ...loadSettings({ SECRET_STORE: 'file:x/s' }), secretKey }
  expect(() => jobHere(settings, 15)).toThrow(ConfigurationError)
  expect(() => jobHere(settings, 15)).toThrow('"/etc/a\\nExecStartPre=/bin/b" contains a control character')
})
