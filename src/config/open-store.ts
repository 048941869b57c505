import { EnvironmentStore } from '../credentials/environment-store.js'
import { FileStore } from '../credentials/file-store.js'
import { KeyringStore } from '../credentials/keyring-store.js'
import { findSecretKey } from '../credentials/secret-key.js'
import type { SecretStore } from '../credentials/secret-store.js'
import type { Log } from '../log.js'
import type { Settings } from './settings.js'

/**
 * The store that SECRET_STORE names.
 * @throws SecretStoreError when there is no key for an encrypted file
 */
export function openStore({ secretStore, secretKey, secrets }: Settings, log: Log): SecretStore {
  switch (secretStore.kind) {
    case 'env':
      return new EnvironmentStore({ ...secrets }, log)
    case 'keyring':
      return new KeyringStore(secretStore.service)
    case 'file': {
      const { CREDENTIALS_DIRECTORY } = process.env
      const key = { CREDENTIALS_DIRECTORY, SECRET_KEY_FILE: secretKey.file, SECRET_KEY: secretKey.value }
      return new FileStore(secretStore.path, findSecretKey(key, secretStore.path))
    }
  }
}
