import { pipeline } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'

export interface ZipEntry {
  name: string
  content: Iterable<Buffer>
}

/** UTF-8 names; size and checksum follow the data, because they are not known before it. */
const FLAGS = 0x0808
const DEFLATE = 8
const VERSION = 20
/** The first of January 1980, the first day that the format knows: the same content gives the same file. */
const DAY_ONE = 0x21

/** What is known of an entry once its data has been written. */
interface Written {
  name: Buffer
  offset: number
  checksum: number
  packed: number
  size: number
}

/**
 * A ZIP archive, piece by piece.
 *
 * @throws RangeError when there is more in it than the format without its 64-bit extension holds (4 GB)
 */
export async function* zip(entries: Iterable<ZipEntry>): AsyncGenerator<Buffer> {
  const written: Written[] = []
  let position = 0
  const passing = (piece: Buffer): Buffer => {
    position += piece.length
    return piece
  }
  for (const { name, content } of entries) {
    const entry: Written = { name: Buffer.from(name), offset: position, checksum: 0, packed: 0, size: 0 }
    yield passing(localHeader(entry))
    for await (const piece of deflated(content, entry)) yield passing(piece)
    yield passing(fields([4, 0x08074b50], ...measures(entry)))
    written.push(entry)
  }
  const directory = position
  for (const entry of written) yield passing(directoryHeader(entry))
  const count = written.length
  yield fields(
    [4, 0x06054b50],
    [2, 0],
    [2, 0],
    [2, count],
    [2, count],
    [4, position - directory],
    [4, directory],
    [2, 0]
  )
}

async function* deflated(content: Iterable<Buffer>, entry: Written): AsyncGenerator<Buffer> {
  const measured = function* () {
    for (const piece of content) {
      entry.checksum = crc32(piece, entry.checksum)
      entry.size += piece.length
      yield piece
    }
  }
  // What goes wrong comes out of the loop below.
  for await (const piece of pipeline(measured, createDeflateRaw(), () => {})) {
    entry.packed += piece.length
    yield piece
  }
}

function localHeader({ name }: Written): Buffer {
  const header = fields(
    [4, 0x04034b50],
    [2, VERSION],
    [2, FLAGS],
    [2, DEFLATE],
    [2, 0],
    [2, DAY_ONE],
    [4, 0],
    [4, 0],
    [4, 0],
    [2, name.length],
    [2, 0]
  )
  return Buffer.concat([header, name])
}

function directoryHeader(entry: Written): Buffer {
  const header = fields(
    [4, 0x02014b50],
    [2, VERSION],
    [2, VERSION],
    [2, FLAGS],
    [2, DEFLATE],
    [2, 0],
    [2, DAY_ONE],
    ...measures(entry),
    [2, entry.name.length],
    // Neither extra fields nor a comment, and all on one disk.
    [2, 0],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, entry.offset]
  )
  return Buffer.concat([header, entry.name])
}

function measures({ checksum, packed, size }: Written): Field[] {
  return [
    [4, checksum],
    [4, packed],
    [4, size]
  ]
}

/** How many bytes, and the number in them. */
type Field = [2 | 4, number]

function fields(...list: Field[]): Buffer {
  return Buffer.concat(
    list.map(([length, value]) => {
      const bytes = Buffer.alloc(length)
      bytes.writeUIntLE(value, 0, length)
      return bytes
    })
  )
}
