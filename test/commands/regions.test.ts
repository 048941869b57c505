import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { CDR_HOSTS } from '../../src/config/clouds.js'
import { loadSettings } from '../../src/config/settings.js'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { type Authority, createAuthority } from '../support/authority.js'
import { authorityFile } from '../support/authority-file.js'
import { type ConnectProxy, startConnectProxy, startTlsFront } from '../support/connect-proxy.js'
import { freePort } from '../support/free-port.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { until } from '../support/until.js'
import { commandBench, EVERYTHING, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
const QUICK = { WEBEX_REQUESTS_PER_MINUTE: 0, WEBEX_PAGES_PER_MINUTE: 0, WEBEX_RETRY_DELAY_MS: 5 }
const OAUTH = { commercial: 'webexapis.com', government: 'api-usgov.webex.com' }

let authority: Authority
beforeAll(async () => {
  authority = await createAuthority('Cisco')
})

/** The program where the hosts of Webex, by their own names, are the simulator. */
async function inside() {
  const bench = await commandBench({ recordsPerHour: 5 })
  const { commercial, government } = CDR_HOSTS
  const front = await startTlsFront(
    await authority.sign([...Object.values(OAUTH), ...commercial, ...government]),
    bench.sim.port
  )
  const proxy = await startConnectProxy(front.port)
  onTestFinished(async () => {
    await proxy.close()
    await front.close()
  })
  const lines = {
    HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    WEBEX_CA_FILE: authorityFile(authority),
    ...QUICK
  }
  writeFileSync(
    join(bench.folder, '.env'),
    Object.entries(lines)
      .map((line) => line.join('='))
      .join('\n')
  )
  return { ...bench, hosts: () => hostsOf(proxy.asked.splice(0)) }
}

/** The program behind a proxy that lets nothing out. */
async function outside() {
  const bench = await commandBench()
  const proxy = await startConnectProxy(0, () => ({ raw: 'HTTP/1.1 502 Bad Gateway\r\n\r\n' }))
  onTestFinished(() => proxy.close())
  writeFileSync(join(bench.folder, '.env'), 'WEBEX_RETRY_DELAY_MS=1\n')
  const proxied = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
  return { ...bench, env: { ...bench.env, ...proxied }, proxied, hosts: () => hostsOf(proxy.asked.splice(0)) }
}

function hostsOf(asked: ConnectProxy['asked']): string[] {
  return [...new Set(asked.map(({ target }) => target))].map((target) => target.replace(/:443$/, '')).sort()
}

describe('the secrets of a region go to its own hosts and no other', () => {
  test.each([
    ['gov', OAUTH.government],
    ['eu', OAUTH.commercial]
  ])(
    '%s: %s',
    async (region, host) => {
      const { run, start, hosts, proxied } = await outside()
      const given = ['setup', '--client-id', clientId, '--client-secret', clientSecret, '--store', 'file']
      for (const grant of [
        ['--refresh-token', refreshToken],
        ['--grant', 'device']
      ]) {
        const ended = await run([...given, ...grant, '--region', region], { env: proxied })
        expect(ended.code).toBe(1)
        expect(hosts(), ended.stderr).toEqual([host])
      }
      const browser = start([
        ...given,
        '--grant',
        'browser',
        '--redirect-uri',
        `http://localhost:${await freePort()}/callback`,
        '--region',
        region
      ])
      let said = ''
      browser.child.stdout?.on('data', (chunk) => (said += chunk))
      await until(() => said.includes('/authorize?') || browser.child.exitCode !== null)
      browser.child.kill('SIGTERM')
      await browser.ended
      expect(said).toContain(`https://${host}/v1/authorize?`)
    },
    60_000
  )

  test('a sync and a setup of a mixed configuration send nothing, and name both hosts', async () => {
    const { run, migrate, hosts, proxied, folder } = await outside()
    const env = {
      ...proxied,
      WEBEX_CLIENT_ID: clientId,
      WEBEX_CLIENT_SECRET: clientSecret,
      WEBEX_REFRESH_TOKEN: refreshToken,
      LOG_LEVEL: 'silent'
    }
    await migrate()
    const WEBEX_ANALYTICS_URL = 'https://analytics-calling-gov.webexapis.com/v1'
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ WEBEX_ANALYTICS_URL }))
    const fault = `WEBEX_API_URL (https://webexapis.com/v1) and WEBEX_ANALYTICS_URL (${WEBEX_ANALYTICS_URL}) are in different clouds, one of them Webex for Government: nothing is sent; \`npm run setup -- --region gov\` (or us, eu, in, au) sets both`
    for (const command of [['sync'], ['sync', '--dry-run'], ['setup', '--check']]) {
      expect(await run(command, { env }), command.join(' ')).toMatchObject({
        code: 1,
        stderr: `webex-cdr: ${fault}\n`
      })
    }
    const { code, stdout } = await run(['doctor'], { env })
    expect(code).toBe(1)
    expect(stdout).toContain(`failure  config          ${fault}\n`)
    expect(stdout).toMatch(/^warning {2}token {11}not tested/m)
    expect(hosts()).toEqual([])
    // The remedy is one.
    await run(['setup', '--check', '--region', 'gov'], { env })
    expect(hosts()).toEqual([OAUTH.government])
  }, 60_000)

  test('to the other cloud nothing is taken along that is stored', async () => {
    const { run, hosts, proxied, sim, folder, keyFile } = await outside()
    const atSimulator = { WEBEX_API_URL: sim.url, WEBEX_ANALYTICS_URL: sim.url }
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { env: atSimulator, input: SECRET_LINES })
    const there = await run(['setup', '--region', 'gov'], { env: proxied })
    expect(there.code).toBe(2)
    expect(there.stderr).toMatch(/^webex-cdr: --client-id is required, and --client-secret, --refresh-token /)
    expect((await run(['setup', '--region', 'au'], { env: proxied })).code).toBe(1)
    expect(hosts()).toEqual([OAUTH.commercial])
    writeFileSync(join(folder, '.env'), 'WEBEX_API_URL=https://api-usgov.webex.com/v1\n')
    expect((await run(['setup', '--region', 'us'], { env: proxied })).code).toBe(2)
    expect(hosts()).toEqual([])
  }, 60_000)
})

test('both URLs of a region are stored and asked, and those of the next one in their place', async () => {
  const { run, migrate, config, keyFile, hosts } = await inside()
  await migrate()
  for (const [region, cdrHost] of [
    ['gov', 'analytics-calling-gov.webexapis.com'],
    ['us', 'analytics-calling.webexapis.com'],
    ['gov', 'analytics-calling-gov.webexapis.com']
  ] as const) {
    const api = OAUTH[region === 'gov' ? 'government' : 'commercial']
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--region', region]
    const done = await run(args, { input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(
      new RegExp(`✓ authorised at https://${api}/v1; .*\n✓ cdr_feed answers at https://${cdrHost}/v1\n`)
    )
    // What is usual needs no setting.
    const stored = { WEBEX_API_URL: `https://${api}/v1`, WEBEX_ANALYTICS_URL: `https://${cdrHost}/v1` }
    expect(loadSettings({}, config()).webex).toMatchObject({
      apiUrl: stored.WEBEX_API_URL,
      analyticsUrl: stored.WEBEX_ANALYTICS_URL
    })
    expect(hosts()).toEqual([api, cdrHost].sort())
    const looked = await run(['doctor'])
    expect(looked.stdout).toMatch(
      new RegExp(`^ok +token +refreshed at https://${api}/v1 through the proxy `, 'm')
    )
    expect(looked.stdout).toMatch(new RegExp(`^ok +region +https://${cdrHost}/v1$`, 'm'))
    expect((await run(['sync'])).code).toBe(0)
    expect(hosts()).toEqual([api, cdrHost].sort())
  }
}, 60_000)

test.skipIf(!hasScript)(
  'on a terminal the cloud is asked for before anything secret is',
  async () => {
    const { env, folder, hosts } = await outside()
    const terminal = inTerminal(['setup', ...EVERYTHING, '--store', 'file'], env, folder)
    await terminal.sees('In which Webex cloud is the organisation?')
    await terminal.sees('Webex for Government')
    terminal.type(`${DOWN}${ENTER}`)
    for (const [question, answer] of [
      ['Client ID', clientId],
      ['Client secret', clientSecret],
      ['How do you want to authorise?', ''],
      ['Refresh token', refreshToken],
      ['Which database?', '']
    ] as const) {
      await terminal.sees(question)
      terminal.type(`${answer}${ENTER}`)
    }
    await terminal.sees('Review your answers?')
    terminal.type('n')
    await terminal.ended
    expect(hosts(), terminal.shown()).toEqual([OAUTH.government])
  },
  60_000
)
