import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { required } from '../support/desktop.js'
import { freePort } from '../support/free-port.js'
import { DOWN, ENTER, hasScript, inTerminal } from '../support/terminal.js'
import { until } from '../support/until.js'
import { commandBench, EVERYTHING, SECRET_LINES, SETUP } from './bench.js'

const { clientId, clientSecret } = DEMO_CREDENTIALS
const CHROMIUM = '/usr/bin/chromium'
const hasChromium = required('chromium', existsSync(CHROMIUM))

const GIVEN = ['setup', '--client-id', clientId, '--client-secret', clientSecret, '--store', 'file']

/** Setup that has printed the address of the authorise page. */
async function setUpInBrowser() {
  const bench = await commandBench()
  const redirectUri = `http://localhost:${await freePort()}/callback`
  const setup = bench.start([
    ...[...GIVEN, '--key-file', bench.keyFile, '--grant', 'browser', '--redirect-uri', redirectUri]
  ])
  let shown = ''
  setup.child.stdout?.on('data', (chunk) => {
    shown += chunk
  })
  await until(() => /\n {2}http\S+\n/.test(shown))
  const url = /\n {2}(http\S+)\n/.exec(shown)?.[1] ?? ''
  return { ...bench, setup, url, redirectUri }
}

describe.skipIf(!hasChromium)(
  `setup in a browser${hasChromium ? '' : ' (skipped: there is no chromium)'}`,
  () => {
    test('walks through the authorise page to the callback', async () => {
      const { setup, url, run, migrate } = await setUpInBrowser()
      const browser = await chromium.launch({
        executablePath: CHROMIUM,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking']
      })
      onTestFinished(() => browser.close())
      const page = await browser.newPage()
      expect(new URL(url).searchParams.get('code_challenge_method')).toBe('S256')
      await page.goto(url)
      expect(await page.textContent('body')).toContain('spark-admin:calling_cdr_read')
      await page.click('#accept')
      await page.waitForURL(/callback/)
      expect(await page.textContent('body')).toMatch(/authorised/i)
      const ended = await setup.ended
      expect(ended.code, ended.stderr).toBe(0)
      expect(ended.stdout).toMatch(
        /✓ authorised at \S+, scopes spark-admin:calling_cdr_read; the refresh token is valid until \d{4}-\d\d-\d\d\n/
      )
      await migrate()
      expect((await run(['sync'])).code).toBe(0)
    }, 60_000)
  }
)

/** What a browser does when the button of the authorise page is clicked. */
async function decide(url: string, decision: 'accept' | 'decline'): Promise<void> {
  const page = await (await fetch(url)).text()
  const [, request = ''] = /name="request" value="([^"]+)"/.exec(page) ?? []
  await fetch(new URL('authorize/decision', url), {
    method: 'POST',
    body: new URLSearchParams({ request, decision })
  })
}

test('declined on the authorise page, setup ends and stores nothing', async () => {
  const { setup, url, config } = await setUpInBrowser()
  await decide(url, 'decline')
  const ended = await setup.ended
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^webex-cdr: Webex did not authorise the integration: .*access_denied/)
  expect(config()).toBeUndefined()
}, 30_000)

test('a callback with another state is not listened to', async () => {
  const { setup, url, redirectUri } = await setUpInBrowser()
  const forged = await fetch(`${redirectUri}?code=stolen&state=guessed`)
  expect(forged.status).toBe(400)
  await decide(url, 'accept')
  expect((await setup.ended).code).toBe(0)
}, 30_000)

/** Setup that somebody accepts on another device. */
async function onDevice(...more: string[]) {
  const bench = await commandBench({ deviceInterval: 0.2 })
  const setup = bench.start([...GIVEN, '--key-file', bench.keyFile, '--grant', 'device', ...more])
  let shown = ''
  setup.child.stdout?.on('data', (chunk) => {
    shown += chunk
  })
  await until(() => /enter (\S+) within/.test(shown))
  bench.sim.decideDevice(/enter (\S+) within/.exec(shown)?.[1] ?? '', true)
  const ended = await setup.ended
  expect(ended.code, ended.stderr).toBe(0)
  return { ...bench, shown }
}

describe('setup by the device grant', () => {
  test('shows where to enter which code; with the scope of the Reports API can have reports made, without it not', async () => {
    const history = ['sync', '--history', '40d', '--dry-run']
    const without = await onDevice()
    expect(without.shown).toMatch(/^On any device, open http\S+ and enter \S+ within 5 minutes\.$/m)
    await without.migrate()
    const refused = await without.run(history)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/403: .*it needs Pro Pack, the scope analytics:read_all/)

    const { run, migrate, shown } = await onDevice(
      '--scopes',
      'spark-admin:calling_cdr_read analytics:read_all'
    )
    expect(shown).toContain('scopes spark-admin:calling_cdr_read analytics:read_all;')
    await migrate()
    const { code, stdout, stderr } = await run(history)
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(/^Would ask for the report /)
    expect((await run(['sync'])).code).toBe(0)
  }, 30_000)
})

test('ended while it waits, setup leaves nothing behind', async () => {
  const { start, keyFile, config } = await commandBench({ deviceInterval: 0.2 })
  const setup = start([...GIVEN, '--key-file', keyFile, '--grant', 'device'])
  let shown = ''
  setup.child.stdout?.on('data', (chunk) => {
    shown += chunk
  })
  await until(() => /enter (\S+) within/.test(shown))
  expect(existsSync(keyFile)).toBe(true)
  setup.child.kill('SIGINT')
  const ended = await setup.ended
  expect(ended).toMatchObject({ code: 130, stderr: 'webex-cdr: setup was cancelled; nothing was saved\n' })
  expect(existsSync(keyFile)).toBe(false)
  expect(config()).toBeUndefined()
}, 30_000)

describe.skipIf(!hasScript)(`setup on a terminal${hasScript ? '' : ' (skipped: there is no script)'}`, () => {
  test('asks for what it needs, echoes no secret, and makes the tables', async () => {
    const { env, folder, config, run, keyFile } = await commandBench()
    const terminal = inTerminal(['setup', '--key-file', keyFile], env, folder)
    await terminal.sees('Client ID')
    terminal.type(`${clientId}${ENTER}`)
    await terminal.sees('Client secret')
    terminal.type(`${clientSecret}${ENTER}`)
    await terminal.sees('How do you want to authorise?')
    terminal.type(ENTER)
    await terminal.sees('Refresh token')
    terminal.type(`${DEMO_CREDENTIALS.refreshToken}${ENTER}`)
    await terminal.sees('Which database?')
    terminal.type(`${DOWN}${ENTER}`)
    await terminal.sees('File')
    terminal.type(`calls.db${ENTER}`)
    await terminal.sees('How much of a record as Webex sends it should raw_json keep?')
    terminal.type(ENTER)
    await terminal.sees('How long should it be kept?')
    terminal.type(ENTER)
    await terminal.sees('Where should the secrets be kept?')
    terminal.type(ENTER)
    await terminal.sees('verified')
    await terminal.sees('Create the tables now?')
    terminal.type(ENTER)
    await terminal.sees(' applied.')
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown()).not.toContain(clientSecret)
    expect(terminal.shown()).not.toContain(DEMO_CREDENTIALS.refreshToken)
    expect(config()).toMatchObject({ DATABASE_URL: 'sqlite:calls.db', SECRET_KEY_FILE: keyFile })
    expect((await run(['sync'])).code).toBe(0)
  }, 60_000)

  test('a wrong answer is asked for again, the others stand', async () => {
    const { env, folder, config, keyFile, run } = await commandBench()
    const terminal = inTerminal(
      ['setup', ...EVERYTHING, '--key-file', keyFile, '--client-id', clientId],
      env,
      folder
    )
    await terminal.sees('Client secret')
    terminal.type(`not-the-secret${ENTER}`)
    await terminal.sees('How do you want to authorise?')
    terminal.type(ENTER)
    await terminal.sees('Refresh token')
    terminal.type(`${DEMO_CREDENTIALS.refreshToken}${ENTER}`)
    await terminal.sees('Which database?')
    terminal.type(`${DOWN}${ENTER}`)
    await terminal.sees('File')
    terminal.type(`calls.db${ENTER}`)
    await terminal.sees('Where should the secrets be kept?')
    terminal.type(ENTER)
    await terminal.sees('does not accept the client ID, client secret or refresh token')
    await terminal.sees('Review your answers?')
    expect(config()).toBeUndefined()
    terminal.type(ENTER)
    await terminal.sees('Client secret (empty: keep your last answer)')
    terminal.type(`${clientSecret}${ENTER}`)
    for (const question of [
      'How do you want to authorise?',
      'Refresh token (empty: keep your last answer)',
      'Which database?',
      'File',
      'Where should the secrets be kept?'
    ]) {
      await terminal.sees(question)
      terminal.type(ENTER)
    }
    await terminal.sees('verified')
    await terminal.sees('Create the tables now?')
    terminal.type(ENTER)
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown()).not.toContain(clientSecret)
    expect(config()).toMatchObject({ DATABASE_URL: 'sqlite:calls.db' })
    expect((await run(['sync'])).code).toBe(0)
  }, 60_000)

  test('a secret that is given as - is asked for, with --check and for the password alone too', async () => {
    const { env, folder, config, run, keyFile } = await commandBench()
    await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
    const before = config()
    const check = inTerminal(
      ['setup', '--check', '--client-secret', '-', '--refresh-token', '-'],
      env,
      folder
    )
    await check.sees('Client secret')
    check.type(`${clientSecret}${ENTER}`)
    await check.sees('Refresh token')
    check.type(`not-the-token${ENTER}`)
    await check.sees('does not accept the client ID, client secret or refresh token')
    await check.sees('Review your answers?')
    check.type(`n${ENTER}`)
    expect(await check.ended).toBe(1)

    const server = { DATABASE_URL: 'mssql://cdr@127.0.0.1:9/calls' }
    writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify({ ...before, ...server }))
    const password = inTerminal(
      ['setup', ...EVERYTHING, '--client-id', clientId, '--sql-password', '-'],
      env,
      folder
    )
    await password.sees('Database password')
    password.type(`pw${ENTER}`)
    for (const question of [
      'Client secret',
      'How do you want to authorise?',
      'Where should the secrets be kept?'
    ]) {
      await password.sees(question)
      password.type(ENTER)
    }
    await password.sees('127.0.0.1:9 cannot be reached')
    expect(password.shown()).not.toContain('Which database?')
    await password.sees('Review your answers?')
    password.type(`n${ENTER}`)
    expect(await password.ended).toBe(1)
  }, 60_000)

  test('ended by Ctrl-C, it stores nothing', async () => {
    const { env, folder, config } = await commandBench()
    const terminal = inTerminal(['setup'], env, folder)
    await terminal.sees('Client ID')
    terminal.type('\u0003')
    expect(await terminal.ended).toBe(130)
    await terminal.sees('setup was cancelled; nothing was saved')
    expect(config()).toBeUndefined()
  }, 60_000)
})
