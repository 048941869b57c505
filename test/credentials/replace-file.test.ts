import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileStore } from '../../src/credentials/file-store.js'
import { replaceFile } from '../../src/replace-file.js'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webex-cdr-replace-'))
  path = join(folder, 'file')
})
afterEach(() => rmSync(folder, { recursive: true }))

test.each([
  [0o600, false, 0o600],
  [0o664, false, 0o664],
  [0o664, true, 0o600],
  [0o400, true, 0o400]
])('a file of mode %o, private %s, has mode %o afterwards', (mode, isPrivate, after) => {
  writeFileSync(path, 'old')
  chmodSync(path, mode)
  replaceFile(path, 'new', isPrivate)
  expect(readFileSync(path, 'utf8')).toBe('new')
  expect((statSync(path).mode & 0o777).toString(8)).toBe(after.toString(8))
})

test('a new private file is for its owner alone', () => {
  replaceFile(path, 'new', true)
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test.runIf(process.geteuid?.() === 0)('root leaves a file to its owner and group', () => {
  writeFileSync(path, 'old')
  chownSync(path, 65_534, 65_533)
  replaceFile(path, 'new', true)
  expect(statSync(path)).toMatchObject({ uid: 65_534, gid: 65_533 })
})

test('the secrets behind a link are replaced, removed and stored anew there, and the link stays', async () => {
  mkdirSync(join(folder, 'vault'))
  symlinkSync('vault/real', path)
  const store = new FileStore(path, { bytes: Buffer.alloc(32, 1), origin: 'a test' })
  const isLink = () => lstatSync(path).isSymbolicLink()
  for (const value of ['first', 'second']) {
    await store.write('refresh-token', value)
    expect(await store.read('refresh-token')).toBe(value)
    expect([isLink(), readdirSync(join(folder, 'vault'))]).toEqual([true, ['real']])
  }
  await store.remove('refresh-token')
  expect([isLink(), readdirSync(join(folder, 'vault'))]).toEqual([true, []])
})
