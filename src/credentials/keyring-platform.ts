/** Where the secrets are, for people. */
export function keyringPlace(service: string, platform = process.platform): string {
  return `${NAMES[platform] ?? 'keyring (Secret Service)'}, service ${service}`
}

/** Why it refused or failed, from what the native module says, and how to open it. */
export function explainFailure(message: string, platform = process.platform): string {
  const known = REMEDIES[platform] === undefined && SECRET_SERVICE.find(({ says }) => says.test(message))
  if (known) return `${known.fault}; ${known.remedy}`
  return `${firstLine(message)}; ${REMEDIES[platform] ?? UNLOCK}`
}

/** The ways to do without it, where it has the secrets. */
export const LEAVE =
  'use an encrypted file, which works in every session: run `npm run credentials -- move --to file` in a desktop session, or enter the secrets again with `npm run setup -- --store file`'

/** When it neither answers nor refuses. */
export function explainSilence(timeout: number, platform = process.platform): string {
  const remedy = REMEDIES[platform] ?? UNLOCK
  return `no response within ${timeout / 1_000} s, it is probably waiting to be unlocked; ${remedy}`
}

/** A native stack trace begins on a line of its own. */
export function firstLine(message: string): string {
  const [line = ''] = message.trim().split('\n')
  return line.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 300)
}

const UNLOCK = 'unlock it or run this in a desktop session'

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'keychain',
  win32: 'Windows Credential Manager'
}

/** Of the platforms where one remedy is for all failures. */
const REMEDIES: Partial<Record<NodeJS.Platform, string>> = {
  darwin:
    'the job must run as the user who ran `npm run setup`, while that user is logged in and the login keychain unlocked',
  win32: 'the task must run as the user who ran `npm run setup`, and with the password stored in the task'
}

/** The words of libdbus and of keyring-rs's Secret Service store; the first that fits. */
const SECRET_SERVICE = [
  { says: /prompt was dismissed|\blocked\b/i, fault: 'the keyring is locked', remedy: UNLOCK },
  {
    says: /did not receive a reply/i,
    fault: 'the keyring service does not respond',
    remedy: 'log out of the desktop session and in again'
  },
  {
    says: /not provided by any \.service/i,
    fault: 'no keyring service is installed',
    remedy: 'install gnome-keyring, KWallet or KeePassXC'
  },
  {
    says: /no result found/i,
    fault: 'there is no default keyring',
    remedy: 'log in to the desktop, which creates one'
  },
  {
    says: /DBus error/i,
    fault: 'there is no D-Bus session',
    remedy:
      'a scheduled job has none (docs/SCHEDULING.md): run this in a desktop session, or give the job DBUS_SESSION_BUS_ADDRESS and an unlocked keyring'
  }
]
