import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { type Authority, createAuthority } from '../support/authority.js'
import { authorityFile } from '../support/authority-file.js'
import { type Reply, startConnectProxy, startTlsFront } from '../support/connect-proxy.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { until } from '../support/until.js'
import { commandBench, EVERYTHING, SECRET_LINES, SETUP } from './bench.js'
import { StrictService } from './strict-service.js'

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority('Example Corp')
})

const CREDENTIALS = {
  WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId,
  WEBEX_CLIENT_SECRET: DEMO_CREDENTIALS.clientSecret,
  WEBEX_REFRESH_TOKEN: DEMO_CREDENTIALS.refreshToken
}

/**
 * The program where Webex is reached through a proxy only, and all that it says is signed by the company's authority.
 * @param reply `count` is how many CONNECTs there were before
 * @param timeout of a request, in s
 * @param service in the simulator's place
 */
async function company(reply?: (count: number) => Reply, timeout = 60, service?: StrictService) {
  const bench = await commandBench({ recordsPerHour: 2 })
  // A proxy that inspects TLS signs for whichever host is asked for; one certificate names them both here.
  const identity = await authority.sign('*.webexapis.com')
  const front = await startTlsFront(identity, service ? Number(new URL(service.url).port) : bench.sim.port)
  const proxy = await startConnectProxy(front.port, reply)
  onTestFinished(async () => {
    await proxy.close()
    await front.close()
  })
  const url = 'https://calling.webexapis.com/v1'
  const settings = {
    WEBEX_API_URL: url,
    WEBEX_ANALYTICS_URL: url,
    WEBEX_REQUESTS_PER_MINUTE: '0',
    WEBEX_PAGES_PER_MINUTE: '0',
    WEBEX_RETRY_DELAY_MS: '5',
    WEBEX_TIMEOUT_SECONDS: String(timeout),
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`
  }
  const set = (more: Record<string, string>) =>
    appendFileSync(
      join(bench.folder, '.env'),
      Object.entries(more)
        .map(([name, value]) => `${name}=${value}\n`)
        .join('')
    )
  writeFileSync(join(bench.folder, '.env'), '')
  set(settings)
  return { ...bench, front, proxy, set }
}

/** The same, with credentials in .env, the authority trusted, and the tables made. */
async function ready(reply?: (count: number) => Reply, timeout?: number) {
  const bench = await company(reply, timeout)
  bench.set({ ...CREDENTIALS, WEBEX_CA_FILE: authorityFile(authority) })
  await bench.migrate()
  return bench
}

test('sync and doctor work through the proxy, with the authority’s file in .env', async () => {
  const { run, proxy } = await ready()
  const synced = await run(['sync'])
  expect(synced.code, synced.stderr).toBe(0)
  expect(synced.stdout).toMatch(/Synced: cdr_feed[\s\S]*Synced: cdr_stream/)
  expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(['calling.webexapis.com:443']))
  const looked = await run(['doctor'])
  expect(looked.stdout).toMatch(
    /^ok +token .* through the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\).*\nok +scope and role/m
  )
})

test('the authority’s file works from webex-cdr.json, by a path from the folder', async () => {
  const { run, migrate, set, folder } = await company()
  set(CREDENTIALS)
  writeFileSync(join(folder, 'company.pem'), authority.pem)
  writeFileSync(join(folder, 'webex-cdr.json'), '{"WEBEX_CA_FILE": "company.pem"}')
  await migrate()
  const synced = await run(['sync'])
  expect(synced.code, synced.stderr).toBe(0)
})

const MESSAGE =
  /the certificate of calling\.webexapis\.com is signed by “Example Corp”, which is not trusted \(\w+\)/

test('without the file, sync, doctor and setup say who signed and what to do, once', async () => {
  const { run, migrate, set, front } = await company()
  const set_up = await run([...SETUP, '--store', 'file'], { input: SECRET_LINES })
  expect(set_up.code).toBe(1)
  set(CREDENTIALS)
  await migrate()
  const before = front.connections()
  const synced = await run(['sync'])
  expect(front.connections() - before).toBe(1)
  const looked = await run(['doctor'])
  for (const said of [set_up.stderr, synced.stderr, looked.stdout]) {
    expect(said).toMatch(MESSAGE)
    expect(said).toContain('set WEBEX_CA_FILE to its CA certificate')
    expect(said).not.toMatch(/HTTPS_PROXY is|set HTTPS_PROXY|attempts/)
  }
})

test('setup takes it by --ca-file, and stores its path', async () => {
  const { run, config, keyFile } = await company()
  const file = authorityFile(authority)
  const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--ca-file', file]
  const done = await run(args, { input: SECRET_LINES })
  expect(done.code, done.stderr).toBe(0)
  expect(config()).toMatchObject({ WEBEX_CA_FILE: file })
  expect(await run(['setup', '--check'])).toMatchObject({ code: 0 })
})

describe.skipIf(!hasScript)(`on a terminal${hasScript ? '' : ' (skipped: there is no script)'}`, () => {
  async function setUp() {
    const { env, folder, config } = await company()
    const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
    const given = ['--client-id', clientId, '--client-secret', clientSecret, '--refresh-token', refreshToken]
    const kept = [...EVERYTHING, '--store', 'file', '--database-url', 'sqlite:calls.db']
    return { terminal: inTerminal(['setup', ...given, ...kept], env, folder), config }
  }

  test('setup asks for the authority’s file when it meets such a certificate', async () => {
    const { terminal, config } = await setUp()
    await terminal.sees('is signed by “Example Corp”')
    await terminal.sees('Is this your company’s own CA')
    terminal.type(ENTER)
    await terminal.sees('Path of the file')
    const file = authorityFile(authority)
    terminal.type(`${file}${ENTER}`)
    await terminal.sees('Create the tables now?')
    terminal.type(ENTER)
    expect(await terminal.ended).toBe(0)
    expect(config()).toMatchObject({ WEBEX_CA_FILE: file })
  }, 60_000)

  test('where it is not to be trusted, nothing is stored', async () => {
    const { terminal, config } = await setUp()
    await terminal.sees('Is this your company’s own CA')
    terminal.type(`${DOWN}${ENTER}`)
    expect(await terminal.ended).toBe(1)
    expect(config()).toBeUndefined()
  }, 60_000)
})

describe('a proxy that never answers', () => {
  // The requests' own time limit is far longer than a test may take.
  const FOREVER = 3_600

  test('one CONNECT: it is tried again, the sync succeeds, and the process ends', async () => {
    const { run } = await ready((count) => (count === 1 ? 'silence' : 'tunnel'), 1)
    const synced = await run(['sync'])
    expect(synced.stderr).toMatch(
      /no response from the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) to CONNECT within 1 s; retrying, attempt 2/
    )
    expect(synced).toMatchObject({ code: 0, stdout: expect.stringContaining('Synced') })
  })

  test.each([['sync'], ['doctor'], ['setup', '--check']])('none: %s says so and ends', async (...args) => {
    const { run } = await ready(() => 'silence', 1)
    const { code, stdout, stderr } = await run(args)
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(
      /no response from the proxy 127\.0\.0\.1:\d+ \(HTTPS_PROXY\) to CONNECT within 1 s, after 3 attempts/
    )
    expect(stdout + stderr).not.toMatch(/set HTTPS_PROXY|secret, |scope|role/)
  })

  test('nor what it leads to: doctor does not advise to set the proxy', async () => {
    const { run } = await ready(() => 'open and silence', 1)
    const { stdout } = await run(['doctor'])
    expect(stdout).toMatch(/no complete response through the proxy .* after 3 attempts; check the proxy\n/)
  })

  test.each<[string[], number | null, Reply]>([
    [['sync'], 143, 'silence'],
    [['setup', '--check'], 143, 'silence'],
    [['doctor'], null, 'open and silence']
  ])('%j is ended by the first SIGTERM', async (args, code, reply) => {
    const { start, proxy } = await ready(() => reply, FOREVER)
    const { child, ended } = start(args)
    await until(() => proxy.asked.length > 0)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code })
  })
})

test.each([
  [
    '407',
    'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n',
    /it requires authentication/
  ],
  ['403', 'HTTP/1.1 403 Forbidden\r\n\r\n', /have the proxy allow calling\.webexapis\.com/]
])(
  'a proxy that answers %s is named by sync, doctor and setup, and nothing of ours is blamed',
  async (_, raw, remedy) => {
    const { run, proxy } = await ready(() => ({ raw }))
    for (const args of [['sync'], ['doctor'], ['setup', '--check']]) {
      const { code, stdout, stderr } = await run(args)
      expect(code).toBe(1)
      const said = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('the proxy'))
      expect(said.length).toBeGreaterThan(0)
      for (const line of said) {
        expect(line).toContain(`the proxy 127.0.0.1:${proxy.port} (HTTPS_PROXY) answered`)
        expect(line).toMatch(remedy)
        expect(line).not.toMatch(/client secret|scope|role|WEBEX_API_URL/)
      }
    }
  }
)

test('a refresh token that is on its way through the proxy is waited for', async () => {
  const service = new StrictService()
  await service.start()
  const { run, migrate, start, keyFile } = await company(undefined, 60, service)
  const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--ca-file', authorityFile(authority)]
  const done = await run(args, { input: `a-client-secret\n${service.good}\n` })
  expect(done.code, done.stderr).toBe(0)
  await migrate()
  const open = service.close()
  const before = service.offered.length
  const { child, ended } = start(['doctor'])
  await until(() => service.offered.length > before)
  child.kill('SIGINT')
  // So that the signal comes before the answer.
  await new Promise((resolve) => setTimeout(resolve, 300))
  open()
  expect(await ended).toMatchObject({ code: null })
  const next = await run(['sync', '--source', 'feed'])
  expect(next.code, next.stderr).toBe(0)
})
