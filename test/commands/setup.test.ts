import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { DEMO_CREDENTIALS, startSimulator } from '../../src/simulator/index.js'
import { CLI } from '../support/cli.js'
import { beBusy, commandBench, pointAt, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS

describe('setup, by flags', () => {
  test('tests and stores; then sync works with nothing in the environment', async () => {
    const { run, folder, keyFile, config } = await commandBench()
    const done = await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    expect(done, done.stderr).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout.split('\n').filter((line) => line.startsWith('✓'))).toEqual([
      expect.stringMatching(/^✓ SQLite file .*does not exist yet: `npm run migrate` creates it$/),
      expect.stringMatching(/^✓ authorised at http:/),
      expect.stringMatching(/^✓ cdr_feed answers at http:/),
      expect.stringMatching(/^✓ stored in .*webex-cdr\.secrets.*, verified; webex-cdr\.json written$/)
    ])
    expect(done.stdout).toMatch(/Next:\n {2}npm run migrate .*\n {2}npm run sync/)
    expect(config()).toEqual({
      WEBEX_CLIENT_ID: clientId,
      SECRET_STORE: `file:${join(folder, 'webex-cdr.secrets')}`,
      SECRET_KEY_FILE: keyFile
    })
    expect((await run(['migrate'])).code).toBe(0)
    const database = join(folder, 'webex-cdr.db')
    for (const path of [join(folder, 'webex-cdr.secrets'), keyFile, database]) {
      expect(statSync(path).mode & 0o777).toBe(0o600)
    }
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), 'utf8')
      for (const secret of [clientSecret, refreshToken]) expect(text).not.toContain(secret)
    }
    expect((await run(['migrate'])).code).toBe(0)
    const synced = await run(['sync', '--json'])
    expect(synced.code, synced.stderr).toBe(0)
    expect(JSON.parse(synced.stdout).runs[0].inserted).toBeGreaterThan(0)
    expect(synced.stderr).not.toMatch(/cannot be kept/)
  })

  test('says which secrets it has left in the environment', async () => {
    const { run, keyFile } = await commandBench()
    const env = { WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken }
    const args = ['setup', '--client-id', clientId, '--store', 'file', '--key-file', keyFile]
    const done = await run(args, { env })
    expect(done.code, done.stderr).toBe(0)
    expect(done.stderr).toMatch(
      /WARN: still in plain text in the environment or \.env, .*: remove WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN\n/
    )
    expect(done.stderr).not.toContain(refreshToken)
  })

  test('with a stored token that is dead asks for another, not for setup', async () => {
    const { run, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const other = await commandBench({ refreshToken: 'another' })
    pointAt(folder, other.sim.url)
    const { code, stderr } = await run(['setup', '--check'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/replace the stored token: `--grant browser` or `device`, or `--refresh-token -`/)
    expect(stderr).not.toContain('npm run setup')
  })

  test('changes only what is given the next time', async () => {
    const { run, keyFile, config, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const before = config()
    const done = await run(['setup', '--database-url', 'sqlite:other.db'])
    expect(done.code, done.stderr).toBe(0)
    expect(config()).toEqual({ ...before, DATABASE_URL: 'sqlite:other.db' })
    await run(['migrate'])
    expect(readdirSync(folder)).toContain('other.db')
    expect(await run(['credentials', 'show'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /webex-cdr\.secrets.*\n {2}client-secret +set\n {2}refresh-token +set\n {2}database-password +not set\n {2}mask-key +not set\n$/
      )
    })
  })

  test('--check stores nothing', async () => {
    const { run, config, folder } = await commandBench()
    const done = await run([...SETUP, '--store', 'file', '--check'], { input: SECRET_LINES })
    expect(done).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/All tests passed. Nothing was saved.\n$/)
    })
    expect(config()).toBeUndefined()
    expect(readdirSync(folder)).toEqual(['.env'])
  })

  test('takes secrets from the environment in place of flags', async () => {
    const { run, keyFile } = await commandBench()
    const env = { WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken }
    const done = await run(['setup', '--client-id', clientId, '--store', 'file', '--key-file', keyFile], {
      env
    })
    expect(done.code, done.stderr).toBe(0)
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  })

  test.each([
    [['setup'], '--client-id is required'],
    [['setup', '--client-id', 'x'], '--client-secret is required'],
    [
      ['setup', '--client-id', 'x', '--client-secret', 'y'],
      '--refresh-token (or --grant browser or device) is required'
    ],
    [
      [...SETUP.slice(0, 3), '--client-secret', 'y', '--grant', 'refresh-token'],
      '--refresh-token is required'
    ],
    [
      [...SETUP, '--grant', 'browser', '--store', 'file'],
      '--refresh-token cannot be used with --grant browser'
    ],
    [[...SETUP, '--sql-password', '-'], '--sql-password - has no line on standard input'],
    [[...SETUP, '--store', 'file', '--scopes', 'a'], '--scopes needs --grant browser or device'],
    [
      [...SETUP, '--store', 'file', '--sql-server', 'h', '--sql-port', '70000'],
      '--sql-port must be a number from 1 to 65535'
    ],
    [[...SETUP, '--store', 'file', '--sql-server', 'h'], '--sql-database is required'],
    [
      [...SETUP, '--store', 'file', '--retain-records', 'a year'],
      '--retain-records must be an age, such as “400 days” or “13 months”, or “forever”'
    ],
    [
      [...SETUP, '--store', 'file', '--retain-runs', '30 days'],
      '--retain-runs must be an age of at least 31 days, such as “400 days” or “13 months”, or “forever”'
    ],
    [[...SETUP, '--store', 'file', '--mask-after', 'forever'], '--mask-after must be an age'],
    [
      [...SETUP, '--store', 'file', '--mask-after', '1 day', '--mask-numbers', '20'],
      '--mask-numbers must be hash, or how many digits to cut, 1 to 19'
    ],
    [[...SETUP, '--store', 'file', '--mask-numbers', 'hash'], '--mask-numbers needs --mask-after'],
    [[...SETUP, '--store', 'file', '--raw-json', 'none'], '--raw-json must be all or rest, not “none”'],
    [[...SETUP, '--store', 'drawer'], '--store must be keyring, file or env, not “drawer”'],
    [[...SETUP, '--store', 'file', '--region', 'mars'], '--region must be us, eu, in, au or gov, not “mars”'],
    [
      [...SETUP, '--store', 'file', '--grant', 'magic'],
      '--grant must be browser, device or refresh-token, not “magic”'
    ],
    [
      [...SETUP, '--store', 'file', '--sql-server', 'a', '--database-url', 'sqlite:x'],
      '--database-url cannot be used with --sql-server'
    ],
    [
      [...SETUP, '--store', 'file', '--sql-server', 'h:1433', '--sql-database', 'd', '--sql-username', 'u'],
      '--sql-server must be HOST, HOST,PORT or HOST\\INSTANCE'
    ],
    [
      [...SETUP, '--store', 'file', '--sql-server', 'h,x', '--sql-database', 'd', '--sql-username', 'u'],
      '--sql-server must be HOST, HOST,PORT or HOST\\INSTANCE'
    ],
    [
      [...SETUP, '--store', 'file', '--sql-server', 'h', '--sql-database', 'd', '--sql-username', 'u'],
      '--sql-password is required'
    ],
    [[...SETUP, '--store', 'file', '--sql-password', 'p'], '--sql-password is for SQL Server'],
    [[...SETUP, '--store', 'file', '--key-file', 'keys/a.key'], '--key-file must be in another folder'],
    [[...SETUP, '--store', 'keyring', '--key-file', '/tmp/a.key'], '--key-file needs --store file']
  ])('%j: %s', async (args, message) => {
    const { run, config } = await commandBench()
    const ended = await run(args, { input: SECRET_LINES })
    expect(ended.stderr).toContain(`webex-cdr: ${message}`)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(config()).toBeUndefined()
  })

  test('says how the secrets are given that are gone with their key', async () => {
    const { run, keyFile, folder } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    rmSync(keyFile)
    const refused = await run(['setup'])
    expect(refused.code).toBe(2)
    expect(refused.stderr).toMatch(/key file .* does not exist: .* delete .*webex-cdr\.secrets and run /)
    expect(refused.stderr).toMatch(
      /^webex-cdr: --client-secret is required, and --refresh-token \(or --grant browser or device\): specify it, secrets as `--client-secret - --refresh-token -` with one line of standard input for each -, or run/m
    )
    rmSync(join(folder, 'webex-cdr.secrets'))
    const done = await run(['setup', '--client-secret', '-', '--refresh-token', '-'], { input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    expect((await run(['credentials', 'show'])).stdout).toMatch(/refresh-token +set/)
  })

  test('a Webex that is out of reach, or out of order, is no matter for the next run', async () => {
    const { run, migrate, sim, folder, keyFile } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    for (let attempt = 0; attempt < 3; attempt += 1) sim.failNext({ kind: 'status', status: 503 })
    expect((await run(['setup'])).stderr).toMatch(/answered 503.*; try again later\n$/)
    pointAt(folder, 'http://127.0.0.1:9')
    const network = 'after 3 attempts; check the network; behind a proxy set HTTPS_PROXY\n'
    expect((await run(['setup'])).stderr).toContain(network)
    await migrate()
    expect((await run(['doctor'])).stdout).toMatch(new RegExp(`^failure +token +.*${network}`, 'm'))
  })

  test.each([
    [
      { clientSecret: 'other' },
      /Webex does not accept the client ID, client secret or refresh token.*; copy client secret and refresh token again from/
    ],
    [{ roleMissing: true }, /cdr_feed: the service answered 403: .*the role “Webex Calling Detailed Call/],
    [
      { integrationScopes: ['analytics:read_all'] },
      /cdr_feed: the service answered 403: .*spark-admin:calling_cdr_read/
    ]
  ])('where Webex refuses, nothing is stored: %j', async (options, message) => {
    const { run, config, folder } = await commandBench(options)
    const ended = await run([...SETUP, '--store', 'file'], { input: SECRET_LINES })
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(message)
    expect(ended.stderr.trim().split('\n')).toHaveLength(1)
    expect(config()).toBeUndefined()
    expect(readdirSync(folder)).toEqual(['.env'])
  })

  test('says which region has the records, and remembers it', async () => {
    const there = await startSimulator()
    const { run, config, keyFile, folder, sim } = await commandBench({
      region: new URL(there.url).host
    })
    writeFileSync(join(folder, '.env'), `WEBEX_API_URL=${sim.url}\nWEBEX_REQUESTS_PER_MINUTE=0`)
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ WEBEX_ANALYTICS_URL: sim.url }))
    // Each has tokens of its own: the second one is told ours.
    there.failNext({ kind: 'body', body: '{"items":[]}' })
    const done = await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    await there.close()
    expect(done.code, done.stderr).toBe(0)
    expect(config()).toMatchObject({ WEBEX_ANALYTICS_URL: there.url })
  })

  test('a --region that sends it back to the one in use changes nothing', async () => {
    const there = await startSimulator()
    const { run, config, keyFile, folder, sim } = await commandBench({ region: new URL(there.url).host })
    writeFileSync(join(folder, '.env'), `WEBEX_API_URL=${sim.url}\nWEBEX_REQUESTS_PER_MINUTE=0`)
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ WEBEX_ANALYTICS_URL: there.url }))
    there.failNext({ kind: 'body', body: '{"items":[]}' })
    const regions = new URL('setup/regions.js', pathToFileURL(CLI))
    const eu = `data:text/javascript,import{REGIONS}from'${regions}';REGIONS.eu={apiUrl:'${sim.url}',analyticsUrl:'${sim.url}'}`
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--region', 'eu']
    const done = await run(args, { env: { NODE_OPTIONS: `--import ${eu}` }, input: SECRET_LINES })
    await there.close()
    expect(done.code, done.stderr).toBe(0)
    expect(sim.requests.map(({ path }) => path)).toContain('/v1/cdr_feed')
    expect(config()).toMatchObject({ WEBEX_ANALYTICS_URL: there.url })
  })

  test('what the environment would overrule is refused before anything is done', async () => {
    const { run, sim } = await commandBench()
    const ended = await run([...SETUP, '--store', 'file', '--database-url', 'sqlite:new.db'], {
      input: SECRET_LINES,
      env: { DATABASE_URL: 'sqlite:old.db' }
    })
    expect(ended).toMatchObject({ code: 1 })
    expect(ended.stderr).toMatch(
      /^webex-cdr: DATABASE_URL is set in the environment or \.env, which override/
    )
    expect(sim.requests).toEqual([])
    const region = await run([...SETUP, '--store', 'file', '--region', 'eu'], { input: SECRET_LINES })
    expect(region.stderr).toMatch(/^webex-cdr: WEBEX_ANALYTICS_URL is set in the environment or \.env/)
    expect(sim.requests).toEqual([])
  })

  test('a refresh token that is replaced is kept, even where setup fails later', async () => {
    const { run, sim, keyFile } = await commandBench({ rotateRefreshToken: true })
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    sim.failNext({ kind: 'status', status: 403 })
    expect((await run(['setup'])).code).toBe(1)
    // The token before the last one is dead by now.
    sim.failNext({ kind: 'status', status: 403 })
    expect((await run(['setup', '--check'])).code).toBe(1)
    expect(await run(['setup', '--check'])).toMatchObject({ code: 0 })
  })

  test('a given token that Webex replaces and setup does not keep is told', async () => {
    const { run, keyFile } = await commandBench({ rotateRefreshToken: true })
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile]
    const checked = await run([...args, '--check'], { input: SECRET_LINES })
    expect(checked.code, checked.stderr).toBe(0)
    expect(checked.stderr).toMatch(/WARN: Webex replaced the refresh token that you entered/)
  })

  test('a store that cannot be written to is found before the token is spent', async () => {
    const { run, sim, env, folder } = await commandBench()
    mkdirSync(join(folder, 'webex-cdr.secrets'))
    const ended = await run([...SETUP, '--store', 'file'], { input: SECRET_LINES })
    expect(ended.code).not.toBe(0)
    expect(sim.requests).toEqual([])
    // The key that was made for it is gone.
    expect(
      readdirSync(env.HOME ?? '', { recursive: true }).filter((name) => String(name).endsWith('.key'))
    ).toEqual([])
  })

  test('and a key that was made for such a store goes again', async () => {
    const { run, sim, keyFile, folder } = await commandBench()
    writeFileSync(join(folder, 'webex-cdr.json'), '{"SECRET_STORE": "file:nowhere/a.secrets"}')
    const ended = await run([...SETUP, '--key-file', keyFile], { input: SECRET_LINES })
    expect(ended.stderr).toMatch(/its folder must exist and be writable/)
    expect(ended.code).toBe(3)
    expect(sim.requests).toEqual([])
    expect(existsSync(keyFile)).toBe(false)
  })

  test('to the environment is refused where it has not all of it', async () => {
    const { run, sim, config } = await commandBench()
    const ended = await run([...SETUP, '--store', 'env'], { input: SECRET_LINES })
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /--store env saves nothing: first set WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN/
      )
    })
    const env = { WEBEX_CLIENT_SECRET: clientSecret, WEBEX_REFRESH_TOKEN: refreshToken }
    const done = await run(['setup', '--client-id', clientId, '--store', 'env'], { env })
    expect(done.code, done.stderr).toBe(0)
    expect(config()).toEqual({ WEBEX_CLIENT_ID: clientId })
    expect(sim.requests.length).toBeGreaterThan(0)
  })

  test('while a sync runs, the refresh token is left to it', async () => {
    const { run, migrate, keyFile, folder, sim } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    await migrate()
    beBusy(folder)
    const asked = sim.requests.length
    const ended = await run(['setup'])
    expect(ended.stderr).toMatch(
      /^webex-cdr: another command is running \(web02, process 4711, .*try again when it has finished/
    )
    const doctor = await run(['doctor'])
    expect(doctor.stdout).toMatch(
      /^ok +lease +in use by web02, .*\nwarning +token +not tested without the lease: .* it is free$/m
    )
    expect(sim.requests).toHaveLength(asked)
  })
})
