import { CdrError } from '../errors.js'

/** What must stay secret, by the name under which a store keeps it. */
export const SECRETS = ['client-secret', 'refresh-token', 'database-password', 'mask-key'] as const
export type SecretName = (typeof SECRETS)[number]

/** Where the secrets live: chosen at setup, never another one instead. */
export interface SecretStore {
  /** For people, without values: “keyring (Secret Service), service webex-cdr-1f2e3d4c”. */
  readonly place: string
  /**
   * undefined where it has none.
   * @throws SecretStoreError when the store cannot be read from here
   */
  read(name: SecretName): Promise<string | undefined>
  /** A refresh token is kept before the access token that came with it is used. */
  write(name: SecretName, value: string): Promise<void>
  /** All of them in one step, where it can. */
  writeAll?(values: Partial<Record<SecretName, string>>): Promise<void>
  /** @returns whether there was one */
  remove(name: SecretName): Promise<boolean>
}

/** The chosen store cannot be opened, read or written from here; no other one was tried. */
export class SecretStoreError extends CdrError {
  override readonly exitCode = 3
}
