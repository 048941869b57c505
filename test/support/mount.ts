import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Whether file systems can be mounted here: it takes root on Linux, and a container may forbid it. */
export const canMount = tried(() => {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-mount-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder], { stdio: 'ignore' })
  execFileSync('umount', [folder])
  rmdirSync(folder)
})

/** The same folder under another name, where nothing can be written. */
export function mountReadOnly(folder: string): string {
  const there = mountPoint()
  execFileSync('mount', ['--bind', folder, there])
  execFileSync('mount', ['-o', 'remount,ro,bind', there])
  return there
}

/** @param size as mount(8) takes it: “1m” */
export function mountOfSize(size: string): string {
  const there = mountPoint()
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', there])
  return there
}

function mountPoint(): string {
  const there = mkdtempSync(join(tmpdir(), 'webex-cdr-mount-'))
  onTestFinished(() => {
    execFileSync('umount', [there])
    rmdirSync(there)
  })
  return there
}

function tried(action: () => void): boolean {
  try {
    action()
    return true
  } catch {
    return false
  }
}
