import { existsSync, rmSync } from 'node:fs'
import { CONFIG_FILE, type ConfigValues, changeConfigFile, proveConfigFile } from '../config/config-file.js'
import { openStore } from '../config/open-store.js'
import { type SecretStoreSetting, saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { createKeyFile } from '../credentials/create-key-file.js'
import { SECRET_VARIABLES } from '../credentials/environment-store.js'
import { SECRETS, type SecretName, type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { ConfigurationError, messageOf } from '../errors.js'
import type { Log } from '../log.js'
import type { StoreChoice } from './store-choice.js'

/** In the order in which they are stored: after a crash in between, the other ones can be given again. */
const BY_WORTH: readonly SecretName[] = ['refresh-token', 'client-secret', 'database-password']

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
          `${store.path} is there already, and its key is not ${keyFile}: name its key by --key-file; if that is lost, move the file away and authorise again`
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
      throw store.kind === 'keyring' ? notLeft(settings.secretStore, error) : error
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
    if (!isEnv) await this.storeAll(secrets)
    if (isChanged) changeConfigFile(changes)
    const written = isChanged ? `; ${CONFIG_FILE} written` : ''
    passed(
      isEnv
        ? `the secrets stay in the environment${written}`
        : `stored in ${store.place}, read back${written}`
    )
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

  private async storeAll(secrets: SecretStore): Promise<void> {
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
        `${store.place} does not give the ${name} back as it was stored: choose another store`
      )
    }
  }

  /** What a simulator or a tutorial had put into .env. */
  private async warnOfClear(environment: SecretStore | undefined): Promise<void> {
    const left: string[] = []
    for (const name of ['client-secret', 'refresh-token'] as const) {
      if (await environment?.read(name)) left.push(SECRET_VARIABLES[name])
    }
    if (left.length === 0) return
    this.log.warn(
      `${left.join(', ')} stand in the environment or .env in clear, and are not used any more: take them out`
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
    if (before.kind === 'env') return this.warnOfClear(old)
    const place = old?.place ?? saySecretStore(before)
    try {
      if (!old) throw new SecretStoreError('it cannot be opened from here')
      const token = await secrets.read('refresh-token')
      if (token !== undefined && !(await this.has('refresh-token', token))) {
        passed(`the secrets in ${place} were left there; those in ${store.place} are used now`)
        return
      }
      for (const name of SECRETS) await old.remove(name)
      passed(`the secrets in ${place} were removed; they are in ${store.place} now`)
    } catch (error) {
      log.warn(
        `the secrets in ${place} could not be removed: ${messageOf(error)}; those in ${store.place} are used now: remove the old ones by hand`
      )
    }
  }
}

/** The keyring's remedy is a file: who has the secrets in one has no need of it. */
function notLeft(present: SecretStoreSetting, error: unknown): unknown {
  if (present.kind !== 'file' || !(error instanceof SecretStoreError)) return error
  return new SecretStoreError(`${error.message}; until then the secrets stay in ${present.path}`)
}

/** By the secret that no sync replaces. */
async function proveWritable(store: SecretStore): Promise<void> {
  const present = await store.read('client-secret')
  await store.write('client-secret', present ?? 'proof')
  if (present === undefined) await store.remove('client-secret')
}
