import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, closeSync, constants, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { DEMO_CREDENTIALS } from '../../src/simulator/index.js'
import { CLI } from '../support/cli.js'
import { keyringSuite, startKeyring } from '../support/keyring.js'
import { until } from '../support/until.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

/** Opens a server, a socket and a timer that nobody closes, as a library may. */
const NODE_OPTIONS = `--import ${new URL('open-handles.js', import.meta.url).href}`

/** One that ends of each kind: all of them end in src/cli.ts. */
const COMMANDS: [string[], number][] = [
  [['--help'], 0],
  [['sync', '--nonsense'], 2],
  [['setup', '--check'], 0],
  [['migrate'], 0],
  [['sync'], 0],
  [['stats', '--json'], 0],
  [['doctor'], 0]
]

test('every command ends, whatever is still open', async () => {
  const { run, keyFile } = await commandBench()
  const done = await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
  expect(done.code, done.stderr).toBe(0)
  for (const [args, code] of COMMANDS) {
    const ended = await run(args, { env: { NODE_OPTIONS } })
    expect(ended.code, `${args.join(' ')}: ${ended.stderr}${ended.stdout}`).toBe(code)
    // All of it was written before.
    if (code === 0) expect(ended.stdout).toMatch(/\n$/)
  }
}, 120_000)

test('an error that nobody waits for is one line, and ends the process', async () => {
  const { run } = await commandBench()
  const env = { NODE_OPTIONS: `${NODE_OPTIONS}`, OPEN_HANDLES: 'throw' }
  const { code, stderr } = await run(['simulate', '--port', '0'], { env })
  expect(code).toBe(1)
  expect(stderr).toBe('webex-cdr: a socket of a library broke\n')
})

test('what cannot be printed, as on a full disk, is told by the exit code', async () => {
  const { folder, env } = await commandBench()
  const codeOf = (words: string) =>
    spawnSync('sh', ['-c', `"${process.execPath}" "${CLI}" ${words}`], {
      cwd: folder,
      env: { ...process.env, ...env }
    }).status
  expect(codeOf('--help > /dev/full')).toBe(1)
  expect(codeOf('nonsense 2> /dev/full')).toBe(2)
  expect(codeOf('migrate > /dev/full 2>&1')).toBe(1)
})

test('a signal ends a sync whose output nobody reads', async () => {
  const { migrate, folder, env } = await commandBench()
  const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
  const credentials = {
    WEBEX_CLIENT_ID: clientId,
    WEBEX_CLIENT_SECRET: clientSecret,
    WEBEX_REFRESH_TOKEN: refreshToken
  }
  await migrate()
  const fifo = join(folder, 'output')
  execFileSync('mkfifo', [fifo])
  const output = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK)
  onTestFinished(() => closeSync(output))
  expect(() => {
    for (;;) writeSync(output, Buffer.alloc(4_096))
  }).toThrow('EAGAIN')
  const child = spawn(process.execPath, [CLI, 'sync'], {
    cwd: folder,
    env: { ...process.env, ...env, ...credentials },
    stdio: ['ignore', output, 'ignore']
  })
  const ended = once(child, 'exit')
  const file = new Database(join(folder, 'webex-cdr.db'))
  onTestFinished(() => void file.close())
  const done = file.prepare(
    `SELECT 1 FROM cdr_sync_state WHERE source = 'cdr_stream' AND status = 'succeeded'`
  )
  await until(() => done.get() !== undefined)
  // Until it has given back the lease and waits for its output to be read.
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  child.kill('SIGTERM')
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test.each<{ flags: string[] }>([{ flags: [] }, { flags: ['--dry-run', '--json'] }])(
  'SIGTERM ends a sync with $flags by its exit code',
  async ({ flags }) => {
    const { migrate, start, folder } = await commandBench()
    const { clientId, clientSecret, refreshToken } = DEMO_CREDENTIALS
    const credentials = [
      `WEBEX_CLIENT_ID=${clientId}`,
      `WEBEX_CLIENT_SECRET=${clientSecret}`,
      `WEBEX_REFRESH_TOKEN=${refreshToken}`
    ]
    appendFileSync(join(folder, '.env'), `\n${credentials.join('\n')}\nWEBEX_REQUESTS_PER_MINUTE=1\n`)
    await migrate()
    const { child, ended } = start(['sync', '--since', '3d', ...flags])
    let said = ''
    child.stderr?.on('data', (chunk) => (said += chunk))
    // The second window waits its turn.
    await until(() => said.includes('1 page'))
    child.kill('SIGTERM')
    const { code, stdout, stderr } = await ended
    expect(code).toBe(143)
    expect(stderr).toMatch(/webex-cdr: stopped by SIGTERM; .*\n$/)
    if (flags.includes('--json')) expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted' })
  }
)

keyringSuite('a keyring that waits for somebody to unlock it', () => {
  test('is left alone as soon as the command has ended', async () => {
    const { run, start } = await commandBench()
    const keyring = await startKeyring({ unlocked: true, prompter: 'hangs' })
    onTestFinished(() => keyring.stop())
    const { env } = keyring
    const done = await run([...SETUP, '--store', 'keyring'], { env, input: SECRET_LINES })
    expect(done.code, done.stderr).toBe(0)
    keyring.lock()
    const { child, ended } = start(['credentials', 'show'], env)
    await until(() => childrenOf(child.pid!).length === 1)
    const [asking] = childrenOf(child.pid!)
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: null })
    await until(() => !isAlive(asking!))
  }, 60_000)
})

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === parent)
    .map(Number)
}

function isAlive(process: number): boolean {
  const state = statOf(String(process))?.state
  return state !== undefined && state !== 'Z'
}

function statOf(process: string): { state: string; parent: number } | undefined {
  try {
    const [, state = '', parent] = /\) (\S) (\d+)/.exec(readFileSync(`/proc/${process}/stat`, 'latin1')) ?? []
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}
