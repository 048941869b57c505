import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FileStore } from '../../src/credentials/file-store.js'
import { findSecretKey } from '../../src/credentials/secret-key.js'
import { isLong } from '../support/long.js'
import { commandBench, SECRET_LINES, SETUP } from './bench.js'

const faults = (settings: NodeJS.ProcessEnv) => ({
  NODE_OPTIONS: `--import ${new URL('fs-faults.js', import.meta.url).href}`,
  ...settings
})

/** Each change to the disk, or every second one. */
const STEP = isLong ? 1 : 2

test('a first setup, killed at any moment, works when it is run again', async () => {
  const args = [...SETUP, '--store', 'file']
  let at = 1 - STEP
  for (let killed = true; killed; ) {
    at += STEP
    const { run, folder, env } = await commandBench({ rotateRefreshToken: true })
    const input = SECRET_LINES
    const first = await run(args, { env: faults({ KILL_AT: String(at) }), input })
    killed = first.code === null
    const stored = await secretsOf(folder, env.HOME)
    expect('refresh-token' in stored).toBe('client-secret' in stored && stored['client-secret'] !== 'proof')
    const again = await run(args, { input })
    expect(again.code, `change ${at}: ${again.stderr}`).toBe(0)
    // With what is stored and entered.
    const check = await run(['setup', '--check'])
    expect(check.code, `change ${at}: ${check.stderr}`).toBe(0)
  }
  expect(at).toBeGreaterThan(9)
}, 120_000)

test('a config file that cannot be replaced is found before a token is spent', async () => {
  const { run, sim, folder, keyFile, config } = await commandBench()
  await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
  const before = config()
  writeFileSync(join(folder, 'webex-cdr.json'), JSON.stringify(before))
  const asked = sim.requests.length
  const ended = await run(['setup', '--database-url', 'sqlite:other.db'], {
    env: faults({ REFUSE: 'renameSync webex-cdr.json' })
  })
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^webex-cdr: webex-cdr\.json cannot be replaced: EBUSY: .*; .* a container must mount the folder, not the file\n$/
    )
  })
  expect(sim.requests).toHaveLength(asked)
  expect(config()).toEqual(before)
  expect((await run(['setup', '--check'])).code).toBe(0)
  expect(readFileSync(join(folder, 'webex-cdr.json'), 'utf8')).toBe(JSON.stringify(before))
  expect(existsSync(join(folder, 'webex-cdr.secrets'))).toBe(true)
})

test('a store that gives back another value than was stored is refused', async () => {
  const { run, keyFile } = await commandBench({ rotateRefreshToken: true })
  await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
  // After the proof, the one that stores.
  const ended = await run(SETUP, { env: faults({ LOSE_AT: '2' }), input: SECRET_LINES })
  expect(ended.code).toBe(3)
  expect(ended.stderr).toMatch(/WARN: Webex replaced the refresh token that you entered/)
  expect(ended.stderr).toMatch(/does not return the refresh-token as it was stored: choose another store\n$/)
})

test('what cannot be removed from the old store is told, and no failure', async () => {
  const { run, keyFile, folder } = await commandBench()
  await run([...SETUP, '--store', 'file', '--key-file', keyFile], { input: SECRET_LINES })
  const [WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN] = SECRET_LINES.split('\n')
  const env = { WEBEX_CLIENT_SECRET, WEBEX_REFRESH_TOKEN }
  const done = await run(['setup', '--store', 'env'], {
    env: { ...env, ...faults({ REFUSE: 'rmSync .secrets' }) }
  })
  expect(done.code, done.stderr).toBe(0)
  expect(done.stderr).toMatch(
    /WARN: the secrets in .*webex-cdr\.secrets.* could not be removed: .*EBUSY.* yourself/
  )
  expect(existsSync(join(folder, 'webex-cdr.secrets'))).toBe(true)
  expect((await run(['setup', '--check'], { env })).code).toBe(0)
})

/** What is in the file of secrets, with the key that lies in the home directory. */
async function secretsOf(folder: string, home = ''): Promise<Record<string, string>> {
  const path = join(folder, 'webex-cdr.secrets')
  if (!existsSync(path)) return {}
  const keys = join(home, '.config', 'webex-cdr')
  const name = readdirSync(keys).find((file) => file.endsWith('.key')) ?? ''
  const store = new FileStore(path, findSecretKey({ SECRET_KEY_FILE: join(keys, name) }, path))
  const found: Record<string, string> = {}
  for (const secret of ['client-secret', 'refresh-token'] as const) {
    const value = await store.read(secret)
    if (value !== undefined) found[secret] = value
  }
  return found
}
