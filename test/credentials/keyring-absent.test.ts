import { expect, test } from 'vitest'
import { KeyringStore } from '../../src/credentials/keyring-store.js'

// In a file, and thus a process, of its own: a process can only ever reach the first D-Bus that it was given.
test.runIf(process.platform === 'linux')(
  'without a D-Bus session, as under cron, there is no keyring',
  async () => {
    delete process.env.DBUS_SESSION_BUS_ADDRESS
    // Where libdbus would look next.
    process.env.XDG_RUNTIME_DIR = '/nonexistent'
    const store = new KeyringStore('webex-cdr-test')
    for (const [action, verb] of [
      [() => store.read('refresh-token'), 'read from'],
      [() => store.write('refresh-token', 's3cret'), 'read from'],
      [() => store.remove('refresh-token'), 'read from']
    ] as const) {
      await expect(action()).rejects.toMatchObject({
        exitCode: 3,
        message: `refresh-token cannot be ${verb} the keyring (Secret Service), service webex-cdr-test: there is no D-Bus session; a scheduled job has none (docs/SCHEDULING.md): run this in a desktop session, or give the job DBUS_SESSION_BUS_ADDRESS and an unlocked keyring; or use an encrypted file, which works in every session: run \`npm run credentials -- move --to file\` in a desktop session, or enter the secrets again with \`npm run setup -- --store file\``
      })
    }
  }
)
