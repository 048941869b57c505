import { readFileSync } from 'node:fs'
import { ConfigurationError, messageOf } from './errors.js'

const MARKS: [mark: number[], encoding: string | undefined][] = [
  // Before that of UTF-16, with which it begins.
  [[0xff, 0xfe, 0x00, 0x00], undefined],
  [[0xef, 0xbb, 0xbf], 'utf-8'],
  // Of Windows PowerShell's > and of Notepad’s “Unicode”.
  [[0xff, 0xfe], 'utf-16le'],
  [[0xfe, 0xff], 'utf-16be']
]

/**
 * The text of a file that a person or another program wrote: UTF-8, or UTF-16 with a byte order mark, which is not
 * part of it.
 * @param name for people: “.env”, “standard input”
 * @throws ConfigurationError where it is none of them
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const [mark, encoding] = MARKS.find(([mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? [
    [],
    'utf-8'
  ]
  const rest = bytes.subarray(mark.length)
  // A text in UTF-8 has no NUL, and one in UTF-16 has one beside each letter of English.
  const isWide = encoding === undefined || (encoding === 'utf-8' && rest.includes(0))
  if (isWide) {
    throw new ConfigurationError(
      `${name} is UTF-16 or UTF-32 without a byte order mark, or not a text file: save it as UTF-8`
    )
  }
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(rest)
    // Files that were joined have one at the head of each.
    return text.replace(/^\uFEFF/gm, '')
  } catch {
    const fault =
      encoding === 'utf-8'
        ? 'is not valid UTF-8 (is it Windows-1252?)'
        : 'is not valid UTF-16 (is it truncated?)'
    throw new ConfigurationError(`${name} ${fault}: save it as UTF-8`)
  }
}

/**
 * The same of a file; undefined where there is none.
 * @throws ConfigurationError that names it
 */
export function readText(path: string, name = path): string | undefined {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    const fault = FAULTS[code ?? ''] ?? messageOf(error)
    throw new ConfigurationError(`${name} cannot be read: ${fault}`)
  }
  return decodeText(bytes, name)
}

const FAULTS: Partial<Record<string, string>> = {
  EISDIR: 'it is a folder, not a file',
  EACCES: 'permission denied (EACCES); give this user read access, or run as the owner of the file'
}
