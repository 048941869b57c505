import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import type { Job } from '../../src/schedule/job.js'
import { systemd } from '../../src/schedule/systemd.js'
import { HOSTILE, isInstalled, JOB, RETAIN, type SyncJob } from './support.js'

const settingsOf = (job: Partial<SyncJob>) => systemd({ ...JOB, ...job }).split('\n')

test('names the two files', () => {
  expect(Object.keys(partsOf(systemd(JOB)))).toEqual([
    '/etc/systemd/system/webex-cdr.service',
    '/etc/systemd/system/webex-cdr.timer'
  ])
})

test('runs retain with the variables of its login, under names of its own', () => {
  const text = systemd(RETAIN)
  expect(Object.keys(partsOf(text))).toEqual([
    '/etc/systemd/system/webex-cdr-retain.service',
    '/etc/systemd/system/webex-cdr-retain.timer'
  ])
  expect(text.split('\n')).toContain(
    'ExecStart=/usr/bin/env "/usr/bin/node" "--env-file=/opt/webex-cdr/webex-cdr-retain.env" "/opt/webex-cdr/dist/src/cli.js" retain'
  )
  expect(text).not.toMatch(/webex-cdr\.(?:service|timer)/)
})

test('quotes each value as its setting is read', () => {
  const path = `/srv/${HOSTILE}`
  const job = {
    node: path,
    script: path,
    folder: path,
    writes: [path, '/var/lib/calls'],
    store: 'file' as const
  }
  const lines = settingsOf({ ...job, keyFile: path })
  const whole = String.raw`/srv/it's 100%% "ü" $HOME & <b> \ %%h; end`
  const quoted = String.raw`"/srv/it's 100%% \"ü\" $HOME & <b> \\ %%h; end"`
  const argument = String.raw`"/srv/it's 100%% \"ü\" $$HOME & <b> \\ %%h; end"`
  expect(lines).toContain(`WorkingDirectory=${whole}`)
  expect(lines).toContain(`LoadCredential=webex-cdr-key:${whole}`)
  expect(lines).toContain(`ReadWritePaths=${quoted} "/var/lib/calls"`)
  expect(lines).toContain(`ExecStart=/usr/bin/env ${argument} ${argument} sync`)
})

test('hands over the key of an encrypted file, and of nothing else', () => {
  const keyFile = '/etc/webex-cdr.key'
  expect(settingsOf({ store: 'file', keyFile })).toContain('LoadCredential=webex-cdr-key:/etc/webex-cdr.key')
  for (const job of [{ store: 'env', keyFile }, { store: 'file' }] as const) {
    expect(settingsOf(job).filter((line) => line.startsWith('LoadCredential'))).toEqual([])
  }
  expect(settingsOf({ store: 'keyring' }).join('\n')).toContain('npm run credentials -- move --to file')
})

test.each([
  ['/opt/webex-cdr', true],
  ['/home/ann/webex-cdr', true],
  ['/root/webex-cdr', true],
  ['/home', false],
  ['/root', false]
])('protects homes when it writes into %s: %s', (folder, is) => {
  const lines = settingsOf({ folder, writes: [folder] })
  expect(lines.includes('ProtectHome=read-only')).toBe(is)
  expect(lines).toContain('ProtectSystem=strict')
})

test.each([
  [{ folder: '/opt/webex-cdr' }, true],
  [{ folder: '/tmpfiles/x' }, true],
  [{ folder: '/tmp/x' }, false],
  [{ writes: ['/var/tmp/x'] }, false],
  [{ script: '/tmp/x/cli.js' }, false]
])('has a /tmp of its own with %j: %s', (job, is) => {
  expect(settingsOf(job).includes('PrivateTmp=yes')).toBe(is)
})

test.each([
  ['/srv/calls\\', String.raw`WorkingDirectory=/srv/calls\/`],
  ['/srv/calls ', 'WorkingDirectory=/srv/calls /']
])('keeps the end of the folder %j, which systemd would not', (folder, line) => {
  expect(settingsOf({ folder })).toContain(line)
})

test('refuses what systemd and env do not take', () => {
  for (const keyFile of ['/etc/key\\', '/etc/key ']) {
    expect(() => systemd({ ...JOB, store: 'file', keyFile })).toThrow(
      /^the name of the key file "\/etc\/key.*" ends in a space or backslash, .*: rename it$/
    )
    expect(settingsOf({ store: 'env', keyFile }).join('\n')).not.toContain('/etc/key')
  }
  expect(() => systemd({ ...JOB, node: '/opt/a=b/node' })).toThrow(ConfigurationError)
  expect(settingsOf({ script: '/opt/a=b/cli.js' }).join('\n')).toContain('"/opt/a=b/cli.js" sync')
})

test('repeats at any interval', () => {
  expect(settingsOf({ every: 7 })).toContain('OnUnitActiveSec=7min')
  expect(settingsOf({ every: 1_440 })).toContain('OnUnitActiveSec=1440min')
})

test.runIf(isInstalled('systemd-analyze'))(
  'systemd-analyze finds nothing wrong, nor what is misspelt',
  () => {
    const root = mkdtempSync(join(tmpdir(), 'webex-cdr-systemd-'))
    onTestFinished(() => rmSync(root, { recursive: true }))
    const folder = join(root, HOSTILE)
    mkdirSync(folder)
    const job: Job = {
      ...JOB,
      node: join(folder, 'node'),
      script: join(folder, 'cli.js'),
      folder,
      writes: [folder],
      user: 'root'
    }
    const text = systemd({ ...job, store: 'file', keyFile: join(folder, 'key') })
    expect(verify(root, text)).toBe('')
    const ends = [`${folder}\\`, `${folder} `].map((end) =>
      systemd({ ...job, folder: end, writes: [folder] })
    )
    expect(ends.map((each) => verify(root, each))).toEqual(['', ''])
    expect(verify(root, text.replace('LockPersonality', 'LockPersonalty'))).toContain('LockPersonalty')
  }
)

function partsOf(text: string): Record<string, string> {
  const [, ...parts] = text.split(/^# --- (.+) ---$/m)
  return Object.fromEntries(
    parts.flatMap((name, index) => (index % 2 ? [] : [[name, parts[index + 1] ?? '']]))
  )
}

/** What it says of the units, without what it says of the machine's own. */
function verify(folder: string, text: string): string {
  const files = Object.entries(partsOf(text)).map(([name, part]) => {
    const file = join(folder, basename(name))
    writeFileSync(file, part)
    return file
  })
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8'
  })
  return `${stdout}${stderr}`
    .split('\n')
    .filter((line) => line.includes('webex-cdr'))
    .join('\n')
}
