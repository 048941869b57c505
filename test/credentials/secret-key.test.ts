import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createKeyFile } from '../../src/credentials/create-key-file.js'
import { findSecretKey } from '../../src/credentials/secret-key.js'
import { SecretStoreError } from '../../src/credentials/secret-store.js'

const onPosix = process.platform !== 'win32'

let folder: string
let secretsPath: string
let keyFile: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'webex-cdr-key-'))
  secretsPath = join(folder, 'data', 'webex-cdr.secrets')
  keyFile = join(folder, 'keys', 'webex-cdr.key')
  mkdirSync(join(folder, 'data'))
  mkdirSync(join(folder, 'keys'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const newKey = () => randomBytes(32).toString('base64')

/** @returns the text, which no error may repeat */
function keep(path: string, text: string, mode = 0o600): string {
  writeFileSync(path, text, { mode })
  chmodSync(path, mode)
  return text
}

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    expect(error).toBeInstanceOf(SecretStoreError)
    const { message } = error as SecretStoreError
    expect(message).not.toContain('\n')
    return message
  }
  throw new Error('it was accepted')
}

test('of all sources the first one is taken', () => {
  const [first, second, third] = [newKey(), newKey(), newKey()] as const
  const CREDENTIALS_DIRECTORY = join(folder, 'credentials')
  const sources = { CREDENTIALS_DIRECTORY, SECRET_KEY_FILE: keyFile, SECRET_KEY: third }
  mkdirSync(CREDENTIALS_DIRECTORY)
  keep(join(CREDENTIALS_DIRECTORY, 'webex-cdr-key'), first)
  keep(keyFile, second)
  const found = (given: object) => {
    const { bytes, origin } = findSecretKey(given, secretsPath)
    return [bytes.toString('base64'), origin]
  }
  expect(found(sources)).toEqual([first, '$CREDENTIALS_DIRECTORY/webex-cdr-key'])
  rmSync(join(CREDENTIALS_DIRECTORY, 'webex-cdr-key'))
  expect(found(sources)).toEqual([second, `the key file ${keyFile}`])
  expect(found({ ...sources, SECRET_KEY_FILE: undefined })).toEqual([third, 'SECRET_KEY'])
  expect(found({ CREDENTIALS_DIRECTORY: '', SECRET_KEY_FILE: '', SECRET_KEY: third })[0]).toBe(third)
})

test('without any the settings are named', () => {
  for (const SECRET_KEY of [undefined, '']) {
    expect(messageOf(() => findSecretKey({ SECRET_KEY }, secretsPath))).toBe(
      `there is no key for ${secretsPath}: set SECRET_KEY_FILE to its key file or SECRET_KEY to its key, or run \`npm run setup\``
    )
  }
})

test('a key file that is missing is an error, although SECRET_KEY is set', () => {
  const sources = { SECRET_KEY_FILE: keyFile, SECRET_KEY: newKey() }
  expect(messageOf(() => findSecretKey(sources, secretsPath))).toBe(
    `the key file ${keyFile} (SECRET_KEY_FILE) does not exist: restore it from a backup, or delete ${secretsPath} and run \`npm run setup\` again`
  )
})

test('a key file that is a folder is an error', () => {
  expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: join(folder, 'keys') }, secretsPath))).toBe(
    `the key file ${join(folder, 'keys')} is not a file: set SECRET_KEY_FILE to the file that holds the key`
  )
})

test.runIf(onPosix)('a key file that cannot be read is an error', () => {
  keep(keyFile, newKey(), 0)
  const root = process.geteuid?.() === 0
  try {
    if (root) process.seteuid?.(65_534)
    expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: keyFile }, secretsPath))).toMatch(
      /^the key file \S+ cannot be read: EACCES: permission denied, .*; it must be owned by this user$/
    )
  } finally {
    if (root) process.seteuid?.(0)
  }
})

test.each(['', '\n', ' \r\n\t'])('white space around a key is allowed: %j', (space) => {
  const key = newKey()
  keep(keyFile, `${space}${key}${space}`)
  expect(findSecretKey({ SECRET_KEY_FILE: keyFile }, secretsPath).bytes.toString('base64')).toBe(key)
  expect(findSecretKey({ SECRET_KEY: `${key}${space}` }, secretsPath).bytes.toString('base64')).toBe(key)
})

test.each([
  ['31 bytes', randomBytes(31).toString('base64')],
  ['33 bytes', randomBytes(33).toString('base64')],
  ['hexadecimal digits', randomBytes(32).toString('hex')],
  ['no padding', newKey().replace('=', '')],
  ['another alphabet', `-_${newKey().slice(2)}`],
  ['bits too many', `${newKey().slice(0, -2)}B=`],
  ['something within', newKey().replace(/(.{9})/, '$1 ')],
  ['two lines', `${newKey()}\n${newKey()}`],
  ['a password', 'correct horse battery staple!!!!']
])('%s are no key, and are not repeated', (_, text) => {
  keep(keyFile, text)
  const CREDENTIALS_DIRECTORY = folder
  keep(join(folder, 'webex-cdr-key'), text)
  const cases = [
    [{ SECRET_KEY: text }, 'SECRET_KEY'],
    [{ SECRET_KEY_FILE: keyFile, SECRET_KEY: newKey() }, `the key file ${keyFile}`],
    [{ CREDENTIALS_DIRECTORY, SECRET_KEY: newKey() }, '$CREDENTIALS_DIRECTORY/webex-cdr-key']
  ] as const
  const fault = (origin: string) =>
    `${origin} does not contain a key (32 random bytes in base64): restore the right one, or generate one with \`openssl rand -base64 32\``
  for (const [sources, origin] of cases) {
    expect(messageOf(() => findSecretKey(sources, secretsPath))).toBe(fault(origin))
  }
  keep(secretsPath, 'sealed by another')
  for (const [sources, origin] of cases) {
    expect(messageOf(() => findSecretKey(sources, secretsPath))).toBe(
      `${fault(origin)}, delete ${secretsPath}, which a new key cannot decrypt, and run \`npm run setup\` again`
    )
  }
})

test.runIf(onPosix).each(['640', '604', '660', '644'])('a key file of mode %s is refused', (mode) => {
  keep(keyFile, newKey(), Number.parseInt(mode, 8))
  expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: keyFile }, secretsPath))).toBe(
    `the key file ${keyFile} is accessible to other users: run \`chmod 600 ${keyFile}\``
  )
})

test.runIf(onPosix)('of a file that holds no key, nobody is told to change the mode', () => {
  keep(keyFile, 'root:x:0:0:root:/root:/bin/sh', 0o644)
  expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: keyFile }, secretsPath))).toMatch(
    /does not contain a key/
  )
})

test.runIf(onPosix)('a credential of systemd has the mode that systemd gave it', () => {
  keep(join(folder, 'webex-cdr-key'), newKey(), 0o440)
  expect(findSecretKey({ CREDENTIALS_DIRECTORY: folder }, secretsPath).bytes).toHaveLength(32)
})

test.each([
  ['in the same folder', 'data/key'],
  ['by another spelling', 'keys/../data/./key'],
  ['in a folder below it', 'data/keys/key'],
  ['in one with dots', 'data/..keys/key'],
  ['through a link to the folder', 'link-to-data/key'],
  ['through a link to the file', 'keys/link-to-key']
])('a key file beside the secrets is refused: %s', (_, name) => {
  mkdirSync(join(folder, 'data', 'keys'))
  mkdirSync(join(folder, 'data', '..keys'))
  symlinkSync(join(folder, 'data'), join(folder, 'link-to-data'))
  symlinkSync(join(folder, 'data', 'key'), join(folder, 'keys', 'link-to-key'))
  const path = `${folder}/${name}`
  keep(path, newKey())
  expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: path }, secretsPath))).toBe(
    `the key file ${path} is in ${realpathSync(join(folder, 'data'))}, the folder of the secrets file, so a copy of that folder would contain both: move the key elsewhere and set SECRET_KEY_FILE to it`
  )
})

test('where the secrets file is a link, neither its folder nor that of its target may have the key', () => {
  writeFileSync(join(folder, 'keys', 'secrets'), '')
  symlinkSync(join(folder, 'keys', 'secrets'), secretsPath)
  for (const path of [keyFile, join(folder, 'data', 'key')]) {
    keep(path, newKey())
    expect(messageOf(() => findSecretKey({ SECRET_KEY_FILE: path }, secretsPath))).toContain(
      'the folder of the secrets file'
    )
  }
})

test('a key file elsewhere is accepted, whatever its folder is called', () => {
  for (const path of [keyFile, join(folder, 'data.key')]) {
    const key = keep(path, newKey())
    expect(findSecretKey({ SECRET_KEY_FILE: path }, secretsPath).bytes.toString('base64')).toBe(key)
  }
})

test('a new key file is a good one, for its owner alone', () => {
  const path = join(folder, 'new', 'deep', 'webex-cdr.key')
  createKeyFile(path)
  const { bytes, origin } = findSecretKey({ SECRET_KEY_FILE: path }, secretsPath)
  expect(bytes).toHaveLength(32)
  expect(origin).toBe(`the key file ${path}`)
  createKeyFile(keyFile)
  expect(readFileSync(keyFile, 'utf8')).not.toBe(readFileSync(path, 'utf8'))
  if (!onPosix) return
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(join(folder, 'new')).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'new', 'deep')).mode & 0o777).toBe(0o700)
})

test('a key file that is there is not overwritten', () => {
  const key = keep(keyFile, newKey())
  expect(messageOf(() => createKeyFile(keyFile))).toMatch(
    /^the key file \S+ cannot be created: EEXIST: file already exists, link \S+ -> \S+; choose another with --key-file$/
  )
  expect(readFileSync(keyFile, 'utf8')).toBe(key)
  expect(readdirSync(join(folder, 'keys'))).toEqual(['webex-cdr.key'])
})

test('a key file that cannot be made is an error', () => {
  keep(keyFile, newKey())
  expect(messageOf(() => createKeyFile(join(keyFile, 'below')))).toContain('cannot be created: E')
})
