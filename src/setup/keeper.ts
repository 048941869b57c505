import { existsSync, rmSync } from 'node:fs'
import { CONFIG_FILE, type ConfigValues, changeConfigFile, proveConfigFile } from '../config/config-file.js'
import { openStore } from '../config/open-store.js'
import { type SecretStoreSetting, saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { createKeyFile } from '../credentials/create-key-file.js'
import { SECRET_VARIABLES } from '../credentials/environment-store.js'
import { KeyringError } from '../credentials/keyring-entries.js'
import { SECRETS, type SecretName, type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { ConfigurationError, messageOf } from '../errors.js'
import type { Log } from '../log.js'
import type { StoreChoice } from './store-choice.js'

/** In the order in which they are stored: after a crash in between, the other ones can be given again. */
const BY_WORTH: readonly SecretName[] = ['refresh-token', 'client-secret', 'mask-key', 'database-password']

/** Where the secrets are to be from now on: tried before anything is spent, entered in the config file at last. */
export class Keeper {
  private constructor(
    private readonly choice: StoreChoice,
    private readonly settings: Settings,
    private readonly log: Log,
    readonly store: SecretStore
  ) {}

  /**
   * Makes the key where there is none yet, and proves that store and config file can be written to.
   * @throws ConfigurationError, SecretStoreError
   */
  static async open(choice: StoreChoice, settings: Settings, log: Log): Promise<Keeper> {
    const { store, keyFile, newKey } = choice
    // It is replaced last, when a token may have been spent.
    proveConfigFile()
    if (newKey && keyFile) {
      if (store.kind === 'file' && existsSync(store.path)) {
        throw new ConfigurationError(
          `${store.path} already exists and its key is not ${keyFile}: specify its key with --key-file; if the key is lost, move the file away and authorise again`
        )
      }
      createKeyFile(keyFile)
    }
    try {
      const secretKey = { ...settings.secretKey, file: keyFile }
      const opened = openStore({ ...settings, secretStore: store, secretKey }, log)
      if (store.kind !== 'env') await proveWritable(opened)
      return new Keeper(choice, settings, log, opened)
    } catch (error) {
      if (newKey && keyFile) rmSync(keyFile, { force: true })
      throw store.kind === 'keyring' ? notLeft(settings.secretStore, store.service, error) : error
    }
  }

  /**
   * Stores the secrets, reads them back, enters the store in the config file, and takes them from where they were.
   * @returns where they are
   */
  async keep(
    changes: ConfigValues,
    secrets: SecretStore,
    old: SecretStore | undefined,
    passed: (step: string) => void
  ): Promise<string> {
    const { store } = this
    const isEnv = this.choice.store.kind === 'env'
    const isChanged = Object.keys(changes).length > 0
    const stored = isEnv ? [] : await this.storeAll(secrets)
    if (isChanged) changeConfigFile(changes)
    const written = isChanged ? `; ${CONFIG_FILE} written` : ''
    passed(
      isEnv ? `the secrets stay in the environment${written}` : `stored in ${store.place}, verified${written}`
    )
    this.warnOfClear(stored)
    await this.leave(old, secrets, passed)
    return store.place
  }

  private async has(name: SecretName, value: string): Promise<boolean> {
    return (await this.store.read(name)) === value
  }

  /** Nothing was stored: a key that was made for it goes. */
  undo(): void {
    const { store, keyFile, newKey } = this.choice
    if (newKey && keyFile && store.kind === 'file' && !existsSync(store.path))
      rmSync(keyFile, { force: true })
  }

  private async storeAll(secrets: SecretStore): Promise<SecretName[]> {
    const { store } = this
    const values: [SecretName, string][] = []
    for (const name of BY_WORTH) {
      const value = await secrets.read(name)
      if (value !== undefined) values.push([name, value])
    }
    if (store.writeAll) await store.writeAll(Object.fromEntries(values))
    else
      for (const [name, value] of values) if (!(await this.has(name, value))) await store.write(name, value)
    for (const [name, value] of values) {
      if (await this.has(name, value)) continue
      throw new SecretStoreError(
        `${store.place} does not return the ${name} as it was stored: choose another store`
      )
    }
    return values.map(([name]) => name)
  }

  /** What a simulator or a tutorial had put into .env. */
  private warnOfClear(stored: SecretName[]): void {
    const left = SECRETS.filter((name) => stored.includes(name) && this.settings.secrets[name])
    if (left.length === 0) return
    const names = left.map((name) => SECRET_VARIABLES[name]).join(', ')
    this.log.warn(
      `still in plain text in the environment or .env, although now stored in ${this.store.place}: remove ${names}`
    )
  }

  /** From here on the new store is the one in use: what goes wrong with the old one is a warning. */
  private async leave(
    old: SecretStore | undefined,
    secrets: SecretStore,
    passed: (step: string) => void
  ): Promise<void> {
    const { log, store } = this
    const before = this.settings.secretStore
    if (saySecretStore(before) === saySecretStore(this.choice.store)) return
    if (before.kind === 'env') return
    const place = old?.place ?? saySecretStore(before)
    try {
      if (!old) throw new SecretStoreError('it cannot be opened from this session')
      const token = await secrets.read('refresh-token')
      if (token !== undefined && !(await this.has('refresh-token', token))) {
        passed(`the secrets in ${place} were kept; those in ${store.place} are used now`)
        return
      }
      for (const name of SECRETS) await old.remove(name)
      passed(`the secrets in ${place} were removed; those in ${store.place} are used now`)
    } catch (error) {
      log.warn(
        `the secrets in ${place} could not be removed: ${faultOf(error)}; those in ${store.place} are used now: ${removal(before)}`
      )
    }
  }
}

/** What is not in this keyring cannot be moved out of it, and need not be stored anew. */
function notLeft(present: SecretStoreSetting, service: string, error: unknown): unknown {
  if (!(error instanceof SecretStoreError)) return error
  if (present.kind === 'keyring' && present.service === service) return error
  const fault = faultOf(error)
  if (present.kind === 'file')
    return new SecretStoreError(`${fault}; until then the secrets stay in ${present.path}`)
  return new SecretStoreError(`${fault}; or choose an encrypted file instead`)
}

function faultOf(error: unknown): string {
  return error instanceof KeyringError ? error.opening : messageOf(error)
}

/** What removes the secrets of a store that is not in use any more. */
function removal(store: SecretStoreSetting): string {
  if (store.kind === 'file') return `delete ${store.path} yourself`
  return `remove the old ones in a desktop session: \`SECRET_STORE=${saySecretStore(store)} npm run credentials -- clear\``
}

/** By the secret that no sync replaces. */
async function proveWritable(store: SecretStore): Promise<void> {
  const present = await store.read('client-secret')
  await store.write('client-secret', present ?? 'proof')
  if (present === undefined) await store.remove('client-secret')
}
