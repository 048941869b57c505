import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { FileStore } from '../../src/credentials/file-store.js'
import { CLI } from '../support/cli.js'
import { amount } from '../support/long.js'

const ROUNDS = amount('STORE_KILLS', 6, 200)

/** Writes value after value and prints the number of each that is stored. */
const WRITER = `
import { FileStore } from '${new URL('credentials/file-store.js', pathToFileURL(CLI)).href}'
const [path, key, first] = process.argv.slice(1)
const store = new FileStore(path, { bytes: Buffer.from(key, 'base64'), origin: 'a test' })
for (let n = Number(first); ; n += 1) {
  await store.write('refresh-token', n + '.' + 'x'.repeat(200_000))
  process.stdout.write(n + '\\n')
}
`

test(
  'killed at any moment, it has the value that was stored last, or the next one, whole',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-killed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'webex-cdr.secrets')
    const key = { bytes: randomBytes(32), origin: 'a test' }
    const store = new FileStore(path, key)

    let next = 1
    // Some are killed within a write: where the disk is fast, few.
    const isLittered = () => readdirSync(folder).length > 1
    for (let round = 0; round < ROUNDS || !isLittered(); round += 1) {
      const stored = await writeUntilKilled(path, key.bytes.toString('base64'), next)
      const [number, padding] = (await store.read('refresh-token'))!.split('.')
      expect(padding === 'x'.repeat(200_000)).toBe(true)
      expect([stored, stored + 1]).toContain(Number(number))
      next = Number(number) + 1
    }
    // What they left is not in the way.
    await store.write('refresh-token', 'last')
    expect(await store.read('refresh-token')).toBe('last')
  },
  60_000 + ROUNDS * 1_000
)

/** @returns the number that it printed last */
async function writeUntilKilled(path: string, key: string, first: number): Promise<number> {
  const args = ['--input-type=module', '-e', WRITER, path, key, String(first)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (errors += chunk))
  const ended = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), ended])
  await sleep(randomInt(20))
  child.kill('SIGKILL')
  await ended
  expect(errors).toBe('')
  return Number(output.trimEnd().split('\n').at(-1))
}
