import { resolve } from 'node:path'

export type SecretStoreSetting =
  | { kind: 'env' }
  /** The name under which the keyring keeps this installation's secrets. */
  | { kind: 'keyring'; service: string }
  /** Absolute. */
  | { kind: 'file'; path: string }

export const SECRET_STORE_FORMS =
  'must be env, keyring:<service> or file:<path>, as `npm run setup` writes it'

/** Reads SECRET_STORE; undefined where it has none of its forms. */
export function parseSecretStore(text: string): SecretStoreSetting | undefined {
  if (text === 'env') return { kind: 'env' }
  const [, kind, name = ''] = /^(keyring|file):(.+)$/s.exec(text) ?? []
  if (kind === 'keyring' && /^[\w.-]{1,100}$/.test(name)) return { kind, service: name }
  return kind === 'file' ? { kind, path: resolve(name) } : undefined
}

/** As SECRET_STORE has it. */
export function saySecretStore(setting: SecretStoreSetting): string {
  switch (setting.kind) {
    case 'env':
      return 'env'
    case 'keyring':
      return `keyring:${setting.service}`
    case 'file':
      return `file:${setting.path}`
  }
}
