import { hash } from 'node:crypto'

/** Where `hex` puts its bytes together. */
const WORDS = Buffer.allocUnsafe(16)

/**
 * A stream of pseudo-random draws that depends on its key alone, so that equal keys give equal streams in
 * every process. (mulberry32; its state is the key's FNV-1a hash after murmur3's finaliser, because FNV alone
 * leaves neighbouring hours too alike.)
 */
export class Draw {
  #state: number

  constructor(key: string) {
    let hashed = 0x811c9dc5
    for (let i = 0; i < key.length; i++) hashed = Math.imul(hashed ^ key.charCodeAt(i), 0x01000193)
    hashed = Math.imul(hashed ^ (hashed >>> 16), 0x85ebca6b)
    hashed = Math.imul(hashed ^ (hashed >>> 13), 0xc2b2ae35)
    this.#state = (hashed ^ (hashed >>> 16)) | 0
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.#bits() / 0x1_0000_0000
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  /** True in `share` (0..1) of the cases. */
  chance(share: number): boolean {
    return this.fraction() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.whole(0, list.length - 1)] as T
  }

  /** Lower-case hexadecimal text; `length` is a multiple of 8, at most 32. */
  hex(length: number): string {
    const bytes = length / 2
    for (let at = 0; at < bytes; at += 4) WORDS.writeUInt32BE(this.#bits(), at)
    return WORDS.toString('hex', 0, bytes)
  }

  /** Decimal digits; the first is never 0. At most 15. */
  digits(length: number): string {
    return String(this.whole(10 ** (length - 1), 10 ** length - 1))
  }

  /** A UUID that looks like a random one (version 4). */
  uuid(): string {
    return uuidOf(this.hex(32), '4')
  }

  #bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** A UUID that looks name-based (version 3), as every Report ID seen in the wild does. */
export function namedUuid(name: string): string {
  return uuidOf(hash('md5', name, 'hex'), '3')
}

function uuidOf(hex: string, version: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16)
  // Joined, because a text that is added up stays in pieces, and there are many of these.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    version + hex.slice(13, 16),
    variant + hex.slice(17, 20),
    hex.slice(20, 32)
  ].join('-')
}
