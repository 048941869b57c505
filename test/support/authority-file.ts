import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Authority } from './authority.js'

/** A file for WEBEX_CA_FILE, until the test has ended. */
export function authorityFile(content: Authority | string | Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'webex-cdr-authority-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'ca.pem')
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content)
  writeFileSync(path, isRaw ? content : content.pem)
  return path
}
