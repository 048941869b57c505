import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { ConfigurationError, messageOf } from '../errors.js'
import { decodeText } from '../read-text.js'
import { SecretStoreError } from './secret-store.js'

/** What an encrypted file of secrets is sealed with. */
export interface SecretKey {
  /** 32, for AES-256. */
  bytes: Buffer
  /** For people, without the key: “the key file /etc/webex-cdr.key”. */
  origin: string
}

/** Where a key may come from, in this order. */
export interface KeySources {
  /** Of systemd: `LoadCredential=webex-cdr-key:…` (systemd.exec(5), “Credentials”). */
  CREDENTIALS_DIRECTORY?: string | undefined
  SECRET_KEY_FILE?: string | undefined
  SECRET_KEY?: string | undefined
}

/** The name of systemd's credential. */
export const CREDENTIAL = 'webex-cdr-key'

/**
 * The key of the secrets file: the first that is there, and no other one where that is no good.
 * @throws SecretStoreError that names where the key should come from, never the key
 */
export function findSecretKey(sources: KeySources, secretsPath: string): SecretKey {
  return (
    credentialKey(sources.CREDENTIALS_DIRECTORY, secretsPath) ??
    fileKey(sources.SECRET_KEY_FILE, secretsPath) ??
    variableKey(sources.SECRET_KEY, secretsPath) ??
    noKey(secretsPath)
  )
}

function credentialKey(folder: string | undefined, secretsPath: string): SecretKey | undefined {
  if (!folder) return undefined
  const origin = `$CREDENTIALS_DIRECTORY/${CREDENTIAL}`
  const text = readKey(join(folder, CREDENTIAL), origin)
  return text === undefined ? undefined : { bytes: parseKey(text, origin, secretsPath), origin }
}

function fileKey(path: string | undefined, secretsPath: string): SecretKey | undefined {
  if (!path) return undefined
  const origin = `the key file ${path}`
  const text = readKey(path, origin)
  if (text === undefined) {
    throw new SecretStoreError(
      `${origin} (SECRET_KEY_FILE) does not exist: restore it from a backup, or delete ${secretsPath} and run \`npm run setup\` again`
    )
  }
  // Whatever else this may be a name of, its mode is nobody's business here.
  const bytes = parseKey(text, origin, secretsPath)
  checkMode(path, origin)
  checkFolder(path, secretsPath)
  return { bytes, origin }
}

function variableKey(text: string | undefined, secretsPath: string): SecretKey | undefined {
  const origin = 'SECRET_KEY'
  return text ? { bytes: parseKey(text, origin, secretsPath), origin } : undefined
}

function noKey(secretsPath: string): never {
  throw new SecretStoreError(
    `there is no key for ${secretsPath}: set SECRET_KEY_FILE to its key file or SECRET_KEY to its key, or run \`npm run setup\``
  )
}

/** undefined where there is no such file. */
function readKey(path: string, origin: string): string | undefined {
  try {
    if (statSync(path).isFile()) return decodeText(readFileSync(path), origin)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof ConfigurationError) throw new SecretStoreError(error.message)
    throw new SecretStoreError(`${origin} cannot be read: ${messageOf(error)}; it must be owned by this user`)
  }
  throw new SecretStoreError(`${origin} is not a file: set SECRET_KEY_FILE to the file that holds the key`)
}

/** As `openssl rand -base64 32` prints it. */
function parseKey(text: string, origin: string, secretsPath: string): Buffer {
  const key = text.trim()
  const bytes = Buffer.from(key, 'base64')
  // Buffer.from skips what is no base64.
  if (bytes.length === 32 && bytes.toString('base64') === key) return bytes
  const anew = existsSync(secretsPath)
    ? `, delete ${secretsPath}, which a new key cannot decrypt, and run \`npm run setup\` again`
    : ''
  throw new SecretStoreError(
    `${origin} does not contain a key (32 random bytes in base64): restore the right one, or generate one with \`openssl rand -base64 32\`${anew}`
  )
}

function checkMode(path: string, origin: string): void {
  // Windows has no such modes: its files take the access rights of their folder.
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return
  throw new SecretStoreError(`${origin} is accessible to other users: run \`chmod 600 ${path}\``)
}

/** A copy or backup of a folder takes what is below it, too. */
function checkFolder(path: string, secretsPath: string): void {
  const folders = [dirname(secretsPath), dirname(realPath(secretsPath))].map(realPath)
  const folder = folders.find((candidate) => isWithin(candidate, realPath(path)))
  if (folder === undefined) return
  throw new SecretStoreError(
    `the key file ${path} is in ${folder}, the folder of the secrets file, so a copy of that folder would contain both: move the key elsewhere and set SECRET_KEY_FILE to it`
  )
}

function realPath(path: string): string {
  try {
    // The native one also tells the letters' true case, where a file system ignores it.
    return realpathSync.native(path)
  } catch {
    return resolve(path)
  }
}

export function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
