import { existsSync } from 'node:fs'
import { CONFIG_FILE, type ConfigValues, changeConfigFile, readConfigFile } from '../config/config-file.js'
import { saySecretStore } from '../config/secret-store-setting.js'
import { loadSettings, type Settings } from '../config/settings.js'
import { openStore } from '../credentials/open-store.js'
import { createKeyFile } from '../credentials/secret-key.js'
import { SECRETS, type SecretStore, SecretStoreError } from '../credentials/secret-store.js'
import { ConfigurationError } from '../errors.js'
import type { Log } from '../log.js'
import type { Choices, Present } from './choices.js'
import type { DraftStore } from './draft-store.js'
import type { StoreChoice } from './store-choice.js'
import type { SetupTools } from './tools.js'

/** Before anything is spent: the store can be read from here. */
export async function tryStore({ store }: Choices, settings: Settings, log: Log): Promise<void> {
  if (!store.newKey) {
    await openChosen(store, settings, log).read('refresh-token')
  } else if (store.store.kind === 'file' && existsSync(store.store.path)) {
    throw new ConfigurationError(
      `${store.store.path} is there already and was sealed with another key: name that by --key-file, or remove the file`
    )
  }
}

function openChosen({ store, keyFile }: StoreChoice, settings: Settings, log: Log): SecretStore {
  return openStore(
    { ...settings, secretStore: store, secretKey: { ...settings.secretKey, file: keyFile } },
    log
  )
}

/**
 * Stores secrets and settings and reads them back.
 * @returns where the secrets are
 */
export async function storeAll(
  { store, database }: Choices,
  changes: ConfigValues,
  draft: DraftStore,
  { settings, secrets: old }: Present,
  { log, passed }: SetupTools
): Promise<string> {
  if (store.newKey && store.keyFile) createKeyFile(store.keyFile)
  const next = openChosen(store, settings, log)
  if (database.password) draft.give('database-password', database.password)
  const moves = saySecretStore(store.store) !== saySecretStore(settings.secretStore)
  for (const name of SECRETS) {
    const value = await draft.read(name)
    if (value !== undefined && value !== (await next.read(name))) await next.write(name, value)
  }
  if (Object.keys(changes).length > 0) changeConfigFile(changes)
  passed(`stored in ${next.place}${Object.keys(changes).length > 0 ? ` and ${CONFIG_FILE}` : ''}`)
  await readBack(draft, log)
  if (moves && settings.secretStore.kind !== 'env') for (const name of SECRETS) await old?.remove(name)
  passed('read back')
  return next.place
}

/** As the next command will read it. */
async function readBack(draft: SecretStore, log: Log): Promise<void> {
  const store = openStore(loadSettings(process.env, readConfigFile()), log)
  for (const name of SECRETS) {
    const value = await draft.read(name)
    if (value !== undefined && value !== (await store.read(name))) {
      throw new SecretStoreError(
        `${store.place} does not give the ${name} back as it was stored: choose another store`
      )
    }
  }
}
