import { randomBytes } from 'node:crypto'
import { constants, copyFileSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf } from '../errors.js'
import { SecretStoreError } from './secret-store.js'

/**
 * Makes a new key, for its owner alone, and the folder where there is none; a crash leaves the whole key or none.
 * @throws SecretStoreError when there is a file already: what another key has sealed would be lost
 */
export function createKeyFile(path: string): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeFileSync(temporary, `${randomBytes(32).toString('base64')}\n`, {
      flag: 'wx',
      mode: 0o600,
      flush: true
    })
    appear(temporary, path)
  } catch (error) {
    throw new SecretStoreError(
      `the key file ${path} cannot be created: ${messageOf(error)}; choose another with --key-file`
    )
  }
}

/** Under its name, which nobody else may have taken: a rename would not tell. */
function appear(temporary: string, path: string): void {
  try {
    linkSync(temporary, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error
    // A file system without links.
    copyFileSync(temporary, path, constants.COPYFILE_EXCL)
  } finally {
    rmSync(temporary)
  }
}
