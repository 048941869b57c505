import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS, startSimulator } from '../../src/simulator/index.js'
import { CLI } from '../support/cli.js'
import { freePort } from '../support/free-port.js'
import { recordingProxy } from '../support/recording-proxy.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { until } from '../support/until.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
const OAUTH = { commercial: 'webexapis.com', government: 'api-usgov.webex.com' }

/** The program where the hosts of Webex are its own, behind a proxy that lets nothing out. */
async function outside() {
  const bench = await commandBench()
  const proxy = await recordingProxy()
  writeFileSync(join(bench.folder, '.env'), 'WEBEX_RETRY_DELAY_MS=1\n')
  return { ...bench, hosts: proxy.hosts, env: { ...bench.env, ...proxy.env }, proxied: proxy.env }
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
        expect([...hosts], ended.stderr).toEqual([host])
        hosts.clear()
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
    const { run, hosts, proxied, folder } = await outside()
    const env = {
      ...proxied,
      WEBEX_CLIENT_ID: clientId,
      WEBEX_CLIENT_SECRET: clientSecret,
      WEBEX_REFRESH_TOKEN: refreshToken,
      LOG_LEVEL: 'silent'
    }
    await run(['migrate'])
    const WEBEX_ANALYTICS_URL = 'https://analytics-calling-gov.webexapis.com/v1'
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ WEBEX_ANALYTICS_URL }))
    const fault = `WEBEX_API_URL is https://webexapis.com/v1 and WEBEX_ANALYTICS_URL ${WEBEX_ANALYTICS_URL}, of which one is Webex for Government’s and the other is not: nothing is sent; \`npm run setup -- --region gov\` (or us, eu, in, au) sets both`
    for (const command of [['sync'], ['sync', '--dry-run'], ['setup', '--check']]) {
      expect(await run(command, { env }), command.join(' ')).toMatchObject({
        code: 1,
        stderr: `webex-cdr: ${fault}\n`
      })
    }
    const { code, stdout } = await run(['doctor'], { env })
    expect(code).toBe(1)
    expect(stdout).toContain(`failure  config          ${fault}\n`)
    expect(stdout).toMatch(/^warning {2}token {11}not tried/m)
    expect([...hosts]).toEqual([])
    // The remedy is one.
    await run(['setup', '--check', '--region', 'gov'], { env })
    expect([...hosts]).toEqual([OAUTH.government])
  }, 60_000)

  test('to the other cloud nothing is taken along that is stored', async () => {
    const { run, hosts, proxied, sim, folder, keyFile } = await outside()
    const atSimulator = { WEBEX_API_URL: sim.url, WEBEX_ANALYTICS_URL: sim.url }
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { env: atSimulator, input: SECRET_LINES })
    const there = await run(['setup', '--region', 'gov'], { env: proxied })
    expect(there.code).toBe(2)
    expect(there.stderr).toMatch(/^webex-cdr: --client-id is needed, and --client-secret, --refresh-token /)
    expect((await run(['setup', '--region', 'au'], { env: proxied })).code).toBe(1)
    expect([...hosts]).toEqual([OAUTH.commercial])
    hosts.clear()
    writeFileSync(join(folder, '.env'), 'WEBEX_API_URL=https://api-usgov.webex.com/v1\n')
    expect((await run(['setup', '--region', 'us'], { env: proxied })).code).toBe(2)
    expect([...hosts]).toEqual([])
  }, 60_000)
})

test('both URLs of a region are stored, and those of the next one in their place', async () => {
  const { run, config, keyFile, folder, sim } = await commandBench()
  const records = await startSimulator({ recordsPerHour: 5 })
  onTestFinished(() => records.close())
  writeFileSync(join(folder, '.env'), 'WEBEX_REQUESTS_PER_MINUTE=0\n')
  const regions = new URL('setup/regions.js', pathToFileURL(CLI))
  const urls = {
    gov: { apiUrl: sim.url, analyticsUrl: sim.url },
    us: { apiUrl: sim.url.replace('127.0.0.1', 'localhost'), analyticsUrl: sim.url }
  }
  const code = `import{REGIONS}from'${regions}';Object.assign(REGIONS,${JSON.stringify(urls)})`
  const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` }
  const into = async (region: 'gov' | 'us') => {
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile, '--region', region]
    const done = await run(args, { env, input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    expect(done.stdout).toMatch(
      new RegExp(
        `✓ authorised at ${urls[region].apiUrl}; .*\n✓ cdr_feed answers at ${urls[region].analyticsUrl}\n`
      )
    )
    expect(config()).toMatchObject({
      WEBEX_API_URL: urls[region].apiUrl,
      WEBEX_ANALYTICS_URL: urls[region].analyticsUrl
    })
  }
  await into('gov')
  await into('us')
}, 60_000)

test.skipIf(!hasScript)(
  'on a terminal the cloud is asked for before anything secret is',
  async () => {
    const { env, folder, hosts } = await outside()
    const terminal = inTerminal(['setup', '--store', 'file'], env, folder)
    await terminal.sees('Where is the organisation?')
    await terminal.sees('Webex for Government')
    terminal.type(`${DOWN}${ENTER}`)
    for (const [question, answer] of [
      ['Client ID', clientId],
      ['Client secret', clientSecret],
      ['How is it authorised?', ''],
      ['Refresh token', refreshToken],
      ['Which database?', '']
    ] as const) {
      await terminal.sees(question)
      terminal.type(`${answer}${ENTER}`)
    }
    await terminal.sees('Go through the answers again?')
    terminal.type('n')
    await terminal.ended
    expect([...hosts], terminal.shown()).toEqual([OAUTH.government])
  },
  60_000
)
