import { expect, test } from 'vitest'
import { explainFailure, explainSilence, keyringPlace } from '../../src/credentials/keyring-platform.js'

const AS_USER = 'must run as the user who ran `npm run setup`'

test('the keyring has the name that its platform gives it', () => {
  expect(keyringPlace('x', 'linux')).toBe('keyring (Secret Service), service x')
  expect(keyringPlace('x', 'freebsd')).toBe('keyring (Secret Service), service x')
  expect(keyringPlace('x', 'darwin')).toBe('keychain, service x')
  expect(keyringPlace('x', 'win32')).toBe('Windows Credential Manager, service x')
})

// What @napi-rs/keyring 2.1.2 says with GNOME Keyring 42; keyring-store.test.ts meets some of it for real.
test.each([
  [
    "Couldn't access platform storage: Secret Service: unlock prompt was dismissed",
    `the keyring is locked; unlock it or run this in a desktop session`
  ],
  [
    'Platform failure: DBus error: Did not receive a reply. Possible causes include: the remote application did not send a reply, the message bus security policy blocked the reply, the reply timeout expired, or the network connection was broken.',
    `the keyring service does not respond; log out of the desktop session and in again`
  ],
  [
    'Platform failure: DBus error: The name org.freedesktop.secrets was not provided by any .service files',
    `no keyring service is installed; install gnome-keyring, KWallet or KeePassXC`
  ],
  [
    "Couldn't access platform storage: Secret Service: no result found",
    `there is no default keyring; log in to the desktop, which creates one`
  ],
  [
    'Platform failure: DBus error: Failed to connect to socket /run/user/1000/bus: No such file or directory',
    `there is no D-Bus session; a scheduled job has none (docs/SCHEDULING.md): run this in a desktop session, or give the job DBUS_SESSION_BUS_ADDRESS and an unlocked keyring`
  ],
  [
    'Something\tnew\n   0: rust_begin_unwind\n   1: core::panicking',
    `Something new; unlock it or run this in a desktop session`
  ]
])('on Linux: %s', (message, explanation) => {
  expect(explainFailure(message, 'linux')).toBe(explanation)
})

test.each([
  [
    'darwin',
    `The keychain is locked.; the job ${AS_USER}, while that user is logged in and the login keychain unlocked`
  ],
  ['win32', `The keychain is locked.; the task ${AS_USER}, and with the password stored in the task`]
] as const)('on %s the reason stands beside what the job needs', (platform, explanation) => {
  expect(explainFailure('The keychain is locked.\n  stack', platform)).toBe(explanation)
})

test.each([
  ['linux', 'run this in a desktop session'],
  ['darwin', 'the login keychain unlocked'],
  ['win32', 'the password stored in the task']
] as const)('on %s silence is explained, too', (platform, remedy) => {
  const explanation = explainSilence(5_000, platform)
  expect(explanation).toContain('no response within 5 s, it is probably waiting to be unlocked; ')
  expect(explanation).toContain(remedy)
})
