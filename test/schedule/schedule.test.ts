import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { loadSettings } from '../../src/config/settings.js'
import { ConfigurationError } from '../../src/errors.js'
import { FORMATS, usualFormat } from '../../src/schedule/formats.js'
import { jobHere, type Task } from '../../src/schedule/job.js'

const SYNC: Task = { command: 'sync', every: 15 }

test.each<[keyof typeof FORMATS, string]>([
  ['cron', '*/15 * * * * cd '],
  ['systemd', 'OnUnitActiveSec=15min'],
  ['launchd', '<integer>900</integer>'],
  ['windows', '-RepetitionInterval (New-TimeSpan -Minutes 15)']
])('says to %s how often', (format, expected) => {
  const printed = (every: number) => FORMATS[format](jobHere(loadSettings({}), { command: 'sync', every }))
  expect(printed(15)).toContain(expected)
  expect(printed(60)).not.toContain(expected)
})

test.each<[keyof typeof FORMATS, string, string]>([
  ['cron', '30 3 * * * cd ', 'webex-cdr-retain.log'],
  ['systemd', 'OnCalendar=*-*-* 03:30:00\nPersistent=yes', 'webex-cdr-retain.timer'],
  ['launchd', '<key>Hour</key>\n    <integer>3</integer>', 'local.webex-cdr-retain.plist'],
  ['windows', '-Daily -At 03:30', "TaskName = 'webex-cdr-retain'"]
])('says to %s that retain runs at night, under a name of its own', (format, when, name) => {
  const text = FORMATS[format](jobHere(loadSettings({}), { command: 'retain' }))
  expect(text).toContain(when)
  expect(text).toContain(name)
  expect(text).toContain('webex-cdr-retain, once a day at 03:30')
  expect(text).not.toMatch(/\bsync\b|--env-file|Start-ScheduledTask|RunAtLoad|OnUnitActiveSec/)
  for (const other of text.match(/webex-cdr\.(?:log|timer|service|plist)|'webex-cdr'/g) ?? []) {
    throw new Error(`${other} is that of sync`)
  }
})

test('only on SQL Server retain has a login of its own', () => {
  const server = { DATABASE_URL: 'mssql://cdr@sql01.example.com/calls' }
  const envFile = resolve('webex-cdr-retain.env')
  expect(jobHere(loadSettings(server), { command: 'retain' })).toMatchObject({ envFile })
  expect(jobHere(loadSettings(server), SYNC).envFile).toBeUndefined()
  expect(jobHere(loadSettings({}), { command: 'retain' }).envFile).toBeUndefined()
})

test.each(Object.keys(FORMATS) as (keyof typeof FORMATS)[])('%s says how that login is given', (format) => {
  const text = FORMATS[format](
    jobHere(loadSettings({ DATABASE_URL: 'mssql://cdr@sql01/calls' }), { command: 'retain' })
  )
  expect(text).toContain(`--env-file=${resolve('webex-cdr-retain.env')}`)
  expect(text).toContain('DATABASE_URL and DATABASE_PASSWORD of the login that may delete')
  expect(text).toContain('must be in webex-cdr-retain.env there')
  expect(text).toContain('the mask key, with MASK_NUMBERS=hash. ')
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
  expect(jobHere(loadSettings({}), SYNC)).toEqual({
    node: process.execPath,
    script: resolve('src/cli.js'),
    folder,
    writes: [folder],
    user: userInfo().username,
    command: 'sync',
    every: 15,
    store: 'env'
  })
})

test('a run writes where its SQLite file and its file of secrets are', () => {
  const env = {
    DATABASE_URL: 'sqlite:/var/lib/calls/cdr.db',
    SECRET_STORE: 'file:/var/lib/secrets/webex-cdr.secrets',
    SECRET_KEY_FILE: 'keys/webex-cdr.key'
  }
  expect(jobHere(loadSettings(env), SYNC)).toMatchObject({
    writes: [process.cwd(), '/var/lib/calls', '/var/lib/secrets'],
    store: 'file',
    keyFile: resolve('keys/webex-cdr.key')
  })
  const elsewhere = {
    DATABASE_URL: 'mssql://cdr@sql01.example.com/calls',
    SECRET_STORE: 'keyring:webex-cdr-1'
  }
  expect(jobHere(loadSettings(elsewhere), SYNC)).toMatchObject({ writes: [process.cwd()], store: 'keyring' })
})

test('refuses a path that would end its line', () => {
  const secretKey = { file: '/etc/a\nExecStartPre=/bin/b' }
  const settings = { ...loadSettings({ SECRET_STORE: 'file:x/s' }), secretKey }
  expect(() => jobHere(settings, SYNC)).toThrow(ConfigurationError)
  expect(() => jobHere(settings, SYNC)).toThrow('"/etc/a\\nExecStartPre=/bin/b" contains a control character')
})
