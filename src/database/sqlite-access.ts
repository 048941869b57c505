import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSettings, SqliteSettings } from '../config/database-url.js'
import { ConfigurationError } from '../errors.js'
import { sayDatabase } from './say-database.js'

/**
 * Tells before anything is done that a SQLite file cannot be written to, or not be made.
 * @throws ConfigurationError
 */
export function requireAccess(settings: DatabaseSettings): void {
  const refusal = accessRefusal(settings)
  if (refusal) throw refusal
}

/**
 * What this user may not write to and a sync has to: the SQLite file, what SQLite has left beside it, or the folder.
 * undefined where nothing is in the way.
 */
export function accessRefusal(settings: DatabaseSettings): ConfigurationError | undefined {
  if (settings.type !== 'sqlite') return undefined
  const folder = folderOf(settings.path)
  if (!statSync(folder).isDirectory()) {
    return new ConfigurationError(
      `${sayDatabase(settings)} cannot be created: ${folder} is not a folder; check DATABASE_URL`
    )
  }
  for (const place of placesOf(settings.path)) {
    const code = codeOfAccess(place, constants.R_OK | constants.W_OK)
    // Whoever uses the file takes away what lies beside it at the end.
    if (code === undefined || code === 'ENOENT') continue
    return new ConfigurationError(
      `${sayDatabase(settings)} cannot be used: this user needs read and write access to ${place} (${code}); grant it, or run as the owner`
    )
  }
  return undefined
}

/** This user may read the SQLite file and not write to it: its owner syncs, and this one looks. */
export function mayOnlyRead(settings: DatabaseSettings): boolean {
  return (
    settings.type === 'sqlite' &&
    existsSync(settings.path) &&
    codeOfAccess(settings.path, constants.R_OK) === undefined &&
    codeOfAccess(settings.path, constants.W_OK) !== undefined
  )
}

/** What keeps this user from reading a SQLite file without writing anything; undefined where nothing is in the way. */
export function readRefusal({ path }: SqliteSettings): ConfigurationError | undefined {
  const said = `${sayDatabase({ type: 'sqlite', path })} cannot be read`
  const [log, index] = [`${path}-wal`, `${path}-shm`]
  for (const place of [path, log, index]) {
    const code = codeOfAccess(place, constants.R_OK)
    if (code === undefined || code === 'ENOENT' || code === 'ENOTDIR') continue
    return new ConfigurationError(
      `${said}: this user needs read access to ${place} (${code}); docs/SECURITY.md lists the permissions of a read-only account`
    )
  }
  const folder = dirname(path)
  const code = existsSync(folder) ? codeOfAccess(folder, constants.W_OK) : undefined
  if (code === undefined || !existsSync(path) || (existsSync(log) && existsSync(index))) return undefined
  return new ConfigurationError(
    `${said}: ${index}, which SQLite needs, is missing, and this user cannot create it in ${folder} (${code}); run \`npm run stats\` once as the user who syncs, which creates it`
  )
}

/** undefined where the access is given. */
function codeOfAccess(place: string, mode: number): string | undefined {
  try {
    accessSync(place, mode)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EACCES'
  }
}

/** Of Node.js and of SQLite: a file or folder was not opened, or is not written to. */
export function isRefusedAccess(code: string): boolean {
  return /^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN)/.test(code)
}

function placesOf(path: string): string[] {
  const [log, index] = [`${path}-wal`, `${path}-shm`]
  const present = [path, log, index].filter((file) => existsSync(file))
  // SQLite makes an empty log anew.
  const used = present.filter((file) => file !== log || statSync(file, { throwIfNoEntry: false })?.size)
  return present.length === 3 ? used : [...used, folderOf(path)]
}

/** `migrate` makes the folder where there is none. */
function folderOf(path: string): string {
  const folder = dirname(path)
  return existsSync(folder) || folder === path ? folder : folderOf(folder)
}
