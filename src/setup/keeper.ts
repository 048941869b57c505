import { accessSync, constants, existsSync, rmSync } from 'node:fs'
import { CONFIG_FILE, type ConfigValues, changeConfigFile } from '../config/config-file.js'
import { openStore } from '../config/open-store.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { createKeyFile } from '../credentials/secret-key.js'
import { SECRETS, type SecretName, type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { ConfigurationError } from '../errors.js'
import type { Log } from '../log.js'
import type { StoreChoice } from './store-choice.js'

/** Where the secrets are to be from now on: tried before anything is spent, entered in the config file at last. */
export class Keeper {
  private constructor(
    private readonly choice: StoreChoice,
    private readonly settings: Settings,
    private readonly store: SecretStore
  ) {}

  /**
   * Makes the key where there is none yet, and proves that the store can be written to.
   * @throws ConfigurationError, SecretStoreError
   */
  static async open(choice: StoreChoice, settings: Settings, log: Log): Promise<Keeper> {
    const { store, keyFile, newKey } = choice
    requireWritableFolder()
    if (newKey && keyFile) {
      if (store.kind === 'file' && existsSync(store.path)) {
        throw new ConfigurationError(
          `${store.path} is there already and was sealed with another key: name that by --key-file, or remove the file`
        )
      }
      createKeyFile(keyFile)
    }
    try {
      const secretKey = { ...settings.secretKey, file: keyFile }
      const opened = openStore({ ...settings, secretStore: store, secretKey }, log)
      if (store.kind !== 'env') await proveWritable(opened)
      return new Keeper(choice, settings, opened)
    } catch (error) {
      if (newKey && keyFile) rmSync(keyFile, { force: true })
      throw error
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
    const { store, settings } = this
    if (this.choice.store.kind === 'env') {
      changeConfigFile(changes)
      passed(`${CONFIG_FILE} written; the secrets stay in the environment`)
    } else {
      await this.storeAll(secrets)
      if (Object.keys(changes).length > 0) changeConfigFile(changes)
      passed(
        `stored in ${store.place}, read back${Object.keys(changes).length > 0 ? `; ${CONFIG_FILE} written` : ''}`
      )
    }
    const moves = saySecretStore(this.choice.store) !== saySecretStore(settings.secretStore)
    if (moves && settings.secretStore.kind !== 'env') for (const name of SECRETS) await old?.remove(name)
    return store.place
  }

  private async storeAll(secrets: SecretStore): Promise<void> {
    const { store } = this
    const values: [SecretName, string][] = []
    for (const name of SECRETS) {
      const value = await secrets.read(name)
      if (value !== undefined) values.push([name, value])
    }
    for (const [name, value] of values) if (value !== (await store.read(name))) await store.write(name, value)
    for (const [name, value] of values) {
      if (value === (await store.read(name))) continue
      throw new SecretStoreError(
        `${store.place} does not give the ${name} back as it was stored: choose another store`
      )
    }
  }

  /** Nothing was stored: a key that was made for it goes. */
  undo(): void {
    const { store, keyFile, newKey } = this.choice
    if (newKey && keyFile && store.kind === 'file' && !existsSync(store.path))
      rmSync(keyFile, { force: true })
  }
}

/** The config file is replaced last, when a token may have been spent. */
function requireWritableFolder(): void {
  try {
    accessSync(process.cwd(), constants.W_OK)
  } catch {
    throw new ConfigurationError(
      `${process.cwd()}, where ${CONFIG_FILE} is to be, cannot be written to by this user: run this as its owner`
    )
  }
}

async function proveWritable(store: SecretStore): Promise<void> {
  const present = await store.read('refresh-token')
  await store.write('refresh-token', present ?? 'proof')
  if (present === undefined) await store.remove('refresh-token')
}
