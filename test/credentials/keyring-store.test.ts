import { setTimeout as sleep } from 'node:timers/promises'
import { AsyncEntry, findCredentialsAsync } from '@napi-rs/keyring'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { KeyringStore } from '../../src/credentials/keyring-store.js'
import { SecretStoreError } from '../../src/credentials/secret-store.js'
import { type Keyring, keyringSuite, startKeyring } from '../support/keyring.js'

const MARKED = '\u{1F511}é\u{1D11E}x'

/** This many UTF-16 units, with pairs of surrogates at even and odd places. */
function long(length: number, mark = ''): string {
  return (mark + MARKED.repeat(length))
    .slice(0, length - 1)
    .toWellFormed()
    .concat('.')
}

keyringSuite('the keyring', () => {
  let keyring: Keyring
  let service: string
  let store: KeyringStore
  let count = 0

  beforeAll(async () => {
    keyring = await startKeyring({ unlocked: true })
    process.env.DBUS_SESSION_BUS_ADDRESS = keyring.address
  })
  afterAll(() => keyring?.stop())
  beforeEach(() => {
    count += 1
    service = `webex-cdr-test-${count}`
    store = new KeyringStore(service)
  })

  const entry = (account: string) => new AsyncEntry(service, account, { linux: { store: 'secret-service' } })
  const accounts = async () => (await findCredentialsAsync(service)).map(({ account }) => account).sort()

  test('is named for people', () => {
    expect(store.place).toBe(`keyring (Secret Service), service ${service}`)
  })

  test('has nothing at first', async () => {
    expect(await store.read('client-secret')).toBe(undefined)
    expect(await store.remove('client-secret')).toBe(false)
  })

  test.each([
    ['an empty one', ''],
    ['any characters', ' \u{1F511}"\n\t\0é '],
    ['1,000 units', long(1_000)],
    ['1,001 units', long(1_001)],
    ['what looks like a head', 'webex-cdr-parts 0123456789abcdef 3'],
    ['what nearly looks like one', 'webex-cdr-parts 0123456789abcdef 3\n']
  ])('keeps %s', async (_, value) => {
    await store.write('refresh-token', value)
    const read = await store.read('refresh-token')
    expect(read === value).toBe(true)
  })

  test('keeps each secret by its own name', async () => {
    await store.write('client-secret', 'one')
    await store.write('refresh-token', long(1_500))
    await store.write('database-password', 'three')
    expect(await store.read('client-secret')).toBe('one')
    expect(await store.read('refresh-token')).toBe(long(1_500))
    expect(await store.remove('refresh-token')).toBe(true)
    expect(await store.read('refresh-token')).toBe(undefined)
    expect(await accounts()).toEqual(['client-secret', 'database-password'])
  })

  test('keeps a long value in entries that Windows can take, of at most 1,280 units', async () => {
    await store.write('refresh-token', long(3_500))
    expect((await store.read('refresh-token')) === long(3_500)).toBe(true)
    const found = await findCredentialsAsync(service)
    expect(found).toHaveLength(5)
    expect(Math.max(...found.map(({ password }) => password.length))).toBeLessThanOrEqual(1_000)
  })

  test('leaves nothing of a value that is replaced or removed', async () => {
    for (const [value, entries] of [
      ['b'.repeat(2_001), 4],
      ['c', 1],
      ['d'.repeat(2_000), 3]
    ] as const) {
      await store.write('refresh-token', value)
      expect(await accounts()).toHaveLength(entries)
    }
    expect(await store.remove('refresh-token')).toBe(true)
    expect(await store.remove('refresh-token')).toBe(false)
    expect(await accounts()).toEqual([])
  })

  test('has other secrets for another service', async () => {
    const other = new KeyringStore(`${service}-other`)
    await store.write('refresh-token', 'mine')
    expect(await other.read('refresh-token')).toBe(undefined)
    await other.write('refresh-token', 'other')
    expect(await other.remove('refresh-token')).toBe(true)
    expect(await store.read('refresh-token')).toBe('mine')
  })

  test('still has a value after an attempt to replace it that was interrupted', async () => {
    const old = long(1_500)
    await store.write('refresh-token', old)
    const before = await accounts()
    const writing = expect(store.write('refresh-token', long(12_000))).rejects.toThrow(SecretStoreError)
    while ((await accounts()).length < before.length + 2) await sleep(5)
    process.kill(keyring.daemon, 'SIGSTOP')
    await writing
    process.kill(keyring.daemon, 'SIGCONT')
    const added = (await accounts()).length - before.length
    expect(added).toBeGreaterThan(1)
    expect(added).toBeLessThan(12)
    expect(await store.read('refresh-token')).toBe(old)
    await store.write('refresh-token', 'new')
    expect(await store.read('refresh-token')).toBe('new')
  }, 120_000)

  test('reads the new value when another process replaces the old one meanwhile', async () => {
    await store.write('refresh-token', long(4_900))
    const last = (await accounts()).find((account) => account.endsWith('.4'))!
    const started = Date.now()
    await store.read('client-secret')
    const time = Date.now() - started
    const reading = store.read('refresh-token')
    // It has read the head by then, and not all of the parts.
    await sleep(3 * time)
    await entry('refresh-token').setPassword('new')
    await entry(last).deletePassword()
    expect(await reading).toBe('new')
  }, 120_000)

  test('does not take a value without one of its parts for the value', async () => {
    await store.write('refresh-token', long(1_500))
    const [, part] = await accounts()
    await entry(part!).deletePassword()
    await expect(store.read('refresh-token')).rejects.toThrow(
      new SecretStoreError(
        `the refresh-token in the keyring (Secret Service), service ${service} is incomplete; run \`npm run setup\` again`
      )
    )
    await store.write('refresh-token', 'new')
    expect(await store.read('refresh-token')).toBe('new')
  })

  test('whose daemon does not answer is reported', async () => {
    process.kill(keyring.daemon, 'SIGSTOP')
    try {
      await expect(store.read('refresh-token')).rejects.toMatchObject({
        exitCode: 3,
        message: `refresh-token cannot be read from the keyring (Secret Service), service ${service}: the keyring service does not respond; log out of the desktop session and in again; or use an encrypted file, which works in every session: run \`npm run credentials -- move --to file\` in a desktop session, or enter the secrets again with \`npm run setup -- --store file\``
      })
    } finally {
      process.kill(keyring.daemon, 'SIGCONT')
    }
  })

  test('that is locked is reported, without the value', async () => {
    await store.write('refresh-token', 's3cret')
    keyring.lock()
    for (const [action, verb] of [
      [() => store.read('refresh-token'), 'read from'],
      [() => store.write('client-secret', 's3cret'), 'written to'],
      [() => store.remove('refresh-token'), 'read from']
    ] as const) {
      const error = await action().catch((error: unknown) => error)
      expect(error).toBeInstanceOf(SecretStoreError)
      const name = verb === 'read from' ? 'refresh-token' : 'client-secret'
      expect((error as SecretStoreError).message).toBe(
        `${name} cannot be ${verb} the keyring (Secret Service), service ${service}: the keyring is locked; unlock it or run this in a desktop session; or use an encrypted file, which works in every session: run \`npm run credentials -- move --to file\` in a desktop session, or enter the secrets again with \`npm run setup -- --store file\``
      )
    }
  })
})
