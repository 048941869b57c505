import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'
import { ConfigurationError } from '../../src/errors.js'
import { FORMATS, usualFormat } from '../../src/schedule/formats.js'
import { jobHere } from '../../src/schedule/job.js'

test.each<[keyof typeof FORMATS, string]>([
  ['cron', '*/15 * * * * cd '],
  ['systemd', 'OnUnitActiveSec=15min'],
  ['launchd', '<integer>900</integer>'],
  ['windows', '-RepetitionInterval (New-TimeSpan -Minutes 15)']
])('says to %s how often', (format, expected) => {
  const printed = (every: number) => FORMATS[format](jobHere(loadSettings({}), every))
  expect(printed(15)).toContain(expected)
  expect(printed(60)).not.toContain(expected)
})

test('the format is that of the machine', () => {
  expect(usualFormat('linux', true)).toBe('systemd')
  expect(usualFormat('linux', false)).toBe('cron')
  expect(usualFormat('freebsd', false)).toBe('cron')
  expect(usualFormat('darwin', false)).toBe('launchd')
  expect(usualFormat('win32', false)).toBe('windows')
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
