import { createHash } from 'node:crypto'
import { existsSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { SecretStoreSetting } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { CREDENTIAL, isWithin } from '../credentials/secret-key.js'
import { UsageError } from '../errors.js'

export const STORE_KINDS = ['keyring', 'file', 'env'] as const
export type StoreKind = (typeof STORE_KINDS)[number]

export interface StoreChoice {
  store: SecretStoreSetting
  /** For SECRET_KEY_FILE. */
  keyFile?: string | undefined
  /** The key file is to be made. */
  newKey?: boolean
}

const FILE = 'webex-cdr.secrets'

/** @throws UsageError */
export function storeKind(text: string): StoreKind {
  const kind = STORE_KINDS.find((known) => known === text)
  if (!kind) throw new UsageError(`the store “${text}” is unknown: write ${STORE_KINDS.join(', ')}`)
  return kind
}

/** The store of this kind: the one that is in use, or a new one of this installation's own. */
export function chooseStore(kind: StoreKind, settings: Settings, keyFile?: string): StoreChoice {
  const present = settings.secretStore
  if (keyFile !== undefined && kind !== 'file') throw new UsageError('--key-file needs --store file')
  switch (kind) {
    case 'env':
      return { store: { kind } }
    case 'keyring':
      // Two installations of one user must not overwrite each other's token.
      return present.kind === kind
        ? { store: present }
        : { store: { kind, service: `webex-cdr-${idOfFolder()}` } }
    case 'file':
      return chooseFile(settings, keyFile)
  }
}

function chooseFile({ secretStore, secretKey }: Settings, keyFile: string | undefined): StoreChoice {
  const store = secretStore.kind === 'file' ? secretStore : { kind: 'file' as const, path: resolve(FILE) }
  const { CREDENTIALS_DIRECTORY } = process.env
  const fromSystemd = CREDENTIALS_DIRECTORY && existsSync(join(CREDENTIALS_DIRECTORY, CREDENTIAL))
  if (keyFile === undefined && (secretKey.file || secretKey.value || fromSystemd)) {
    const path = secretKey.file && resolve(secretKey.file)
    // A key that was lost together with what it sealed is made anew.
    return {
      store,
      keyFile: secretKey.file,
      newKey: Boolean(path && !existsSync(path) && !existsSync(store.path))
    }
  }
  if (fromSystemd) throw new UsageError('--key-file cannot be used with a key that systemd provides')
  const path = resolve(keyFile ?? newKeyFile())
  if (isWithin(dirname(store.path), path)) {
    throw new UsageError(
      `--key-file must be in another folder: ${path} is in the folder of the secrets, so a copy of that folder would contain both`
    )
  }
  return { store, keyFile: path, newKey: !existsSync(path) }
}

/** In the user's own folder for settings, away from the secrets. */
function newKeyFile(): string {
  const { APPDATA, XDG_CONFIG_HOME } = process.env
  const folder =
    process.platform === 'win32' && APPDATA ? APPDATA : XDG_CONFIG_HOME || join(homedir(), '.config')
  return join(folder, 'webex-cdr', `${idOfFolder()}.key`)
}

/**
 * The same for each setup of this folder, so that one finds again what an earlier one left that was killed. A folder that
 * is made where one was moved away has another id.
 */
function idOfFolder(): string {
  const folder = realpathSync('.')
  return createHash('sha256')
    .update(`${folder}\0${statSync(folder).ino}`)
    .digest('hex')
    .slice(0, 8)
}
