import { crc32, inflateRawSync } from 'node:zlib'

const END_OF_DIRECTORY = Buffer.from('PK\x05\x06')

/** The files of a ZIP archive by name; read from its directory, and checked against its sizes and checksums. */
export function unzipped(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  const end = archive.lastIndexOf(END_OF_DIRECTORY)
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const [checksum, packed, size] = [16, 20, 24].map((offset) => archive.readUInt32LE(at + offset))
    const nameLength = archive.readUInt16LE(at + 28)
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    const header = archive.readUInt32LE(at + 42)
    const data = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
    const content = inflateRawSync(archive.subarray(data, data + (packed as number)))
    if (content.length !== size || crc32(content) !== checksum) throw new Error(`${name} is broken`)
    files.set(name, content)
    at += 46 + nameLength
  }
  return files
}

/** A report: its header row, and its other rows by the names in it. Throws unless all of their values are quoted. */
export function readCsv(bytes: Buffer): { header: string; rows: Record<string, string>[] } {
  const text = bytes.toString('utf8')
  const [header = ''] = text.split('\r\n', 1)
  const names = header.slice(1).split(',')
  const body = text.slice(header.length + 2)
  const lines = body.match(/"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*\r\n/g) ?? []
  if (lines.join('') !== body) throw new Error('not all values are quoted, or not all lines ended')
  const rows = lines.map((line) => {
    const values = line.match(/"(?:[^"]|"")*"/g) ?? []
    if (values.length !== names.length) throw new Error(`${values.length} values: ${line}`)
    return Object.fromEntries(
      values.map((value, i) => [names[i], value.slice(1, -1).replaceAll('""', '"')] as const)
    )
  })
  return { header, rows }
}
