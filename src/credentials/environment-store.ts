import type { Log } from '../log.js'
import { type SecretName, type SecretStore, SecretStoreError } from './secret-store.js'

/** The variables from which the secrets come; the store is read-only. */
export const SECRET_VARIABLES = {
  'client-secret': 'WEBEX_CLIENT_SECRET',
  'refresh-token': 'WEBEX_REFRESH_TOKEN',
  'database-password': 'DATABASE_PASSWORD',
  'mask-key': 'MASK_KEY'
} as const satisfies Record<SecretName, string>

/** Secrets from environment variables. A new refresh token cannot be kept there: it lasts for this run only. */
export class EnvironmentStore implements SecretStore {
  readonly place = 'the environment'
  private warned = false

  constructor(
    private readonly values: Partial<Record<SecretName, string | undefined>>,
    private readonly log: Log
  ) {}

  async read(name: SecretName): Promise<string | undefined> {
    return this.values[name]
  }

  async write(name: SecretName, value: string): Promise<void> {
    if (value === this.values[name]) return
    if (name !== 'refresh-token') throw readOnly(name)
    this.values[name] = value
    if (this.warned) return
    this.warned = true
    this.log.warn(
      'Webex returned a new refresh token, which cannot be saved because WEBEX_REFRESH_TOKEN is set in the environment: if a later run is refused, authorise again (`npm run setup` saves it in a keyring or an encrypted file)'
    )
  }

  async remove(name: SecretName): Promise<boolean> {
    throw readOnly(name)
  }
}

function readOnly(name: SecretName): SecretStoreError {
  return new SecretStoreError(
    `the store “env” is read-only: change ${SECRET_VARIABLES[name]} where it is set, or choose another store with \`npm run setup\``
  )
}
