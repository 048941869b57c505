import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SecretStoreSetting } from '../config/secret-store-setting.js'
import type { Settings } from '../config/settings.js'
import { ConfigurationError } from '../errors.js'

/** A sync that the operating system starts again and again. All paths are absolute. */
export interface Job {
  /** The Node.js that runs now. */
  node: string
  /** This program's cli.js. */
  script: string
  /** The working directory, where webex-cdr.json and .env are. */
  folder: string
  /** The folders that a run writes into. */
  writes: string[]
  /** The name of the user that it runs as. */
  user: string
  /** Minutes from one start to the next. */
  every: number
  store: SecretStoreSetting['kind']
  /** Where the key of an encrypted file of secrets is. */
  keyFile?: string | undefined
  /** Where the certificates are that WEBEX_CA_FILE names. */
  caFile?: string | undefined
}

/** In the working directory, where the scheduler keeps no log of its own. */
export const LOG_FILE = 'webex-cdr.log'

/** Hours. The first run takes about one; one that hangs would keep the lease. */
export const LONGEST_RUN = 6

/**
 * A job with the paths of this machine.
 * @throws ConfigurationError when one of them cannot be written into a line
 */
export function jobHere({ database, secretStore, secretKey, webex }: Settings, every: number): Job {
  const folder = process.cwd()
  const writes = [
    folder,
    ...(database.type === 'sqlite' ? [dirname(database.path)] : []),
    ...(secretStore.kind === 'file' ? [dirname(secretStore.path)] : [])
  ]
  const job: Job = {
    node: process.execPath,
    script: fileURLToPath(new URL('../cli.js', import.meta.url)),
    folder,
    writes: [...new Set(writes)],
    user: userName(),
    every,
    store: secretStore.kind,
    keyFile: secretKey.file && resolve(secretKey.file),
    caFile: webex.caFile
  }
  for (const path of pathsOf(job)) checkIsOneLine(path)
  return job
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return String(process.getuid?.())
  }
}

export function pathsOf({ node, script, folder, writes, keyFile }: Job): string[] {
  return [node, script, folder, ...writes, ...(keyFile ? [keyFile] : [])]
}

export const SETTINGS_NOTE =
  'It reads its settings from webex-cdr.json and .env in its working directory, not from your shell.'

/** What the secrets need where no desktop session is. */
export function secretsNote({ store, keyFile }: Pick<Job, 'store' | 'keyFile'>): string {
  switch (store) {
    case 'env':
      return 'The secrets must be in .env; a new refresh token cannot be saved there.'
    case 'file':
      return keyFile
        ? 'The secrets are in an encrypted file; SECRET_KEY_FILE in webex-cdr.json or .env names its key.'
        : 'The secrets are in an encrypted file; its key must be set by SECRET_KEY_FILE or SECRET_KEY in .env.'
    case 'keyring':
      return 'A scheduled job cannot access the keyring, which needs a desktop session: first run `npm run credentials -- move --to file`.'
  }
}

function checkIsOneLine(path: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (!/[\0-\x1f\x7f]/.test(path)) return
  throw new ConfigurationError(
    `${JSON.stringify(path)} contains a control character, which a schedule cannot contain: rename it`
  )
}
