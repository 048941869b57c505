import { isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export interface BodyText {
  /** The text in UTF-8. */
  chunks: readonly Uint8Array[]
  /** What could not be read as it should; undefined where all could. */
  fault?: string
}

/**
 * The text of a body. JSON is UTF-8 whatever a header says (RFC 8259 §8.1), and text of another charset is hardly ever
 * valid UTF-8: the charset of the Content-Type counts where the bytes are none.
 */
export function decodeBody(bytes: readonly Uint8Array[], contentType: string): BodyText {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType) ?? []
  if (!/^utf-?(16|32)/i.test(charset) && areUtf8(bytes)) return { chunks: bytes }
  const chunks = decoded(bytes, charset)
  if (chunks) return { chunks }
  return {
    chunks: transcoded(bytes, new TextDecoder()),
    fault:
      'a response has bytes that are not valid in UTF-8 or in its declared charset: each is stored as U+FFFD'
  }
}

/** Chunks of a text in UTF-8 as one. */
export function textOf(chunks: readonly Uint8Array[]): string {
  return Buffer.concat(chunks)
    .toString()
    .replace(/^\ufeff/, '')
}

function areUtf8(chunks: readonly Uint8Array[]): boolean {
  let begun: Uint8Array = new Uint8Array()
  for (const chunk of chunks) {
    const bytes = begun.length > 0 ? Buffer.concat([begun, chunk]) : chunk
    const end = endOfWhole(bytes)
    if (!isUtf8(bytes.subarray(0, end))) return false
    begun = bytes.subarray(end)
  }
  return isUtf8(begun)
}

/** Where the last character begins, which may go on in the next chunk; the end where that is ASCII. */
function endOfWhole(bytes: Uint8Array): number {
  const lead = bytes.subarray(-4).findLastIndex((byte) => byte >= 0xc0)
  return lead < 0 ? bytes.length : Math.max(bytes.length - 4, 0) + lead
}

/** undefined where the charset is unknown or the bytes are none of its text. */
function decoded(bytes: readonly Uint8Array[], charset: string): Uint8Array[] | undefined {
  try {
    return transcoded(bytes, new TextDecoder(charset, { fatal: true }))
  } catch {
    return undefined
  }
}

function transcoded(bytes: readonly Uint8Array[], decoder: TextDecoder): Uint8Array[] {
  const chunks = bytes.map((chunk) => Buffer.from(decoder.decode(chunk, { stream: true })))
  return [...chunks, Buffer.from(decoder.decode())]
}
