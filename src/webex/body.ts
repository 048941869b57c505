export interface BodyText {
  text: string
  /** What could not be read as it should; undefined where all could. */
  fault?: string
}

/**
 * The text of a body. JSON is UTF-8 whatever a header says (RFC 8259 §8.1), and text of another charset is hardly ever
 * valid UTF-8: the charset of the Content-Type counts where the bytes are none.
 */
export function decodeBody(bytes: Uint8Array, contentType: string): BodyText {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType) ?? []
  const candidates = /^utf-?(16|32)/i.test(charset) ? [charset] : ['utf-8', charset]
  for (const candidate of candidates) {
    const text = decoded(bytes, candidate)
    if (text !== undefined) return { text }
  }
  return {
    text: new TextDecoder().decode(bytes),
    fault:
      'a response has bytes that are not valid in UTF-8 or in its declared charset: each is stored as U+FFFD'
  }
}

/** undefined where the charset is unknown or the bytes are none of its text. */
function decoded(bytes: Uint8Array, charset: string): string | undefined {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
