import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FileStore } from '../../src/credentials/file-store.js'
import type { SecretKey } from '../../src/credentials/secret-key.js'
import { SecretStoreError } from '../../src/credentials/secret-store.js'

const onPosix = process.platform !== 'win32'
const ANEW = 'restore it from a backup, or delete it and run `npm run setup` again'

let folder: string
let path: string
let key: SecretKey
let store: FileStore

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webex-cdr-secrets-'))
  path = join(folder, 'webex-cdr.secrets')
  key = { bytes: randomBytes(32), origin: 'the key file /keys/key' }
  store = new FileStore(path, key)
})
afterEach(() => rmSync(folder, { recursive: true }))

const text = () => readFileSync(path, 'utf8')
const sealed = (): Record<string, unknown> => JSON.parse(text())

/** Every method ends with this message, and leaves the file as it is. */
async function expectRefusal(refused: FileStore, message: string): Promise<void> {
  const before = text()
  const refusal = new SecretStoreError(`encrypted file ${path}, key from ${key.origin}: ${message}`)
  await expect(refused.read('refresh-token')).rejects.toThrow(refusal)
  await expect(refused.write('client-secret', 'new')).rejects.toThrow(refusal)
  await expect(refused.remove('refresh-token')).rejects.toThrow(refusal)
  expect(text()).toBe(before)
  expect(readdirSync(folder)).toEqual(['webex-cdr.secrets'])
}

test('is named for people', () => {
  expect(store.place).toBe(`encrypted file ${path}, key from the key file /keys/key`)
})

test('has nothing where there is no file, and makes none by being read', async () => {
  expect(await store.read('refresh-token')).toBe(undefined)
  expect(await store.remove('refresh-token')).toBe(false)
  expect(readdirSync(folder)).toEqual([])
})

test.each(['s3cret', '', ' \u{1F511}"\n\t\0é\uD83D ', 'x'.repeat(1_000_000)])(
  'keeps any characters, and however many: case %#',
  async (value) => {
    await store.write('refresh-token', value)
    expect((await new FileStore(path, key).read('refresh-token')) === value).toBe(true)
  }
)

test('keeps each secret by its own name', async () => {
  await store.write('client-secret', 'one')
  await store.write('refresh-token', 'two')
  await store.write('refresh-token', 'three')
  expect(await store.read('client-secret')).toBe('one')
  expect(await store.read('refresh-token')).toBe('three')
  expect(await store.read('database-password')).toBe(undefined)
  expect(await store.remove('refresh-token')).toBe(true)
  expect(await store.remove('refresh-token')).toBe(false)
  expect(await store.read('refresh-token')).toBe(undefined)
  expect(await store.read('client-secret')).toBe('one')
})

test('two writers at once do not undo each other', async () => {
  const other = new FileStore(path, key)
  await Promise.all([
    store.write('client-secret', 'one'),
    other.write('refresh-token', 'two'),
    store.write('database-password', 'three')
  ])
  expect(await store.read('client-secret')).toBe('one')
  expect(await store.read('refresh-token')).toBe('two')
  expect(await store.read('database-password')).toBe('three')
})

test('the file is one JSON object without names or values, and never the same twice', async () => {
  await store.write('refresh-token', 's3cret')
  const first = sealed()
  expect(Object.keys(first)).toEqual(['version', 'cipher', 'iv', 'tag', 'data'])
  expect(first).toMatchObject({ version: 1, cipher: 'aes-256-gcm' })
  expect(Buffer.from(String(first.iv), 'base64')).toHaveLength(12)
  expect(Buffer.from(String(first.tag), 'base64')).toHaveLength(16)
  expect(text()).not.toMatch(/s3cret|refresh/)
  await store.write('refresh-token', 's3cret')
  expect(sealed().iv).not.toBe(first.iv)
  expect(sealed().data).not.toBe(first.data)
})

test.runIf(onPosix)('the file is for its owner alone, whatever it was before', async () => {
  await store.write('refresh-token', 'one')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  chmodSync(path, 0o666)
  await store.write('refresh-token', 'two')
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('a file of an interrupted write is not in the way, and none is left by a good one', async () => {
  const stale = `${path}.0123456789ab.tmp`
  writeFileSync(stale, '{"version":1,"ciph')
  writeFileSync(`${path}.tmp`, '')
  await store.write('refresh-token', 's3cret')
  expect(await store.read('refresh-token')).toBe('s3cret')
  expect(readdirSync(folder)).toHaveLength(3)
})

test('another key opens nothing and overwrites nothing', async () => {
  await store.write('refresh-token', 's3cret')
  const other = new FileStore(path, { ...key, bytes: randomBytes(32) })
  await expectRefusal(
    other,
    `it cannot be decrypted; is it the right key? If so, the file was changed: ${ANEW}`
  )
  expect(await store.read('refresh-token')).toBe('s3cret')
})

/** The same text in base64 with one bit of its first byte the other way. */
function flipped(base64: unknown): string {
  const bytes = Buffer.from(String(base64), 'base64')
  bytes[0] = bytes[0]! ^ 1
  return bytes.toString('base64')
}

test.each(['iv', 'tag', 'data'])('a changed %s is noticed', async (field) => {
  await store.write('refresh-token', 's3cret')
  writeFileSync(path, JSON.stringify({ ...sealed(), [field]: flipped(sealed()[field]) }))
  await expectRefusal(
    store,
    `it cannot be decrypted; is it the right key? If so, the file was changed: ${ANEW}`
  )
})

const shortened = (base64: unknown, bytes: number) =>
  Buffer.from(String(base64), 'base64').subarray(0, bytes).toString('base64')

const MALFORMED: [string, (object: Record<string, unknown>) => unknown][] = [
  ['another version', (object) => ({ ...object, version: 2 })],
  ['a version that is text', (object) => ({ ...object, version: '1' })],
  ['another cipher', (object) => ({ ...object, cipher: 'aes-256-ctr' })],
  ['an iv of 8 bytes', (object) => ({ ...object, iv: shortened(object.iv, 8) })],
  ['a tag of 4 bytes', (object) => ({ ...object, tag: shortened(object.tag, 4) })],
  ['a tag of another alphabet', (object) => ({ ...object, tag: `!${object.tag}` })],
  ['no data', ({ data, ...object }) => object],
  ['data that is a number', (object) => ({ ...object, data: 5 })],
  ['one field more', (object) => ({ ...object, more: true })],
  ['a list', (object) => [object]],
  ['null', () => null]
]

test.each(MALFORMED)('a malformed file is refused: %s', async (_, change) => {
  await store.write('refresh-token', 's3cret')
  writeFileSync(path, JSON.stringify(change(sealed())))
  await expectRefusal(store, `this version does not know its format; ${ANEW}`)
})

test.each([0, 1, 60, -2])('a file that was cut off is refused: at %i', async (end) => {
  await store.write('refresh-token', 's3cret')
  writeFileSync(path, text().slice(0, end))
  await expectRefusal(store, `this version does not know its format; ${ANEW}`)
})

test('a folder is not taken for the file', async () => {
  mkdirSync(path)
  await expect(store.read('refresh-token')).rejects.toThrow(
    new SecretStoreError(`${store.place}: it is not a file; choose another path with \`npm run setup\``)
  )
})

test.runIf(onPosix)('a file that cannot be read is not overwritten', async () => {
  await store.write('refresh-token', 's3cret')
  chmodSync(path, 0)
  chmodSync(folder, 0o777)
  const asNobody = async (action: () => Promise<unknown>) => {
    const root = process.geteuid?.() === 0
    if (root) process.seteuid?.(65_534)
    const done = action()
    if (root) process.seteuid?.(0)
    await expect(done).rejects.toThrow(
      new SecretStoreError(
        `${store.place}: EACCES: permission denied, open '${path}'; this user needs read access to it`
      )
    )
  }
  await asNobody(() => store.read('refresh-token'))
  await asNobody(() => store.write('refresh-token', 'new'))
  await asNobody(() => store.remove('refresh-token'))
  chmodSync(path, 0o600)
  expect(await store.read('refresh-token')).toBe('s3cret')
})

test('a folder that is not there is named', async () => {
  const lost = new FileStore(join(folder, 'no', 'secrets'), key)
  expect(await lost.read('refresh-token')).toBe(undefined)
  await expect(lost.write('refresh-token', 's3cret')).rejects.toThrow(
    /^encrypted file \S+, key from the key file \/keys\/key: ENOENT: .*; its folder must exist and be writable by this user$/
  )
})
