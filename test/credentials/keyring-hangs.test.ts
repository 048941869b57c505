import { afterAll, beforeAll, expect, test } from 'vitest'
import { KeyringStore } from '../../src/credentials/keyring-store.js'
import { type Keyring, keyringSuite, startKeyring } from '../support/keyring.js'

// In a file, and thus a process, of its own: a process can only ever reach the first D-Bus that it was given.
keyringSuite('the keyring that waits for somebody to unlock it', () => {
  const service = 'webex-cdr-test'
  let keyring: Keyring

  beforeAll(async () => {
    keyring = await startKeyring({ unlocked: true, prompter: 'hangs' })
    process.env.DBUS_SESSION_BUS_ADDRESS = keyring.address
    await new KeyringStore(service).write('refresh-token', 's3cret')
    keyring.lock()
  })
  afterAll(() => keyring?.stop())

  test.each(['read', 'write', 'remove'] as const)('is not waited for: %s', async (method) => {
    const store = new KeyringStore(service, 300)
    const started = Date.now()
    const action =
      method === 'write' ? store.write('refresh-token', 's3cret') : store[method]('refresh-token')
    await expect(action).rejects.toMatchObject({
      exitCode: 3,
      message: `refresh-token cannot be read from the keyring (Secret Service), service ${service}: no response within 0.3 s, it is probably waiting to be unlocked; unlock it or run this in a desktop session; or use an encrypted file, which works in every session: run \`npm run credentials -- move --to file\` in a desktop session, or enter the secrets again with \`npm run setup -- --store file\``
    })
    // The prompt itself is given up after 25 s.
    expect(Date.now() - started).toBeLessThan(15_000)
  })
})
