import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync
} from 'node:fs'
import { dirname, resolve } from 'node:path'

/**
 * Writes a file in one step: whoever reads, or a crash at any moment, finds the old text or the new one, whole. It
 * keeps the mode of the file that it replaces, and, as root, its owner; a link stays and its target is replaced.
 * @param isPrivate for its owner alone, whatever the mode was
 */
export function replaceFile(path: string, text: string | Buffer, isPrivate = false): void {
  const target = targetOf(path)
  const draft = new Draft(target, `${target}.${randomName()}.tmp`, isPrivate)
  try {
    writeFileSync(draft.file, text)
    draft.replace()
  } finally {
    draft.discard()
  }
}

/** A file that is written part by part and then takes the place of another in one step, as `replaceFile` does. */
export class Draft {
  /** Its descriptor. */
  readonly file: number
  private isOpen = true
  private isThere = true

  /** @param temporary where it is until then; no file may be there, and it is on the same disk as the target */
  constructor(
    private readonly target: string,
    private readonly temporary: string,
    isPrivate = false
  ) {
    this.file = openSync(temporary, 'wx', isPrivate ? 0o600 : 0o644)
    try {
      const old = statSync(target, { throwIfNoEntry: false })
      if (old) resemble(this.file, old, isPrivate)
    } catch (error) {
      this.discard()
      throw error
    }
  }

  replace(): void {
    fsyncSync(this.file)
    this.close()
    rename(this.temporary, this.target)
    this.isThere = false
    syncFolder(dirname(resolve(this.target)))
  }

  /** Removes it, unless it has replaced its target. */
  discard(): void {
    this.close()
    if (this.isThere) rmSync(this.temporary, { force: true })
    this.isThere = false
  }

  private close(): void {
    if (this.isOpen) closeSync(this.file)
    this.isOpen = false
  }
}

/** That no other file has. */
export function randomName(): string {
  return randomBytes(6).toString('hex')
}

/** Where a file really is: the end of a link, though there be nothing yet. */
export function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    try {
      return resolve(dirname(path), readlinkSync(path))
    } catch {
      return path
    }
  }
}

/** Who runs a command once by sudo must not shut the user out who runs it day by day. */
function resemble(file: number, { mode, uid, gid }: Stats, isPrivate: boolean): void {
  if (process.platform === 'win32') return
  if (process.geteuid?.() === 0) fchownSync(file, uid, gid)
  fchmodSync(file, mode & (isPrivate ? 0o600 : 0o777))
}

/** On Windows a file that somebody looks at, such as a virus scanner, cannot be replaced for a moment. */
function rename(from: string, to: string): void {
  for (let tries = 1; ; tries += 1) {
    try {
      renameSync(from, to)
      return
    } catch (error) {
      if (process.platform !== 'win32' || tries === 20) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
    }
  }
}

/** So that the rename survives a power cut. */
function syncFolder(folder: string): void {
  // Windows opens no folders.
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
