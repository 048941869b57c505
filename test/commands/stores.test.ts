import { once } from 'node:events'
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'
import { strictBench, strictInstallation } from './strict-service.js'

const isRoot = process.geteuid?.() === 0

/** A server of a database that ends each connection, as one that is out of order does. */
async function brokenServer(): Promise<string> {
  const server = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `mssql://cdr@127.0.0.1:${(server.address() as AddressInfo).port}/calls`
}

describe('setup --store env', () => {
  test('tests what the environment has, and leaves the file alone where that is no good', async () => {
    const { run, service, folder } = await strictInstallation()
    const env = { WEBEX_CLIENT_SECRET: 'wrong', WEBEX_REFRESH_TOKEN: 'refresh-token-1' }
    for (const args of [
      ['setup', '--store', 'env'],
      ['setup', '--store', 'env', '--check']
    ]) {
      const ended = await run(args, { env })
      expect(ended.code, ended.stdout).toBe(1)
      expect(ended.stderr).toMatch(/Webex does not accept/)
    }
    expect(service.offered).toEqual(['refresh-token-1', 'refresh-token-1'])
    expect(existsSync(join(folder, 'webex-cdr.secrets'))).toBe(true)
    expect((await run(['sync'])).code).toBe(0)
    expect(await run(['setup', '--store', 'env', '--check'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /--store env saves nothing: first set WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN/
      )
    })
  })

  test('says that the secrets were removed from the file', async () => {
    const { run, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const { clientSecret, refreshToken } = DEMO_CREDENTIALS
    const env = { WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken }
    const done = await run(['setup', '--store', 'env'], { env })
    expect(done, done.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(
      /^✓ the secrets in encrypted file .*webex-cdr\.secrets.* were removed; those in the environment are used now$/m
    )
    expect(existsSync(join(folder, 'webex-cdr.secrets'))).toBe(false)
  })

  test('leaves them there where the token of the environment was replaced, and says so', async () => {
    const { run, service, folder } = await strictInstallation()
    const env = { WEBEX_CLIENT_SECRET: 'a', WEBEX_REFRESH_TOKEN: service.good }
    const done = await run(['setup', '--store', 'env'], { env })
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(/^✓ the secrets in .* were kept; those in the environment are used now$/m)
    expect(done.stderr).toMatch(/WARN: Webex replaced the refresh token that you entered/)
    const back = {
      SECRET_STORE: `file:${join(folder, 'webex-cdr.secrets')}`,
      SECRET_KEY_FILE: `${folder}/../keys/webex-cdr.key`
    }
    expect((await run(['sync'], { env: back })).code).toBe(0)
  })

  test('says what goes with another store', async () => {
    const { run } = await commandBench()
    const env = { WEBEX_CLIENT_ID: 'i', WEBEX_CLIENT_SECRET: 'a', WEBEX_REFRESH_TOKEN: 'b' }
    for (const [more, message] of [
      [['--client-secret', 'other'], 'set WEBEX_CLIENT_SECRET in the environment or .env, not here'],
      [['--grant', 'device'], '--grant device needs another store']
    ] as const) {
      const ended = await run(['setup', '--store', 'env', ...more], { env })
      expect(ended).toMatchObject({ code: 2, stderr: `webex-cdr: --store env saves nothing: ${message}\n` })
    }
  })

  test('needs the password of the database there, too', async () => {
    const { run, keyFile } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const env = { WEBEX_CLIENT_SECRET: 'a', WEBEX_REFRESH_TOKEN: 'b' }
    const ended = await run(
      ['setup', '--store', 'env', '--database-url', 'mssql://cdr@127.0.0.1:9/calls', '--sql-password', 'pw'],
      { env }
    )
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--store env saves nothing: first set DATABASE_PASSWORD in/)
    })
  })
})

describe('the refresh token that is stored', () => {
  test('given once more, is replaced where it is stored', async () => {
    const { run, service } = await strictInstallation()
    const again = ['setup', '--refresh-token', '-']
    expect(await run([...again, '--check'], { input: service.good })).toMatchObject({ code: 0, stderr: '' })
    service.feedStatus = 403
    expect((await run(again, { input: service.good })).stderr).toMatch(
      /^webex-cdr: cdr_feed: [^\n]*403[^\n]*\n$/
    )
    service.feedStatus = 200
    expect((await run(['sync'])).code).toBe(0)
  })

  test('is replaced although nothing else in the answer is of use', async () => {
    const { run, service } = await strictInstallation()
    service.accessToken = 'with a blank'
    expect((await run(['sync'])).stderr).toMatch(/No access token from WEBEX_API_URL/)
    service.accessToken = 'access-token'
    expect((await run(['sync'])).code).toBe(0)
  })
})

describe.runIf(isRoot)('as root (skipped where the tests have another user)', () => {
  test('doctor and setup leave the files to the user who syncs', async () => {
    const { run, folder } = await strictInstallation()
    const files = ['webex-cdr.secrets', 'webex-cdr.json'].map((name) => join(folder, name))
    const nobody = 65_534
    for (const file of files) chownSync(file, nobody, nobody)
    chmodSync(join(folder, 'webex-cdr.json'), 0o640)
    expect((await run(['doctor'])).code).toBe(0)
    expect((await run(['setup', '--client-id', 'another'])).code).toBe(0)
    const owners = files.map((file) => statSync(file)).map(({ uid, gid, mode }) => [uid, gid, mode & 0o777])
    expect(owners).toEqual([
      [nobody, nobody, 0o600],
      [nobody, nobody, 0o640]
    ])
  })

  test('a folder that the user cannot write to is found before the token is spent', async () => {
    const { run, service, folder, keyFile } = await strictBench()
    mkdirSync(dirname(keyFile))
    chownSync(dirname(keyFile), 65_534, 65_534)
    chmodSync(dirname(folder), 0o755)
    const database = `sqlite:${join(dirname(keyFile), 'webex-cdr.db')}`
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--database-url', database]
    const setuid = 'data:text/javascript,process.setgid(65534),process.setuid(65534)'
    const ended = await run(args, { env: { NODE_OPTIONS: `--import ${setuid}` }, input: 'a\nb\n' })
    expect(ended.stderr).toMatch(
      /this user cannot write to .*, where webex-cdr\.json is to be created: run as/
    )
    expect(service.offered).toEqual([])
  })
})

describe('without the lease', () => {
  test('a file that a migration has for itself is no reason to go on', async () => {
    const { run, folder } = await strictInstallation()
    const file = new Database(join(folder, 'webex-cdr.db'))
    file.pragma('locking_mode = EXCLUSIVE')
    file.exec('BEGIN EXCLUSIVE')
    const ended = await run(['credentials', 'clear'])
    file.close()
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^webex-cdr: SQLite file .* database is locked; another program is writing to it: try again/
      )
    })
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  }, 60_000)

  test('a server that is out of order can be left, and the secrets cleared, but not moved', async () => {
    const { run, folder, config } = await strictInstallation()
    const DATABASE_URL = await brokenServer()
    const env = { DATABASE_PASSWORD: 'pw' }
    const broken = () =>
      writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ ...config(), DATABASE_URL }))
    broken()
    const moved = await run(['credentials', 'move', '--to', 'keyring'], { env })
    expect(moved).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^webex-cdr: SQL Server .* cannot be reached/)
    })
    const left = await run(['setup', '--database-url', 'sqlite:new.db'], { env })
    expect(left.code, left.stderr).toBe(0)
    expect(left.stderr).toMatch(
      /WARN: continuing without the lease; make sure that no sync is running: SQL Server/
    )
    broken()
    const cleared = await run(['credentials', 'clear'], { env })
    expect(cleared).toMatchObject({ code: 0, stdout: expect.stringMatching(/^2 removed from/) })
    expect(cleared.stderr).toMatch(/WARN: continuing without the lease/)
  }, 60_000)
})

describe('setup', () => {
  test('a keyring that cannot be had is no reason to store anew what is in a file', async () => {
    const { run, config } = await strictInstallation()
    const before = config()
    const stays = /; until then the secrets stay in \S+webex-cdr\.secrets\n$/
    for (const args of [
      ['setup', '--store', 'keyring'],
      ['credentials', 'move', '--to', 'keyring']
    ]) {
      const ended = await run(args, { env: { XDG_RUNTIME_DIR: '/nonexistent' } })
      expect(ended).toMatchObject({ code: 3, stderr: expect.stringMatching(stays) })
      expect(ended.stderr).not.toMatch(/move the secrets|credentials/)
    }
    expect(config()).toEqual(before)
    expect((await run(['sync'])).code).toBe(0)
    const fresh = await strictBench()
    const first = await fresh.run([...SETUP, '--store', 'keyring'], {
      env: { XDG_RUNTIME_DIR: '/nonexistent' },
      input: 'a\nb\n'
    })
    expect(first.code).toBe(3)
    expect(first.stderr).toMatch(/or choose an encrypted file instead\n$/)
    expect(first.stderr).not.toMatch(/npm run credentials/)
  })

  test('--check tries the store that is chosen, and leaves nothing of that', async () => {
    const { run, service, keyFile, folder } = await strictInstallation()
    expect(await run(['setup', '--check', '--store', 'keyring'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/cannot be read from the keyring/)
    })
    expect(service.offered).toEqual([])
    const fresh = await strictBench()
    writeFileSync(join(fresh.folder, 'webex-cdr.json'), '{"SECRET_STORE": "file:nowhere/a.secrets"}')
    const args = [...SETUP, '--check', '--store', 'file', '--key-file', fresh.keyFile]
    expect((await fresh.run(args, { input: 'a\nb\n' })).code).toBe(3)
    expect(existsSync(fresh.keyFile)).toBe(false)
    expect(existsSync(keyFile) && existsSync(join(folder, 'webex-cdr.secrets'))).toBe(true)
  })

  test('tells what a store still has that cannot be opened from here', async () => {
    const { run, folder, keyFile } = await commandBench()
    writeFileSync(join(folder, 'webex-cdr.json'), '{"SECRET_STORE": "keyring:webex-cdr-0a1b2c3d"}')
    const done = await run([...SETUP, '--store', 'file', '--key-file', keyFile], {
      env: { XDG_RUNTIME_DIR: '/nonexistent' },
      input: SECRET_LINES
    })
    expect(done.code, done.stderr).toBe(0)
    // What is being done is no advice.
    expect(done.stderr).toMatch(/WARN: refresh-token cannot be read from the keyring/)
    expect(done.stderr).not.toMatch(/npm run setup|move --to file/)
    expect(done.stderr).toMatch(
      /WARN: the secrets in keyring:webex-cdr-0a1b2c3d could not be removed: it cannot be opened from this session; .*: remove the old ones in a desktop session: `SECRET_STORE=keyring:webex-cdr-0a1b2c3d npm run credentials -- clear`\n$/
    )
  })

  test('takes a relative path in SECRET_STORE as it stands', async () => {
    const { run, folder, keyFile, config } = await strictInstallation()
    appendFileSync(
      join(folder, '.env'),
      `\nSECRET_STORE=file:webex-cdr.secrets\nSECRET_KEY_FILE=${keyFile}\n`
    )
    writeFileSync(
      join(folder, 'webex-cdr.json'),
      JSON.stringify({ WEBEX_CLIENT_ID: config()?.WEBEX_CLIENT_ID })
    )
    for (const args of [['setup', '--check'], ['setup']]) expect((await run(args)).code).toBe(0)
  })

  test('a password that the environment would overrule is refused', async () => {
    const { run, service } = await strictBench()
    const server = [
      '--sql-server',
      'h',
      '--sql-database',
      'd',
      '--sql-username',
      'u',
      '--sql-password',
      'new'
    ]
    const ended = await run([...SETUP, '--store', 'file', ...server], {
      env: { DATABASE_PASSWORD: 'old' },
      input: 'a\nb\n'
    })
    expect(ended.stderr).toMatch(/^webex-cdr: DATABASE_PASSWORD is set in the environment or \.env/)
    expect(service.offered).toEqual([])
  })
})
