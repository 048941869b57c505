import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FileStore } from '../../src/credentials/file-store.js'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { simulatorEnvironment } from '../support/cli.js'
import { commandBench, SETUP } from './bench.js'

/** What a file, an echo or a web page leaves after a value, and before it. */
const AROUND: [what: string, wrap: (text: string) => string][] = [
  ['a line end', (text) => `${text}\n`],
  ['a Windows line end', (text) => `${text}\r\n`],
  ['blanks on both sides', (text) => `  ${text} \t`],
  ['a no-break space and an empty line', (text) => `${text}\u00A0\n\n`],
  ['a byte order mark before it', (text) => `\uFEFF${text}`]
]

describe.each(AROUND)('%s', (_, wrap) => {
  test('is taken off what the environment has', async () => {
    const { run, sim } = await commandBench()
    const settings = Object.entries({ ...simulatorEnvironment(sim.url), DATABASE_URL: 'sqlite:mine.db' })
    const env = Object.fromEntries(settings.map(([name, value]) => [name, wrap(value ?? '')]))
    expect(await run(['migrate'], { env })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/mine\.db\n/)
    })
    const synced = await run(['sync', '--source', 'feed'], { env })
    expect(synced.code, synced.stderr).toBe(0)
    const asked = await run(['setup', '--check', '--store', 'env'], { env })
    expect(asked.code, asked.stderr).toBe(0)
  }, 30_000)

  test('is taken off what setup is given', async () => {
    const { run, keyFile } = await commandBench()
    const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
    const typed = ['setup', '--client-id', wrap(clientId), '--client-secret', wrap(clientSecret)]
    const ways = [
      await run([...typed, '--refresh-token', wrap(refreshToken), '--check']),
      await run([...SETUP, '--store', 'file', '--key-file', keyFile], {
        input: `${wrap(clientSecret).split('\n')[0]}\n${wrap(refreshToken)}`
      })
    ]
    for (const { code, stderr } of ways) expect(code, stderr).toBe(0)
  }, 30_000)

  test('is taken off what a store has', async () => {
    const { run, migrate, folder, keyFile, sim } = await commandBench()
    const bytes = Buffer.alloc(32, 7)
    mkdirSync(join(keyFile, '..'))
    writeFileSync(keyFile, bytes.toString('base64'), { mode: 0o600 })
    const store = new FileStore(join(folder, 'webex-cdr.secrets'), { bytes, origin: 'a test' })
    await store.writeAll({
      'client-secret': wrap(DEMO_CREDENTIALS.clientSecret),
      'refresh-token': wrap(DEMO_CREDENTIALS.refreshToken)
    })
    const env = {
      SECRET_STORE: 'file:webex-cdr.secrets',
      SECRET_KEY_FILE: keyFile,
      WEBEX_CLIENT_ID: DEMO_CREDENTIALS.clientId
    }
    await migrate()
    const synced = await run(['sync', '--source', 'feed'], { env })
    expect(synced.code, synced.stderr).toBe(0)
    expect(sim.requests[0]).toMatchObject({ status: 200 })
  }, 30_000)
})

describe('what no trimming mends is one line that names the variable and not its value', () => {
  test.each([
    [
      'WEBEX_CLIENT_SECRET',
      'abc\u200Bdef',
      'WEBEX_CLIENT_SECRET contains an invisible character (U+200B): copy it again'
    ],
    [
      'WEBEX_REFRESH_TOKEN',
      'abc\ndef',
      'WEBEX_REFRESH_TOKEN contains an invisible character (U+000A): copy it again'
    ],
    ['WEBEX_CLIENT_ID', 'abcdéf', 'WEBEX_CLIENT_ID contains a character that is not ASCII: copy it again'],
    [
      'WEBEX_CLIENT_SECRET',
      '"abcdef"',
      'WEBEX_CLIENT_SECRET is enclosed in quotation marks, which count as part of the value (docker --env-file keeps them): remove them'
    ],
    [
      'DATABASE_URL',
      "'sqlite:abcdef.db'",
      'DATABASE_URL is enclosed in quotation marks, which count as part of the value (docker --env-file keeps them): remove them'
    ],
    [
      'WEBEX_REFRESH_TOKEN',
      '“abcdef”',
      'WEBEX_REFRESH_TOKEN is enclosed in quotation marks, which count as part of the value (docker --env-file keeps them): remove them'
    ]
  ])('%s=%j', async (name, value, message) => {
    const { run } = await commandBench()
    expect(await run(['migrate', '--check'], { env: { [name]: value } })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `webex-cdr: ${message}\n`
    })
  })

  test('as a flag and on standard input', async () => {
    const { run } = await commandBench()
    const message = 'contains an invisible character (U+200D): copy it again'
    expect(await run([...SETUP, '--store', 'file'], { input: 'a-secret\nabc\u200Ddef\n' })).toMatchObject({
      code: 1,
      stderr: `webex-cdr: --refresh-token ${message}\n`
    })
    expect(await run(['setup', '--check', '--client-id', 'abc\u200Ddef'], { input: '' })).toMatchObject({
      code: 1,
      stderr: `webex-cdr: --client-id ${message}\n`
    })
  })

  test('only blanks are nothing, and named as missing', async () => {
    const { run, migrate } = await commandBench()
    const env = { WEBEX_CLIENT_ID: ' ', WEBEX_CLIENT_SECRET: '\n', WEBEX_REFRESH_TOKEN: '\u00A0' }
    await migrate()
    expect((await run(['sync'], { env })).stderr).toMatch(
      /^webex-cdr: WEBEX_CLIENT_ID, WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN not set \(/
    )
    expect((await run([...SETUP, '--store', 'file'], { input: ' \n\t\n' })).stderr).toMatch(
      /^webex-cdr: --client-secret - has no line on standard input/
    )
  })
})
