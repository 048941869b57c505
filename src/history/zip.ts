import type { Readable } from 'node:stream'
import { crc32 } from 'node:zlib'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { FileError, messageOf } from '../errors.js'
import { legible } from '../legible.js'

/** A CSV file inside a ZIP. */
export interface ZippedCsv {
  name: string
  /** Uncompressed. */
  bytes: number
  open(): Promise<Readable>
}

/** Text such as this is packed to a tenth or so; a bomb is packed to a thousandth. */
const MOST_UNPACKED = { times: 200, least: 10 * 2 ** 20 }

/**
 * The CSV files of a ZIP, all read once to see that they are whole. Nothing is unpacked to disk.
 * @param name of the file, for errors
 * @throws FileError where the ZIP is cut off, damaged, encrypted or a bomb, or has no CSV
 */
export async function zippedCsvs(path: string, size: number, name: string): Promise<ZippedCsv[]> {
  const zip = await asFileError(name, () => openPromise(path, { autoClose: false }))
  try {
    const entries: Entry[] = []
    await asFileError(name, async () => {
      for await (const entry of zip.eachEntry()) entries.push(entry)
    })
    const csvs = entries.filter(isCsv)
    if (csvs.length === 0) throw new FileError(`${name} has no CSV file in it`)
    const bytes = csvs.reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0)
    if (bytes > Math.max(size * MOST_UNPACKED.times, MOST_UNPACKED.least)) {
      throw new FileError(
        `${name} would unpack to more than ${MOST_UNPACKED.times} times its size: it is no report`
      )
    }
    for (const entry of csvs) await asFileError(name, () => verify(zip, entry))
    return csvs.map((entry) => ({
      name: `${name}: ${legible(entry.fileName)}`,
      bytes: entry.uncompressedSize,
      open: () => openAgain(path, entry)
    }))
  } finally {
    zip.close()
  }
}

/** macOS adds files of its own under the names of others. */
function isCsv({ fileName }: Entry): boolean {
  return /\.csv$/i.test(fileName) && !/(^|\/)(__MACOSX\/|\._)/.test(fileName)
}

async function verify(zip: ZipFile, entry: Entry): Promise<void> {
  let sum = 0
  for await (const chunk of await zip.openReadStreamPromise(entry)) sum = crc32(chunk, sum)
  if (sum !== entry.crc32) throw new Error(`the checksum of ${legible(entry.fileName)} is wrong`)
}

async function openAgain(path: string, entry: Entry): Promise<Readable> {
  const zip = await openPromise(path, { autoClose: false })
  try {
    const stream = await zip.openReadStreamPromise(entry)
    stream.once('close', () => zip.close())
    return stream
  } catch (error) {
    zip.close()
    throw error
  }
}

async function asFileError<T>(name: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof FileError || (error as NodeJS.ErrnoException).syscall) throw error
    throw new FileError(
      `${name} is a ZIP file that is damaged or cut off (${legible(messageOf(error))}): download it again`
    )
  }
}
