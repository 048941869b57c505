import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import type { ReportFile } from '../../src/history/report-files.js'
import { zip } from '../../src/simulator/reports/zip.js'

/** @returns writes these bytes to a file that is there for the tests of a file */
export function useFiles(): (bytes: string | Uint8Array, name?: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'reports-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  return (bytes, name = 'report.csv') => {
    const path = join(mkdtempSync(join(folder, 'file-')), basename(name))
    writeFileSync(path, bytes)
    return path
  }
}

/** A ZIP as the simulator makes it, of texts by name. */
export function zipped(entries: Record<string, string>): Promise<Buffer> {
  const list = Object.entries(entries).map(([name, text]) => ({ name, content: [Buffer.from(text)] }))
  return buffer(Readable.from(zip(list)))
}

/** A file that comes in pieces, as it may be read. */
export function inPieces(pieces: Iterable<Uint8Array>, name = 'report.csv'): ReportFile {
  return { name, bytes: 1, written: 0, open: async () => Readable.from(pieces, { objectMode: true }) }
}
