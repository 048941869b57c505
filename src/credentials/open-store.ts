import type { Settings } from '../config/settings.js'
import type { Log } from '../log.js'
import { EnvironmentStore } from './environment-store.js'
import { FileStore } from './file-store.js'
import { KeyringStore } from './keyring-store.js'
import { findSecretKey } from './secret-key.js'
import type { SecretStore } from './secret-store.js'

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
