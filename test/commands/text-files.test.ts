import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { ENCODINGS, UNREADABLE } from '../support/encodings.js'
import { AS_NOBODY, isRoot } from '../support/nobody.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const SECRETS = `WEBEX_CLIENT_ID=${DEMO_CREDENTIALS.clientId}
WEBEX_CLIENT_SECRET=${DEMO_CREDENTIALS.clientSecret}
WEBEX_REFRESH_TOKEN=${DEMO_CREDENTIALS.refreshToken}
`

describe.each(Object.entries(ENCODINGS))('%s', (_, encode) => {
  test('is read in .env, from its first line on', async () => {
    const { run, folder, sim } = await commandBench()
    const lines = `DATABASE_URL=sqlite:mine.db\nWEBEX_API_URL=${sim.url}\nWEBEX_ANALYTICS_URL=${sim.url}\n${SECRETS}`
    writeFileSync(join(folder, '.env'), encode(lines))
    expect(await run(['migrate'])).toMatchObject({ code: 0, stdout: expect.stringContaining('mine.db') })
    const checked = await run(['doctor'])
    expect(checked.stdout).toMatch(/^ok {7}token /m)
    expect(checked.stdout).toMatch(/^ok {7}config /m)
  }, 30_000)

  test('is read in webex-cdr.json, which stays as it is where nothing is changed', async () => {
    const { run, folder } = await commandBench()
    writeFileSync(join(folder, 'webex-cdr.json'), encode('{\n  "DATABASE_URL": "sqlite:mine.db"\n}\n'))
    expect(await run(['migrate'])).toMatchObject({ code: 0, stdout: expect.stringContaining('mine.db') })
  }, 30_000)

  test('is read from standard input, and of a key file', async () => {
    const { run, folder, keyFile } = await commandBench()
    mkdirSync(join(keyFile, '..'))
    writeFileSync(keyFile, encode(`${Buffer.alloc(32, 7).toString('base64')}\n`), { mode: 0o600 })
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile]
    const done = await run(args, { input: encode(SECRET_LINES) })
    expect(done.code, done.stderr).toBe(0)
    rmSync(join(folder, '.env'))
    const shown = await run(['credentials', 'show'])
    expect(shown.stdout).toMatch(/client-secret +set\n {2}refresh-token +set/)
  }, 30_000)
})

describe.each(UNREADABLE)('%s is refused by name', (_, bytes, message) => {
  const refusal = (name: string) => ({ code: 1, stderr: `webex-cdr: ${message.replace('NAME', name)}\n` })

  test('as .env and as webex-cdr.json', async () => {
    const { run, folder } = await commandBench()
    writeFileSync(join(folder, 'webex-cdr.json'), bytes)
    expect(await run(['stats'])).toMatchObject(refusal('webex-cdr.json'))
    writeFileSync(join(folder, '.env'), bytes)
    expect(await run(['stats'])).toMatchObject(refusal('.env'))
    const { stdout } = await run(['doctor'])
    expect(stdout).toContain(`failure  config          ${message.replace('NAME', '.env')}\n`)
  }, 30_000)

  test('as a key file and on standard input', async () => {
    const { run, keyFile } = await commandBench()
    mkdirSync(join(keyFile, '..'))
    const args = [...SETUP, '--store', 'file', '--key-file', keyFile]
    expect(await run(args, { input: bytes })).toMatchObject(refusal('standard input'))
    writeFileSync(keyFile, bytes, { mode: 0o600 })
    expect(await run(args, { input: SECRET_LINES })).toMatchObject({
      ...refusal(`the key file ${keyFile}`),
      code: 3
    })
  }, 30_000)
})

test('files that were joined are read, each with its mark', async () => {
  const { run, folder } = await commandBench()
  const files = ['LOG_LEVEL=info\n', 'DATABASE_URL=sqlite:of-the-second.db\n'].map(
    ENCODINGS['UTF-8 with a byte order mark']
  )
  writeFileSync(join(folder, '.env'), Buffer.concat(files))
  expect((await run(['migrate', '--check'])).stdout).toContain('of-the-second.db')
})

test('a folder in the place of .env', async () => {
  const { run, folder } = await commandBench()
  rmSync(join(folder, '.env'))
  mkdirSync(join(folder, '.env'))
  expect(await run(['stats'])).toMatchObject({
    code: 1,
    stderr: 'webex-cdr: .env cannot be read: it is a folder, not a file\n'
  })
})

test.runIf(isRoot)('a file of settings that this user may not read', async () => {
  const { run, folder } = await commandBench()
  chmodSync(join(folder, '..'), 0o755)
  chmodSync(folder, 0o755)
  chmodSync(join(folder, '.env'), 0o600)
  expect(await run(['stats'], { env: AS_NOBODY })).toMatchObject({
    code: 1,
    stderr:
      'webex-cdr: .env cannot be read: permission denied (EACCES); give this user read access, or run as the owner of the file\n'
  })
})

test('variables that are set already stay, and quotes and export are understood', async () => {
  const { run, folder } = await commandBench()
  const lines = ['export LOG_LEVEL="loud"', "DATABASE_URL='sqlite:of-the-file.db'", 'WEBEX_CLIENT_ID = C1 ']
  writeFileSync(join(folder, '.env'), ENCODINGS['UTF-8 with CRLF'](`${lines.join('\n')}\n`))
  expect(await run(['migrate', '--check'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^webex-cdr: LOG_LEVEL must be one of/)
  })
  const { stdout } = await run(['migrate', '--check'], {
    env: { LOG_LEVEL: 'error', DATABASE_URL: 'sqlite:of-the-environment.db' }
  })
  expect(stdout).toContain('of-the-environment.db')
})

test('a path of Windows in which \\n has become a line end is refused by name', async () => {
  const { run, folder } = await commandBench()
  const refusal = (name: string) => ({
    code: 1,
    stdout: '',
    stderr: `webex-cdr: ${name} contains a line break or another control character: in double quotes \\n is a line break, so write Windows paths with / instead of \\\n`
  })
  writeFileSync(join(folder, '.env'), 'DATABASE_URL="sqlite:data\\network\\calls.db"\n')
  expect(await run(['migrate'])).toEqual(refusal('DATABASE_URL'))
  writeFileSync(join(folder, '.env'), 'DATABASE_URL=sqlite:data\\network.db\n')
  writeFileSync(join(folder, 'webex-cdr.json'), '{"WEBEX_CA_FILE": "C:\\certs\\network.pem"}')
  expect(await run(['migrate'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not valid JSON')
  })
  writeFileSync(join(folder, 'webex-cdr.json'), '{"WEBEX_CA_FILE": "certs\\network.pem"}')
  expect(await run(['migrate'])).toEqual(refusal('WEBEX_CA_FILE'))
})
