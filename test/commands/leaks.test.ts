import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/simulator/index.js'
import type { Ended } from '../support/cli.js'
import { commandBench } from './bench.js'

const CLIENT_SECRET = 'leak-client-secret-4f1d'
const REFRESH_TOKEN = 'leak-refresh-token-9a3c'
const PASSWORD = 'leak/p@ss word-77e0'
const KEY = Buffer.from('leak-key-of-thirty-two-bytes-xx!').toString('base64')
/** As the simulator makes tokens. */
const TOKENS = /(?:access|refresh)-[0-9a-f]{8}-[0-9a-f-]{27}/

const NOWHERE = 'mssql://cdr@127.0.0.1:9/calls'
const TRUNCATE: Fault = { kind: 'truncate' }
const RESET: Fault = { kind: 'reset' }

/** A refusal that repeats what it was sent. */
const echoOf = (refreshToken: string, status: number): Fault => ({
  kind: 'status',
  status,
  headers: { trackingId: `ROUTER_${refreshToken}` },
  body: JSON.stringify({ message: `no: ${CLIENT_SECRET} ${refreshToken}`, access_token: CLIENT_SECRET })
})

function expectClean(text: string): void {
  const secrets = [CLIENT_SECRET, REFRESH_TOKEN, PASSWORD, KEY].flatMap((secret) => [
    secret,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64').replace(/=+$/, '')
  ])
  const leaks = text
    .split('\n')
    .filter((line) => TOKENS.test(line) || secrets.some((secret) => line.includes(secret)))
  expect(leaks).toEqual([])
}

/** Every file of a folder, as bytes. */
function filesOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n')
}

describe.each([
  ['file', { SECRET_KEY: KEY }],
  [
    'env',
    { WEBEX_CLIENT_SECRET: CLIENT_SECRET, WEBEX_REFRESH_TOKEN: REFRESH_TOKEN, DATABASE_PASSWORD: PASSWORD }
  ]
])('with the store %s, at LOG_LEVEL=trace,', (store, secrets) => {
  test('no command shows, logs or leaves a secret, whatever fails', async () => {
    const bench = await commandBench({
      clientSecret: CLIENT_SECRET,
      refreshToken: REFRESH_TOKEN,
      rotateRefreshToken: store === 'file'
    })
    const { sim, folder } = bench
    const echo = (status: number) => echoOf(sim.currentRefreshToken(), status)
    const said: string[] = []
    const codes: (number | null)[] = []
    const run = async (args: string[], more: NodeJS.ProcessEnv = {}, input?: string): Promise<Ended> => {
      const env = { LOG_LEVEL: 'trace', ...secrets, ...more }
      const ended = await bench.run(args, input === undefined ? { env } : { env, input })
      said.push(ended.stdout, ended.stderr)
      codes.push(ended.code)
      return ended
    }
    const lines = `${CLIENT_SECRET}\n${REFRESH_TOKEN}\n${PASSWORD}\n`
    const given = ['setup', '--client-id', 'demo-client-id', '--client-secret', '-', '--refresh-token', '-']
    sim.failNextToken(echo(400))
    await run([...given, '--store', store], {}, lines)
    sim.failNextToken({ kind: 'status', status: 200, body: `{"refresh_token":"${REFRESH_TOKEN}"}` })
    await run([...given, '--store', store], {}, lines)
    sim.failNext(echo(403))
    await run([...given, '--store', store, '--check'], {}, lines)
    await run(
      [
        ...given,
        '--store',
        store,
        '--sql-server',
        '127.0.0.1',
        '--sql-port',
        '9',
        '--sql-database',
        'calls',
        '--sql-username',
        'cdr',
        '--sql-password',
        '-'
      ],
      {},
      lines
    )
    await run(
      [
        ...given,
        '--store',
        store,
        '--database-url',
        `mssql://cdr:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/calls`
      ],
      {},
      lines
    )
    expect(codes).not.toContain(0)
    const done = await run(
      [...given, '--store', store],
      {},
      `${CLIENT_SECRET}\n${sim.currentRefreshToken()}\n`
    )
    expect(done.code, done.stderr).toBe(0)

    for (const args of [['migrate'], ['migrate', '--check'], ['sync'], ['stats'], ['stats', '--json']])
      expect((await run(args)).code).toBe(0)
    for (const args of [['doctor'], ['doctor', '--json'], ['health'], ['schedule'], ['credentials', 'show']])
      await run(args)
    for (const fault of [() => echo(400), () => echo(500), () => TRUNCATE, () => RESET]) {
      sim.failNextToken(fault(), fault(), fault())
      await run(['sync'])
    }
    for (const fault of [...[400, 401, 403, 451, 500].map((status) => () => echo(status)), () => TRUNCATE]) {
      sim.failNext(fault(), fault(), fault())
      await run(['sync', '--since', '6h'])
      sim.failNext({ kind: 'none' })
    }
    sim.failNext(echo(403))
    await run(['doctor'])
    const database = { DATABASE_URL: NOWHERE, DATABASE_PASSWORD: PASSWORD }
    for (const args of [['migrate'], ['sync'], ['stats'], ['health'], ['doctor'], ['setup', '--check']]) {
      expect((await run(args, database)).code, args.join(' ')).toBe(1)
    }
    const inUrl = { DATABASE_URL: `mssql://cdr:${encodeURIComponent(PASSWORD)}@127.0.0.1:9/calls?nonsense=1` }
    for (const args of [['migrate'], ['sync'], ['doctor']]) expect((await run(args, inUrl)).code).toBe(1)
    await run(['credentials', 'show'], { SECRET_KEY: Buffer.from('another key').toString('base64') })
    await run(['credentials', 'clear'])

    expect(said.join('\n')).toMatch(/\[redacted\]/)
    expect(said.join('\n')).toMatch(/\n {4}at /)
    expectClean(said.join('\n'))
    expectClean(filesOf(folder))
  }, 120_000)
})
