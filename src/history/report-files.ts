import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FileError, messageOf, UsageError } from '../errors.js'
import { legible } from '../legible.js'
import { zippedCsvs } from './zip.js'

/** Each chunk ends within a row, which is read again with the next one. */
const CHUNK = 256 * 1024

/** A CSV file with the rows of a report. */
export interface ReportFile {
  /** For people. */
  name: string
  /** Uncompressed. */
  bytes: number
  /** When the file was last written, in ms since 1970 UTC: not before the report was made. */
  written: number
  open(): Promise<Readable>
}

/**
 * Finds the CSV files of a file or of a folder, in ZIP files too. Which of the two a file is, its first bytes tell:
 * downloads often have no such name.
 * @throws UsageError where there is nothing, FileError where one is no report
 */
export async function reportFiles(path: string): Promise<ReportFile[]> {
  try {
    if (!(await stat(path)).isDirectory()) return await filesIn(path)
    const names = (await readdir(path)).filter((name) => /\.(csv|zip)$/i.test(name) && !name.startsWith('.'))
    if (names.length === 0) throw new UsageError(`the folder ${path} has no .csv and no .zip file`)
    const found: ReportFile[] = []
    for (const name of names.sort()) found.push(...(await filesIn(join(path, name))))
    return found
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).syscall) throw error
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`)
  }
}

/**
 * Keeps a stream in a file for as long as it is worked on: a ZIP is read from its end, and what is damaged is to be seen
 * before anything of it is stored.
 * @throws the signal's reason
 */
export async function inTemporaryFile<T>(
  input: Readable,
  signal: AbortSignal,
  work: (path: string) => Promise<T>
): Promise<T> {
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, 'report')
    await pipeline(input, createWriteStream(path, { mode: 0o600 }), { signal }).finally(() =>
      signal.throwIfAborted()
    )
    return work(path)
  })
}

/** A folder for the owner alone, for as long as something is done in it. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'webex-cdr-'))
  try {
    return await work(folder)
  } finally {
    // Windows does not remove what is being closed.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

async function filesIn(path: string): Promise<ReportFile[]> {
  const name = legible(basename(path))
  const { size, mtimeMs: written } = await stat(path)
  const beginning = await firstBytes(path)
  if (size === 0) throw new FileError(`${name} is empty`)
  if (beginning.startsWith('PK')) {
    return (await zippedCsvs(path, size, name)).map((csv) => ({ ...csv, written }))
  }
  if (/^\s*</.test(beginning.replace('\u00ef\u00bb\u00bf', ''))) {
    throw new FileError(
      `${name} is a web page and no report, probably a page to sign in: download the report again`
    )
  }
  if (/^(\u00ff\u00fe|\u00fe\u00ff|[^\0]?\0)/.test(beginning)) {
    throw new FileError(
      `${name} is not in UTF-8: another program has probably saved it; import the file as it was downloaded`
    )
  }
  return [{ name, bytes: size, written, open: async () => createReadStream(path, { highWaterMark: CHUNK }) }]
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
